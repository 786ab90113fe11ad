"""Figures of the peers as the yardstick's own account prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .yardstick import SetScores


def printed_peers(text: str) -> dict[str, dict[str, SetScores]]:
    """Parse the figures in the yardstick's account of the peers."""
    scores: dict[str, dict[str, SetScores]] = {}
    for section in text.split("\n## ")[1:]:
        task, _, body = section.partition("\n")
        found: dict[str, dict[str, dict[str, float | None]]] = {}
        for name, group, key, figure in (*_crossed(body), *_listed(body)):
            found.setdefault(f"peers:{name}", {}).setdefault(group, {})[key] = figure
        scores[task.strip()] = {name: dict(groups) for name, groups in found.items()}
    return scores


def _crossed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Parse Markdown tables of one measure: a row per estimator, a column per set."""
    key, groups = "", [""]
    for line in body.splitlines():
        if line.startswith("`"):
            key = line.split("`")[1]
        elif line.startswith("|") and not line.startswith("|---"):
            name, *texts = (part.strip() for part in line.strip("|").split("|"))
            if name == "estimator":
                groups = [_set(text) for text in texts]
            else:
                for group, text in zip(groups, texts, strict=True):
                    yield name, group, key, _figure(text)


def _set(column: str) -> str:
    """Name of a set, from the heading of a column."""
    if column == "world+noise":
        return "world in 10 dB noise"
    return re.sub(r"^(fda|world) ", r"\1, ", column)


def _listed(body: str) -> Iterator[tuple[str, str, str, float | None]]:
    """Parse tables as the yardstick prints them: a line per set and estimator, a column per measure."""
    keys: list[str] = []
    for line in body.partition("```\n")[2].partition("```")[0].splitlines():
        parts = re.split(r"\s{2,}", line.strip())
        if len(parts) < 3:
            continue
        group, estimator, *texts = parts
        if estimator == "estimator":
            keys = texts
        else:
            for key, text in zip(keys, texts, strict=True):
                yield estimator.removeprefix("peers:"), group, key, _figure(text)


def _figure(text: str) -> float | None:
    return None if text == "-" else float(text)
