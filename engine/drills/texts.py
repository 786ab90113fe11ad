"""Sentences about a drill, made from its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.protocol.drill_results import Listened, MoodResult, StepResult
from engine.protocol.terms import Level, ListensFor

from .history import EARLY_S
from .script import Drill

SOUND_NAMES = {
    "desk_tapping": "Someone tapped on the desk",
    "keyboard": "Someone typed",
    "phone_ring": "A phone rang",
    "door_knock": "Someone knocked at the door",
    "notification": "A notification sounded",
    "chair": "A chair scraped",
    "murmur": "People murmured behind you",
}

WHAT = {
    "ask": "They asked",
    "barge_in": "They cut in",
    "challenge": "They challenged you",
    "impatience": "They were impatient",
    "talk_over": "They kept talking",
    "backchannel": "They said",
    "clarify": "You asked and they explained",
    "react": "They answered",
    "trouble": "Their voice broke up",
}

WILL = {
    "ask": "asks you a question",
    "barge_in": "cuts in",
    "challenge": "challenges what you say",
    "impatience": "gets impatient",
    "talk_over": "keeps talking over you",
    "backchannel": "says “mm-hm” while you talk",
    "clarify": "explains the question if you ask",
    "silence": "says nothing for a while",
    "distraction": "something distracts you",
    "trouble": "breaks up, as on a bad connection",
}

HEARS = "With words on, what you say is heard and moves them"

NOTABLE = {
    "pace": 0.08,
    "pitch_st": 1.0,
    "range_st": 1.0,
    "level_db": 2.0,
    "fillers_per_min": 3.0,
    "pauses": 0.15,
}
"""Changes below these aren't worth a word: people vary as much."""

WELL = 7.0
"""Composure from which on there is nothing to correct."""

WENT_WELL = "Keep it up."
TOO_LITTLE_HERE = "You said too little to judge."
KEEP_ON = "That went well. Try a harder level, or another drill."
SAY_IT: Mapping[ListensFor, str] = {
    "question": "We didn't hear you ask a question. Ask one before you answer.",
    "check_in": "We didn't hear you check in. Give the headline, then ask: “Shall I go on?”",
    "other_view": "We didn't hear you name their view. Say it before your own: “I see why you …”",
}
"""What to try after a drill that listened for something and didn't hear it."""
LET_THEM_FINISH = "Wait for their last word, breathe in, then resume."
DID_IT = "You did what this drill trains. Take a harder level, or another drill."
TOO_LITTLE = "You said too little to judge. Run it again and keep talking."


def announced(drill: Drill, level: Level) -> list[str]:
    """What a drill will do at a difficulty, without when or in which order."""
    all_steps = [step for step in drill.step if drill.adapts or level in step.levels]
    steps = [step for step in all_steps if not step.by_words]
    said = []
    for do in dict.fromkeys(step.do for step in steps):
        times = sum(step.times for step in steps if step.do == do)
        who = "" if do == "distraction" else f"The {drill.person} "
        said.append(
            f"{who}{WILL[do]}"[0].upper() + f"{who}{WILL[do]}"[1:] + (f", {times} times" if times > 1 else "")
        )
    if len(steps) < len(all_steps):
        said.append(HEARS)
    return said


def happened(result: StepResult) -> str:
    """What they did and what you did."""
    if result.do == "distraction":
        return f"{SOUND_NAMES[result.sound or 'murmur']}. {_gap(result, 'You kept talking.')}"
    if result.do == "silence":
        kept_s = (
            result.end_s - result.start_s
            if result.resume_s is None
            else result.resume_s + (result.end_s - result.start_s)
        )
        length = f"{result.end_s - result.start_s:.1f} s"
        if result.resume_s is None or result.resume_s >= 0.0:
            return f"They said nothing for {length}. You stayed silent."
        return f"They said nothing for {length}. You spoke after {kept_s:.1f} s."
    lead = f"{WHAT[result.do]}: “{result.said}”"
    if result.do == "backchannel":
        return f"{lead} {_gap(result, 'You kept talking, which is right.')}"
    if result.do in ("ask", "clarify", "react"):
        return lead if result.resume_s is None else f"{lead} {_answered(result.resume_s)}"
    return f"{lead} {_contest(result)}"


def changed(result: StepResult) -> str:
    """How you spoke after it, against before."""
    changes = result.changes
    if all(getattr(changes, name) is None for name in NOTABLE):
        return "You said too little before or after it to compare."
    said = [
        _change(changes.pace, "pace", "spoke {:.0%} faster", "spoke {:.0%} slower"),
        _change(
            changes.pitch_st, "pitch_st", "spoke {:.1f} semitones higher", "spoke {:.1f} semitones lower"
        ),
        _change(
            changes.range_st,
            "range_st",
            "varied your tone by {:.1f} semitones more",
            "varied your tone by {:.1f} semitones less",
        ),
        _change(changes.level_db, "level_db", "were {:.0f} dB louder", "were {:.0f} dB softer"),
        _change(changes.pauses, "pauses", "paused more", "paused less"),
        _change(changes.fillers_per_min, "fillers_per_min", "used {:.0f} more fillers a minute", ""),
    ]
    known = [one for one in said if one]
    return f"You then {_listed(known)}." if known else "You sounded the same as before."


