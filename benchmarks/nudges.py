"""Nudges on real talk: how many, how many of them wrong, and how many of the due ones.

    python -m benchmarks.nudges [--data PATH] [--json OUT] [--profile NAME]

The engine processes every labelled recording as in a live call. First ordinary good speech: nudges by
cue, all and wrong ones, in ten minutes. Then recordings altered so that a cue is due, with unaltered
controls: precision and recall of that cue, and its delay after the evidence. Last, a step of tempo.
Verdicts: ``benchmarks/nudge_verdicts.py``.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import pace_step
from benchmarks.nudge_verdicts import why_wrong
from dsp.frame import HOP
from engine.core.session import Session
from engine.cues import CUES
from engine.profile import Profile
from engine.protocol.events import Nudge
from engine.shipped import profiles
from engine.warm import drop_stale_kernels
from tests.harness.corpus import DATA
from tests.harness.labelled_speech import Labels, Talk, drones

BLOCK = 2 * HOP
"""Samples of a 20 ms packet."""


Due = Callable[[Talk], list[tuple[int, float]]]
"""Channel and time of each moment of a recording from which a nudge is due."""


class Said(NamedTuple):
    """A nudge, and why it was wrong, if it was."""

    talk: Talk
    nudge: Nudge
    wrong: str | None


def nudges_on(talk: Talk, profile: Profile, cues: Iterable[str] = CUES) -> list[Nudge]:
    """Nudges of the engine on a recording, with only these cues enabled."""
    channels = talk.samples.shape[1]
    session = Session(profile, channels)
    for cue in set(CUES) - set(cues):
        session.set_cue(cue, False)
    for start in range(0, len(talk.samples), BLOCK):
        for channel in range(channels):
            session.hear(channel, talk.samples[start : start + BLOCK, channel])
    session.finish()
    return [event for event in session.poll() if isinstance(event, Nudge)]


def judged(
    talks: Iterable[Talk], profile: Profile, cues: Iterable[str] = CUES
) -> tuple[list[Talk], list[Said]]:
    """Recordings, and every nudge on them with its verdict."""
    heard, said = [], []
    for talk in talks:
        heard.append(talk)
        said += [
            Said(talk, nudge, why_wrong(nudge, talk, profile)) for nudge in nudges_on(talk, profile, cues)
        ]
    return heard, said


def good_speech(labels: Labels, profile: Profile) -> dict[str, Any]:
    """Nudges in ten minutes of ordinary good speech, by set and by cue."""
    sets = {"read aloud": labels.read_aloud, "dialogues": labels.dialogues, "meetings": labels.meetings}
    seconds = 0.0
    said: list[Said] = []
    out: dict[str, Any] = {}
    for name, talks in sets.items():
        heard, found = judged(talks(), profile)
        length_s = sum(talk.seconds for talk in heard)
        out[name] = counted(found, length_s)
        seconds, said = seconds + length_s, said + found
    out["all"] = counted(said, seconds)
    out["all"]["list"] = [
        {
            "file": one.talk.name,
            "channel": one.nudge.channel,
            "at_s": one.nudge.at_s,
            "text": one.nudge.text,
            "value": one.nudge.evidence.value,
            "wrong": one.wrong,
        }
        for one in said
    ]
    return out


def counted(said: Sequence[Said], seconds: float) -> dict[str, Any]:
    """Nudges by cue and text in ten minutes, all and wrong ones."""
    per_ten = 600.0 / seconds if seconds else 0.0
    names = [f"{one.nudge.cue}: {one.nudge.text}" for one in said]
    wrong = [name for name, one in zip(names, said, strict=True) if one.wrong]
    return {
        "minutes": seconds / 60,
        "nudges": len(names),
        "wrong": len(wrong),
        "nudges_per_10_min": len(names) * per_ten,
        "wrong_per_10_min": len(wrong) * per_ten,
        "by_text": {
            name: {"nudges": count, "wrong": wrong.count(name)}
            for name, count in Counter(names).most_common()
        },
    }


def altered(labels: Labels, profile: Profile) -> dict[str, Any]:
    """Precision, recall and delay of the cue that each alteration is about.

    Only that cue is enabled, so that no other nudge takes its place.
    """
    read = list(labels.read_aloud())
    return {
        "0.7x length: Slow down": scored(
            "pace",
            "Slow down",
            labels.tempo(0.7),
            read,
            profile,
            hasty(profile),
        ),
        "1.4x length: Pick it up": scored(
            "pace",
            "Pick it up",
            labels.tempo(1.4),
            read,
            profile,
            sluggish(profile),
        ),
        "imposed rises: Land it": scored(
            "ending", "Land it", labels.rises(altered=True), labels.rises(altered=False), profile, second_rise
        ),
        "spliced fillers: Breathe instead": scored(
            "fillers", "Breathe instead", labels.fillers(), read, profile, second_filler
        ),
        "creak: Support your voice": scored(
            "creak",
            "Support your voice",
            labels.creaks(altered=True),
            labels.creaks(altered=False),
            profile,
            creaky,
        ),
        "monotone: Vary your tone": scored(
            "pitch_range", "Vary your tone", drones(0.3), drones(1.0), profile, lambda talk: [(0, 0.0)]
        ),
        "interruptions: Let them finish": scored(
            "interruption", "Let them finish", labels.dialogues(), [], profile, cut_in(profile), within_s=2.0
        ),
    }


def hasty(profile: Profile) -> Due:
    """Due from the first word, where the whole recording is beyond the fast limit by the margin."""
    limit_wpm = profile.pace.fast_wpm * (1 + profile.nudges.hysteresis)
    return lambda talk: [(0, talk.sides[0].speech[0][0])] if mean_wpm(talk, profile) > limit_wpm else []


def sluggish(profile: Profile) -> Due:
    """Due from the first word, where the whole recording is beyond the slow limit by the margin."""
    limit_wpm = profile.pace.slow_wpm * (1 - profile.nudges.hysteresis)
    return lambda talk: [(0, talk.sides[0].speech[0][0])] if mean_wpm(talk, profile) < limit_wpm else []


def mean_wpm(talk: Talk, profile: Profile) -> float:
    """Labelled speech rate of a recording of sentences whose pauses are all short."""
    side = talk.sides[0]
    minutes = (side.speech[-1][1] - side.speech[0][0]) / 60
    return len(side.syllables_s or ()) / profile.pace.syllables_per_word / minutes


def second_rise(talk: Talk) -> list[tuple[int, float]]:
    """Due from the second rise on."""
    return [(0, t) for t in talk.sides[0].rises_s[1:2]]


def second_filler(talk: Talk) -> list[tuple[int, float]]:
    """Due from the second filler on."""
    return [(0, end) for _, end in talk.sides[0].fillers[1:2]]


def creaky(talk: Talk) -> list[tuple[int, float]]:
    """Due from the start: a share of voiced time needs some of it."""
    return [(0, 0.0)] if talk.sides[0].creaks else []


def cut_in(profile: Profile) -> Due:
    """Due interruptions: the side's own that are ``gap_s`` apart."""

    def due(talk: Talk) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for channel, side in enumerate(talk.sides):
            last_s = -profile.nudges.gap_s
            for start, _ in side.interruptions:
                if start - last_s >= profile.nudges.gap_s:
                    found.append((channel, start))
                    last_s = start
        return found

    return due


