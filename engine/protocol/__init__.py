"""Records and messages: what the core says, and what clients and server say to each other."""