def try_next(result: StepResult) -> str | None:
    """The one thing to do otherwise: about what cost the most."""
    if result.composure is None or result.composure >= WELL:
        return None
    parts = result.parts
    losses = {"floor": parts.floor, "resume": parts.resume, "steadiness": parts.steadiness}
    worst = min(
        (name for name, part in losses.items() if part is not None), key=lambda name: losses[name] or 0.0
    )
    if worst == "floor":
        if result.do == "silence":
            return "When your answer is complete, breathe out and count to five."
        if result.do == "backchannel":
            return "“Mm-hm” isn't a question: keep talking."
        if result.do == "distraction":
            return "Finish your sentence: the noise isn't for you."
        if result.hold_floor:
            return "Say “Let me finish this one point”, and finish it."
        if _early(result):
            return LET_THEM_FINISH
        return "When someone cuts in, stop at the next word. You lose nothing, and they listen afterwards."
    if worst == "resume":
        if _early(result):
            return LET_THEM_FINISH
        return "Have a sentence ready that takes you back: “Good point. As I was saying …”"
    return _steadier(result)


def closing(
    results: Iterable[StepResult],
    overall: float | None,
    *,
    missing: ListensFor | None = None,
    listened: Listened | None = None,
    mood: MoodResult | None = None,
    conducted: bool = False,
) -> str:
    """The one thing to try in the next run.

    ``missing``: what the drill listened for, and they never said. ``listened``: whether they said it.
    ``mood``: where the other side's went. ``conducted``: a person made it up as it went, and it can't be run
    again.
    """
    if mood is not None and mood.would:
        return mood.would[0]
    if missing is not None:
        return SAY_IT[missing]
    judged = [one for one in results if one.composure is not None]
    best = mood is not None and mood.ended == mood.moods[-1]
    if overall is None and (best or (listened is not None and listened.heard)):
        return DID_IT
    if overall is None:
        return TOO_LITTLE_HERE if conducted else TOO_LITTLE
    worst = min(judged, key=lambda one: one.composure or 0.0)
    return worst.try_next or (WENT_WELL if conducted else KEEP_ON)


# --- inside --------------------------------------------------------------------


def _contest(result: StepResult) -> str:
    if not result.talking:
        return "You were silent at that moment. " + _resumed(result)
    if result.yield_s is None:
        if result.hold_floor:
            return "You held the floor."
        return "You kept talking until they finished."
    said = "You stopped at once." if _now(result.yield_s) else f"You stopped after {result.yield_s:.1f} s."
    if result.hold_floor:
        said += " You took the floor back." if result.held_floor else " You gave the floor away."
    return f"{said} {_resumed(result)}"


def _resumed(result: StepResult) -> str:
    if result.resume_s is None:
        return "You didn't resume before it ended."
    thread = {
        "resumed": ", where you left off",
        "anew": ", with a new start",
        "unsure": "",
    }[result.thread]
    return f"You resumed {_when(result.resume_s)}{thread}."


def _answered(resume_s: float) -> str:
    return f"You began {_when(resume_s)}."


def _when(after_s: float) -> str:
    """When somebody spoke, against when the other side finished: never a negative time."""
    if _now(after_s):
        return "as they finished"
    return f"{abs(after_s):.1f} s {'before' if after_s < 0 else 'after'} they finished"


def _now(time_s: float) -> bool:
    """Whether a time would be shown as 0."""
    return abs(time_s) < 0.05


def _early(result: StepResult) -> bool:
    """Return whether the speaker resumed before the interrupter finished, where they should have waited."""
    return not result.hold_floor and result.resume_s is not None and result.resume_s < -EARLY_S


def _gap(result: StepResult, fine: str) -> str:
    if result.gap_s is None:
        return "You were silent at that moment."
    return f"You stopped for {result.gap_s:.1f} s." if result.gap_s else fine


def _change(value: float | None, name: str, more: str, less: str) -> str:
    if value is None or abs(value) < NOTABLE[name]:
        return ""
    return (more if value > 0 else less).format(abs(value))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _steadier(result: StepResult) -> str:
    changes = result.changes
    advice = [
        ((changes.pace or 0.0) / 0.3, "Say your next sentence slowly, on purpose."),
        (-(changes.pace or 0.0) / 0.3, "Go back to your own pace: you don't have to be careful now."),
        (
            abs(changes.pitch_st or 0.0) / 4.0,
            "Breathe out before you resume: your pitch will come back down.",
        ),
        (abs(changes.level_db or 0.0) / 6.0, "Keep your volume: as loud as before, no more and no less."),
        ((changes.fillers_per_min or 0.0) / 18.0, "Take a silent breath where the “um” would be."),
        ((changes.pauses or 0.0) / 0.35, "Know your next sentence before you start it."),
        (-(changes.range_st or 0.0) / 3.0, "Vary your pitch again: stress the word that matters."),
    ]
    return max(advice)[1]