def scored(
    cue: str,
    text: str,
    cases: Iterable[Talk],
    controls: Iterable[Talk],
    profile: Profile,
    due: Due,
    *,
    within_s: float = 60.0,
) -> dict[str, Any]:
    """Score one nudge on altered recordings and their unaltered controls.

    Parameters
    ----------
    due : when the nudge is due.
    within_s : how soon it must come.
    """
    talks, said = judged(cases, profile, [cue])
    plain, plainly = judged(controls, profile, [cue])
    mine = [one for one in said if one.nudge.text == text]
    false = [one for one in plainly if one.nudge.text == text]
    delays: list[float] = []
    wanted = 0
    for talk in talks:
        for channel, since_s in due(talk):
            wanted += 1
            times = [
                one.nudge.at_s - since_s
                for one in mine
                if one.talk is talk and one.nudge.channel == channel and one.wrong is None
            ]
            late = [t for t in times if 0 <= t <= within_s]
            delays += late[:1]
    right = sum(one.wrong is None for one in mine + false)
    return {
        "wanted": wanted,
        "came": len(delays),
        "recall": len(delays) / wanted if wanted else None,
        "nudges": len(mine),
        "nudges_on_controls": len(false),
        "precision": right / len(mine + false) if mine or false else None,
        "median_delay_s": statistics.median(delays) if delays else None,
        "longest_delay_s": max(delays, default=None),
        "recordings": [len(talks), len(plain)],
    }


