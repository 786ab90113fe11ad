"""Attackers: damaged media, and all that a stranger may send to a server."""
