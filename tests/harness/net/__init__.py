"""A crowd of speakers over real connections, and a relay that loses packets by a seed."""
