"""The engine: samples in, events and nudges out, and the shells around that core.

``protocol``, ``profile``, ``cues``, ``drills`` and ``core`` are pure: no clock, no socket, no thread, no
randomness. ``media`` and ``server`` are the shells. ``tests/test_import_rules.py`` holds who may import whom.
"""

"""The engine: samples in, events and nudges out, and the shells around that core.

``protocol``, ``profile``, ``cues``, ``drills`` and ``core`` are pure: no clock, no socket, no thread, no
randomness. ``media`` and ``server`` are the shells. ``tests/test_import_rules.py`` holds who may import whom.
"""
