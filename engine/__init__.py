"""Sottovoce's engine: frames to events to nudges, and the shells around that core.

The modules directly in this folder and ``engine.cues`` are the core: no clock, no
socket, no thread, no randomness (``tests/test_import_rules.py`` holds them to it).
``engine.media``, ``engine.server`` and ``engine.cli`` are the shells.
"""
