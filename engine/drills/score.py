"""Judge how a speaker handled one event of a drill.

An event is judged by what it asks for. An interrupted speaker should stop soon and resume soon, or hold
the floor where the drill says so; a backchannel or a noise should be talked through; a silence should be
kept. After each, the speaker should sound as before: the next 10 s are compared with their own 30 s before.
Steadiness counts only as far as the speaker did what the event asks for: talking through an interruption
is steady, but it isn't composure. How sensitive scores are to the constants below is not measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from engine.language.said import Said
from engine.language.thread import compare_thread
from engine.protocol.drill_results import Changes, JudgedBy, Manner, Parts, StepResult, Thread
from engine.protocol.terms import Do

from .history import BREATH_S, EARLY_S, Record
from .plan import Planned
from .texts import changed, happened, try_next

BEFORE_S, AFTER_S = 30.0, 10.0
"""Times before and after an event that are compared."""

UNJUDGED: frozenset[Do] = frozenset({"ask", "clarify", "react"})
"""Steps that ask nothing of the speaker's composure."""

CONTEST: frozenset[Do] = frozenset({"barge_in", "challenge", "impatience", "talk_over", "trouble"})
"""Steps in which someone wants the floor."""

FORMULA = 2
"""Version of the formula of composure, kept on each card: only figures of one version can be compared."""

LONGEST_OVER_S = 3.0
"""Overlap, before yielding or by resuming early, from which on the part ``floor`` is 0."""

LISTENING_S = 0.7
"""Speech under this while they talk is a "mm-hm", not resuming (``dsp.turn_taking.TURN_HOPS``)."""

PROMPT_S, LONGEST_RESUME_S = 0.5, 8.0
"""Times to resume at which the part ``resume`` is 1, and 0."""

GAP_S = 1.0
"""Shortest silence that counts as a gap; a shorter one is a pause of the speaker's own."""

LONGEST_GAP_S = 3.0
"""Gap from which on the part ``floor`` is 0, where the speaker should have talked on."""

TOLERANCES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "pace": (0.06, 0.30),
        "pitch_st": (1.0, 5.0),
        "range_st": (1.0, 4.0),
        "level_db": (2.0, 8.0),
        "fillers_per_min": (3.0, 21.0),
        "pauses": (0.15, 0.50),
    }
)
"""Of each change: up to the first it costs nothing (people vary by it), from the second on it costs all."""

WORSE_ABOVE = frozenset({"fillers_per_min", "pauses"})
"""Changes of which only an increase costs."""

WEIGHTS: Mapping[str, float] = MappingProxyType({"floor": 0.25, "resume": 0.25, "steadiness": 0.5})

ONSET_S = 0.7
"""Time at the beginning of what is said next: a new start is higher in pitch than a resumed thread."""

THREAD_S = 20.0
"""Time before an event whose words are the thread that it cuts. Not measured."""

WORD_EARLY_S = 0.4
"""Error of a word's start towards early, 90th percentile."""

ANEW_ST, ANEW_PACE = 2.0, 0.3
"""Pitch above the speaker's median, and relative change of pace, from which on it is a new start."""


