"""What went well and what needs work, from a session's measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.profile import Profile
from engine.protocol.events import Nudge
from engine.protocol.measures import ChannelMeasures
from engine.protocol.messages import Finding

MOST = 3
LEAST_SPEECH_S = 10.0
ALMOST_NONE_PER_MIN = 0.5
"""Below this, a rate of fillers is worded without a figure."""


class _Check(NamedTuple):
    cue: str
    measure: str
    """The field that it rests on."""
    beyond: float
    """How far outside the target, as a share of it; 0 or less is inside."""
    good: str
    work: str


def findings(measures: ChannelMeasures, profile: Profile, nudges: Sequence[Nudge] = ()) -> list[Finding]:
    """Return at most three sentences: what needs work, the weightiest first, then what went well.

    What was nudged is not praised, even where its measure over the session is fine. An unsure measure gives
    no sentence.
    """
    if measures.speech_s < LEAST_SPEECH_S:
        return []
    checks = []
    for check in _checks(measures, profile):
        given = [n for n in nudges if n.cue == check.cue and n.tone == "change"]
        if profile.cue_on(check.cue) and (given or check.measure not in measures.unsure):
            checks.append(_with_nudges(check, given, sure=check.measure not in measures.unsure))
    work = sorted((c for c in checks if c.beyond > 0), key=lambda c: -c.beyond)
    well = sorted((c for c in checks if c.beyond <= 0), key=lambda c: c.beyond)
    kept = work[: MOST - 1] if well else work[:MOST]
    chosen = [*kept, *well[: MOST - len(kept)]]
    return [Finding(cue=c.cue, good=c.beyond <= 0, text=c.work if c.beyond > 0 else c.good) for c in chosen]


def _with_nudges(check: _Check, given: list[Nudge], *, sure: bool) -> _Check:
    if not given or (sure and check.beyond > 0):
        return check
    last = given[-1]
    times = _times(len(given))
    minutes, seconds = divmod(int(last.at_s), 60)
    latest = f"{'' if len(given) == 1 else 'last at '}{minutes}:{seconds:02d}"
    work = f"You were told “{last.text}” {times} ({latest})."
    return check._replace(beyond=0.01 * len(given), work=work)


def outside_is_known(m: ChannelMeasures, p: Profile) -> bool:
    """Whether a pace that is not comfortable is so by more than its error; true of a comfortable one."""
    wpm, error_wpm = m.pace_wpm or 0.0, m.pace_error_wpm or 0.0
    beyond = max(wpm - p.pace.fast_wpm, p.pace.slow_wpm - wpm)
    return beyond <= 0.0 or beyond > error_wpm


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _checks(m: ChannelMeasures, p: Profile) -> Iterator[_Check]:
    if m.pace_wpm is not None and outside_is_known(m, p):
        target = f"{p.pace.slow_wpm:.0f} to {p.pace.fast_wpm:.0f}"
        slow = m.pace_wpm < p.pace.slow_wpm
        yield _Check(
            "pace",
            "pace_wpm",
            max(m.pace_wpm / p.pace.fast_wpm - 1, 1 - m.pace_wpm / p.pace.slow_wpm),
            f"Your pace was easy to follow: about {m.pace_wpm:.0f} words a minute.",
            f"You spoke {'slowly' if slow else 'fast'}: about {m.pace_wpm:.0f} words a minute; "
            f"{target} is comfortable.",
        )
    alone = m.exchange is None
    longest_s = p.check_in.limit_s(alone=alone)
    if longest_s is not None:
        spoke = f"You spoke for {m.longest_stretch_s:.0f} seconds"
        yield _Check(
            "check_in",
            "longest_stretch_s",
            m.longest_stretch_s / longest_s - 1,
            f"You kept it short: at most {m.longest_stretch_s:.0f} seconds without a break."
            if alone
            else "You let the other person in: "
            f"at most {m.longest_stretch_s:.0f} seconds without a pause for them.",
            f"{spoke} without a break; finish within {longest_s:.0f}."
            if alone
            else f"{spoke} without pausing for the other person; check in after {longest_s:.0f}.",
        )
    if m.f0_sd_st is not None:
        kind = "lively" if m.f0_sd_st > p.pitch_range.lively_st else "varied"
        yield _Check(
            "pitch_range",
            "f0_sd_st",
            1 - m.f0_sd_st / p.pitch_range.flat_st,
            f"Your voice was {kind}: pitch varied by {m.f0_sd_st:.1f} semitones.",
            f"Your voice was flat: pitch varied by {m.f0_sd_st:.1f} semitones; "
            f"aim for {p.pitch_range.flat_st:.1f}.",
        )
    if m.fillers_per_min is not None:
        yield _Check(
            "fillers",
            "fillers_per_min",
            m.fillers_per_min / p.fillers.per_min - 1,
            "Almost no fillers."
            if m.fillers_per_min < ALMOST_NONE_PER_MIN
            else f"Few fillers: {m.fillers_per_min:.1f} a minute.",
            f"{m.fillers_per_min:.1f} fillers (“um”, “uh”) a minute; "
            f"fewer than {p.fillers.per_min:.0f} go unnoticed.",
        )
    if m.endings:
        share = m.rises / m.endings
        yield _Check(
            "ending",
            "rises",
            share / 0.25 - 1,
            "Your statements ended firmly.",
            f"{m.rises} of {m.endings} endings rose; let statements end lower.",
        )
    if m.creak_share is not None:
        yield _Check(
            "creak",
            "creak_share",
            m.creak_share / p.creak.creak_share - 1,
            f"Your voice was clear: {100 * m.creak_share:.0f}\u00a0% of it creaked.",
            f"{100 * m.creak_share:.0f}\u00a0% of your voice creaked; breathe in before long phrases.",
        )
    if m.talk_share is not None:
        yield _Check(
            "talk_share",
            "talk_share",
            m.talk_share / p.talk_share.high - 1,
            f"You left room for both: you did {100 * m.talk_share:.0f}\u00a0% of the talking.",
            f"You did {100 * m.talk_share:.0f}\u00a0% of the talking; ask more questions.",
        )
        yield _Check(
            "interruption",
            "interruptions",
            float(m.interruptions) if m.interruptions else -0.5,
            "You let the other person finish.",
            f"You interrupted the other person {_times(m.interruptions)}.",
        )