def steps(labels: Labels, profile: Profile) -> dict[str, float | None]:
    """Seconds from a step of tempo to "Slow down", by stream."""
    made = [*pace_step.of_readers(labels, profile), *pace_step.of_the_packaged_voice(profile)]
    return {step.name: pace_step.first_slow_down(step, profile) for step in made}


def shown(report: dict[str, Any]) -> str:
    """Format the report as tables."""
    lines = ["Ordinary good speech", ""]
    for name, one in report["good"].items():
        lines.append(
            f"{name}: {one['minutes']:.1f} min, {one['nudges']} nudges ({one['nudges_per_10_min']:.1f} in "
            f"10 min), {one['wrong']} wrong ({one['wrong_per_10_min']:.1f} in 10 min)"
        )
        if name == "all":
            lines += [
                f"    {text:34} {n['nudges']:3} nudges {n['wrong']:3} wrong"
                for text, n in one["by_text"].items()
            ]
    wrong = [one for one in report["good"]["all"]["list"] if one["wrong"]]
    lines += ["", "Wrong ones"] + [
        f"    {one['file']} channel {one['channel']} at {one['at_s']:.2f} s: {one['text']} "
        f"({one['value']:.2f}): {one['wrong']}"
        for one in wrong
    ]
    lines += ["", f"{'Altered':34} {'recall':>12} {'precision':>10} {'controls':>9} {'delay s':>14}"]
    for name, one in report["altered"].items():
        lines.append(
            f"{name:34} {one['came']:4} of {one['wanted']:4} {_percent(one['precision']):>10} "
            f"{one['nudges_on_controls']:9} {_seconds(one['median_delay_s']):>6} to "
            f"{_seconds(one['longest_delay_s'])}"
        )
    lines += [
        "",
        f"Step from {pace_step.SLOW_WPM:.0f} to {pace_step.FAST_WPM:.0f} words a minute: to Slow down",
    ]
    delays = [math.inf if delay is None else delay for delay in report["step"].values()]
    lines += [f"    {name:20} {_seconds(delay)} s" for name, delay in report["step"].items()]
    lines += [f"    {'median':20} {statistics.median(delays):.1f} s"]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; the status is 2 when there are no recordings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nudges", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of labelled recordings")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument("--profile", default="conversation", help="a shipped profile")
    asked = parser.parse_args(argv)
    try:
        labels = Labels(asked.data)
    except FileNotFoundError as error:
        print(f"nudges: {error}; --data names another folder", file=sys.stderr)
        return 2
    drop_stale_kernels()
    profile = profiles.load(asked.profile)
    report = {
        "good": good_speech(labels, profile),
        "altered": altered(labels, profile),
        "step": steps(labels, profile),
    }
    print(shown(report))
    if asked.json is not None:
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
