"""Live sessions: one call each, its connection, its readers and its load."""
