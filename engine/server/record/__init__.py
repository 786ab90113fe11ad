"""The record of a server: whose it is, what may be kept, and what of a session is handed to the store."""
