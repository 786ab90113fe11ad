"""Limits on connections, requests and messages, so that no client slows another."""
