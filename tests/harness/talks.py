"""Talk made by hand: the events of someone who says a text, with words that become known a second late."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from engine.core.nudges import Policy
from engine.cues import CUES
from engine.language.transcript import Transcript
from engine.profile import Profile
from engine.protocol import events as ev

from .readings import reading

WORD_S = 0.4
"""150 words a minute."""

LATE_S = 1.0


def talk(
    text: str,
    start_s: float = 0.0,
    *,
    silence_s: float = 0.0,
    contour: ev.Contour = "fall",
    cut: int = 5,
    late_s: float = LATE_S,
    confidence: float = 0.9,
    words: bool = True,
    channel: int = 0,
    stretch_from_s: float | None = None,
    missed: tuple[float, float] | None = None,
) -> list[ev.AnyEvent]:
    """Make the events of a text that is said without a pause, and of the silence after it.

    Parameters
    ----------
    silence_s : how long they are silent then.
    contour : of its end.
    cut : words in each event.
    late_s : from the end of the last word of an event until it is known.
    words : whether words are heard.
    stretch_from_s : since when they have talked without offering the floor; since ``start_s`` unless given.
    missed : a span of which no words are known.
    """
    said = [
        replace(
            one,
            start_s=round(start_s + one.start_s, 4),
            end_s=round(start_s + one.end_s, 4),
            confidence=confidence,
        )
        for one in Transcript.of_text(text).words
    ]
    end_s = said[-1].end_s
    begun_s = start_s if stretch_from_s is None else stretch_from_s
    events: list[ev.AnyEvent] = [
        ev.SpeechStarted(start_s=start_s, at_s=start_s + 0.1, channel=channel),
        ev.PhraseEnded(
            start_s=start_s, end_s=end_s, contour=contour, change_st=None, confidence=0.9, at_s=end_s + 0.25,
            channel=channel,
        ),
        ev.PauseStarted(start_s=end_s, speech_s=end_s - start_s, at_s=end_s + 0.25, channel=channel),
    ]  # fmt: skip
    for quarter in range(round(start_s * 4) + 1, round((end_s + silence_s) * 4) + 1):
        at_s = quarter / 4
        quiet_s = max(0.0, at_s - end_s)
        on = reading(
            at_s,
            channel,
            talking=at_s <= end_s,
            silence_s=quiet_s,
            stretch_s=at_s - begun_s if quiet_s < 1.5 else 0.0,
        )
        events.append(on)
    if words:
        for first in range(0, len(said), cut):
            part = [
                one
                for one in said[first : first + cut]
                if missed is None or one.end_s <= missed[0] or one.start_s >= missed[1]
            ]
            if part:
                events.append(
                    ev.Words(
                        words=part, start_s=part[0].start_s, end_s=part[-1].end_s, confidence=confidence,
                        source="test", at_s=part[-1].end_s + late_s, channel=channel,
                    )
                )  # fmt: skip
    if missed is not None:
        events.append(
            ev.WordsMissed(
                start_s=missed[0], end_s=missed[1], why="busy", confidence=1.0, source="test",
                at_s=missed[1] + late_s, channel=channel,
            )
        )  # fmt: skip
    return events


def ordered(events: Iterable[ev.AnyEvent]) -> list[ev.AnyEvent]:
    """Put events in order of time, facts before readings, and give them their places."""
    in_time = sorted(events, key=lambda event: (event.at_s, isinstance(event, ev.Reading)))
    return [replace(event, seq=seq) for seq, event in enumerate(in_time)]


def nudged(events: Iterable[ev.AnyEvent], profile: Profile, channel: int = 0) -> list[ev.Nudge]:
    """Return the nudges that a speaker gets."""
    said: list[tuple[ev.Nudge | ev.NudgeCleared, ev.AnyEvent]] = []
    now: list[ev.AnyEvent] = []
    policy = Policy(profile, channel, lambda event: said.append((event, now[-1])))
    for event in ordered(events):
        now.append(event)
        policy.observe(event)
    return [replace(one, at_s=at.at_s) for one, at in said if isinstance(one, ev.Nudge)]


def only(profile: Profile, cue: str) -> Profile:
    """Return a profile with all other cues off."""
    off = {name: replace(getattr(profile, name), on=False) for name in CUES if name != cue}
    return replace(profile, **off)


def told(events: Sequence[ev.AnyEvent], profile: Profile, cue: str | None = None) -> list[tuple[str, float]]:
    """Return text and time of each nudge; with a cue, all others off."""
    used = profile if cue is None else only(profile, cue)
    return [(one.text, one.at_s) for one in nudged(events, used)]