def judge(
    step: Planned,
    record: Record,
    *,
    start_s: float,
    end_s: float,
    until_s: float,
    syllables_per_word: float,
    said: Said | None = None,
    others: Iterable[str] = (),
) -> StepResult:
    """Judge one event.

    Parameters
    ----------
    step : what was done.
    record : the speaker.
    start_s, end_s : when the voice or the sound began and was over.
    until_s : when the next one began, or now: what comes later doesn't belong to it.
    syllables_per_word : to turn syllables into words.
    said : the speaker's words, where any are heard.
    others : words that tell of no thread: of the question, and of what the other side said.
    """
    talking = record.talking_at(start_s)
    stopped_s = record.stopped(start_s, _end_of_contest(step.do, end_s)) if talking else None
    spoke_s = _spoke(record, step.do, start_s, end_s, stopped_s, talking=talking)
    if spoke_s is not None and spoke_s > until_s:
        spoke_s = None
    contest = step.do in CONTEST
    resume_s = None if spoke_s is None or (talking and stopped_s is None) else spoke_s - end_s
    early_s = max(0.0, -resume_s) if contest and resume_s is not None else 0.0
    kept = talking and (stopped_s is None or early_s > 0.0)
    gap_s = None
    if step.do in ("distraction", "backchannel") and talking:
        longest_s = record.longest_silence(start_s, end_s + BREATH_S)
        gap_s = longest_s if longest_s >= GAP_S else 0.0
    from_s = start_s if step.do in ("distraction", "backchannel") or not contest else end_s
    if contest and talking and stopped_s is None:
        from_s = start_s
    elif spoke_s is not None and step.do != "distraction" and step.do != "backchannel":
        from_s = spoke_s
    before = record.manner(max(record.start_s, start_s - BEFORE_S), start_s, syllables_per_word)
    after = record.manner(from_s, max(from_s, min(from_s + AFTER_S, until_s)), syllables_per_word)
    changes = compare(before, after, min(AFTER_S, until_s - from_s))
    thread: Thread = "unsure"
    thread_by: JudgedBy = "sound"
    if contest:
        thread, thread_by = _thread(record, before, after, spoke_s), "sound"
        by_words = (
            None if said is None or spoke_s is None else _thread_by_words(said, start_s, spoke_s, others)
        )
        if by_words is not None:
            thread, thread_by = by_words, "words"
    parts = Parts(
        floor=_floor(step, start_s, end_s, stopped_s, spoke_s, gap_s, early_s, talking=talking, kept=kept),
        resume=_resume(step, resume_s, early_s, until_s - end_s, asked=not talking or stopped_s is not None),
        steadiness=steadiness(changes) if step.do not in UNJUDGED else None,
    )
    result = StepResult(
        do=step.do,
        role=step.role if step.lines else None,
        said=step.lines[0] if step.lines else None,
        sound=step.sound,
        hold_floor=step.hold_floor,
        start_s=start_s,
        end_s=end_s,
        talking=talking,
        yield_s=None if stopped_s is None else stopped_s - start_s,
        resume_s=resume_s,
        gap_s=gap_s,
        held_floor=kept if contest and talking else None,
        thread=thread,
        thread_by=thread_by,
        before=before,
        after=after,
        changes=changes,
        parts=parts,
        composure=None if step.do in UNJUDGED else composure(parts),
        happened="",
        changed="",
        try_next=None,
    )
    return _worded(result)


def compare(before: Manner, after: Manner, after_s: float) -> Changes:
    """Return the changes; ``after_s`` is the length of the time after."""

    def both(name: str) -> tuple[float, float] | None:
        first, second = getattr(before, name), getattr(after, name)
        return None if first is None or second is None else (first, second)

    def difference(name: str) -> float | None:
        pair = both(name)
        return None if pair is None else pair[1] - pair[0]

    pace, pitch = both("pace_wpm"), both("f0_hz")
    told = before.pauses is not None and after.pauses is not None
    return Changes(
        pace=None if pace is None or not pace[0] else pace[1] / pace[0] - 1.0,
        pitch_st=None if pitch is None else 12.0 * math.log2(pitch[1] / pitch[0]),
        range_st=difference("f0_sd_st"),
        level_db=difference("level_dbfs"),
        fillers_per_min=_rate(after, after_s) - _rate(before, None) if told else None,
        pauses=difference("pauses"),
    )


def steadiness(changes: Changes) -> float | None:
    """Return one minus the root mean square of the costs of all known changes, 0..1."""
    costs = []
    for name, (free, all_of_it) in TOLERANCES.items():
        change = getattr(changes, name)
        if change is not None:
            size = change if name in WORSE_ABOVE else abs(change)
            costs.append(min(1.0, max(0.0, (size - free) / (all_of_it - free))))
    if len(costs) < 2:
        return None
    return 1.0 - math.sqrt(sum(cost * cost for cost in costs) / len(costs))


def composure(parts: Parts) -> float | None:
    """Return 10 × (0.25 floor + 0.25 resume + 0.5 floor × steadiness).

    The weight of an unknown part goes to the others; where the floor is unknown, steadiness counts in full.
    """
    floor, steady = parts.floor, parts.steadiness
    if floor is not None and steady is not None:
        steady *= floor
    found = {"floor": floor, "resume": parts.resume, "steadiness": steady}
    known = [(WEIGHTS[name], part) for name, part in found.items() if part is not None]
    if not known:
        return None
    return 10.0 * sum(weight * part for weight, part in known) / sum(weight for weight, _ in known)


