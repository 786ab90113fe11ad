"""A programme of one's own: the shipped one, with names and a question that no other has."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

SKILL = "teamwork"
INTERVIEW = "stand-up"
QUESTION = "Take us through a fault that you once looked for."

_RENAMED = {
    '"collaboration"': f'"{SKILL}"',
    '"extreme ownership"': f'"{INTERVIEW}"',
    "Take me through a fault that you once looked for, from the first symptom to its cause. "
    "I will interrupt.": QUESTION,
}


def own_programme(folder: Path) -> str:
    """Write it as ``mine.toml``; return the file's name."""
    text = (resources.files("engine.shipped.programmes") / "four-weeks.toml").read_text("utf-8")
    for shipped, own in _RENAMED.items():
        assert shipped in text, shipped
        text = text.replace(shipped, own)
    file = folder / "mine.toml"
    file.write_text(text, "utf-8")
    return str(file)
