"""Recordings: decode them, and analyse them as a live call would be."""