# --- inside --------------------------------------------------------------------


def _end_of_contest(do: Do, end_s: float) -> float:
    """Return the time until which a stop counts as caused by the event."""
    return end_s + BREATH_S if do in ("backchannel", "distraction") else end_s


def _spoke(
    record: Record, do: Do, start_s: float, end_s: float, stopped_s: float | None, *, talking: bool
) -> float | None:
    """Return when the speaker spoke again; a "mm-hm" while the other side talks is listening."""
    if stopped_s is not None:
        spoke_s = record.spoke(stopped_s)
        if do not in CONTEST:
            return spoke_s
        spoken = (one for one in record.speech(stopped_s) if one[0] >= stopped_s)
        return next((a for a, b in spoken if b >= end_s or b - a >= LISTENING_S), None)
    return record.spoke(start_s) if not talking or do == "silence" else record.spoke(end_s)


def _floor(
    step: Planned,
    start_s: float,
    end_s: float,
    stopped_s: float | None,
    spoke_s: float | None,
    gap_s: float | None,
    early_s: float,
    *,
    talking: bool,
    kept: bool,
) -> float | None:
    if step.do == "silence":
        if spoke_s is None and end_s - start_s < step.for_s:
            return None
        return min(1.0, ((spoke_s if spoke_s is not None else end_s) - start_s) / step.for_s)
    if not talking:
        return None
    if step.do in ("distraction", "backchannel"):
        return None if gap_s is None else max(0.0, 1.0 - gap_s / LONGEST_GAP_S)
    if step.do not in CONTEST:
        return None
    if step.hold_floor:
        return float(kept)
    if stopped_s is None:
        return 0.0
    return max(0.0, 1.0 - (stopped_s - start_s + early_s) / LONGEST_OVER_S)


def _resume(
    step: Planned, resume_s: float | None, early_s: float, waited_s: float, *, asked: bool
) -> float | None:
    if step.do not in CONTEST or not asked:
        return None
    if resume_s is None:
        return 0.0 if waited_s >= LONGEST_RESUME_S else None
    if early_s and not step.hold_floor:
        return max(0.0, 1.0 - max(0.0, early_s - EARLY_S) / (LONGEST_OVER_S - EARLY_S))
    return max(0.0, 1.0 - max(0.0, resume_s - PROMPT_S) / (LONGEST_RESUME_S - PROMPT_S))


def _rate(manner: Manner, length_s: float | None) -> float:
    """Return fillers a minute of the speaker's own time, taken as 5 s at least (10 s before the event)."""
    own_s = manner.speech_s / max(0.05, 1.0 - (manner.pauses or 0.0))
    return 60.0 * manner.fillers / max(own_s, AFTER_S if length_s is None else length_s, AFTER_S / 2)


def _thread(record: Record, before: Manner, after: Manner, spoke_s: float | None) -> Thread:
    if spoke_s is None or before.f0_hz is None:
        return "unsure"
    onsets_st = record.onsets_st(spoke_s, spoke_s + ONSET_S, ONSET_S)
    if not onsets_st:
        return "unsure"
    above_st = onsets_st[0] - 12.0 * math.log2(before.f0_hz)
    pace = 0.0
    if before.pace_wpm and after.pace_wpm:
        pace = after.pace_wpm / before.pace_wpm - 1.0
    return "anew" if above_st > ANEW_ST or abs(pace) > ANEW_PACE else "resumed"


def _thread_by_words(
    said: Said, start_s: float, spoke_s: float, others: Iterable[str]
) -> Literal["resumed", "anew"] | None:
    """Whether the words after it take up those before it; None where they aren't known, or don't tell."""
    since_s = start_s - THREAD_S
    if said.missed(since_s):
        return None
    before = [word for word in said.since(since_s) if word.start_s <= start_s]
    after = [word for word in said.since(spoke_s - WORD_EARLY_S) if word.start_s > start_s]
    return compare_thread(before, after, others)


def _worded(result: StepResult) -> StepResult:
    return replace(result, happened=happened(result), changed=changed(result), try_next=try_next(result))
