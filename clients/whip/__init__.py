"""A WHIP publisher without a browser."""
