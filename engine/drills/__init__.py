"""Drills: interrupt the speaker on purpose, and judge how they handle it."""
