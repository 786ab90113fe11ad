"""Calls of two: rooms, seats, and the time line that both speakers share."""
