"""Thresholds and settings of all cues: what counts as fast, flat or long, and when to nudge.

A profile is a TOML file. It may set any key, and takes the rest from the shipped profile that it
``extends``, or from the defaults. ``records.py`` has the tables and defaults, ``reading.py`` parses and
checks a file; ``engine.shipped.profiles`` finds one by its name.
"""

from .reading import Setting, check, parse, settings
from .records import Cue, Nudges, Pace, Profile

__all__ = ["Cue", "Nudges", "Pace", "Profile", "Setting", "check", "parse", "settings"]
