"""Processes beside the one that people see: how they are begun, asked and ended."""
