"""Placement: which worker holds a session."""
