"""Verdicts on nudges: whether the labels support what each one claims.

``why_wrong`` returns None for a right nudge and a sentence for a wrong one. The rules:

* *Slow down*, *Pick it up*: right when the speech rate, computed as in the engine but from the
  labels (syllables by the profile's conversion, or words where only these are labelled), is
  beyond the limit itself.
* *Check in now*, *Wrap up*: right when nothing offered the floor for as long as the profile says.
* *Pause*, *Take your time*, *Start with the point*: right when speech or silence lasted that long.
* *Breathe instead*, *Land it*, *Support your voice*: right when two labelled fillers, two
  labelled rises, or labelled creak precede it in the cue's window.
* *Let them finish*: right when it falls into a labelled interruption of this side.
* *Find your thread*: right when this side was cut off, the other has ended and nothing
  came for as long as the profile says. *Good recovery* is never wrong.
* *Ask something*: right when the labelled share of talk is beyond the limit.
* *Vary your tone*: right for a voice that was made monotone, wrong for every other.
* *Louder*, *Louder to the end*, *Softer*: nothing in the data is too soft or too loud, so
  always wrong.
"""

from __future__ import annotations

from engine.core.windows import SpokenTime
from engine.profile import Profile
from engine.protocol.events import Nudge
from tests.harness.labelled_speech import CLOSURE_S, Side, Span, Talk

BACKCHANNEL_S = 0.7
"""Speech of the other side up to this length takes no turn."""

SLACK_S = 0.5
"""Tolerance: edges of speech are labelled to a few tens of milliseconds, and known a quarter of a second
late."""


def why_wrong(nudge: Nudge, talk: Talk, profile: Profile) -> str | None:
    """Reason why the labels contradict a nudge; None when they support it."""
    side = talk.sides[nudge.channel]
    other = talk.sides[1 - nudge.channel] if len(talk.sides) == 2 else None
    now_s = nudge.evidence.window_s[1]
    text = nudge.text
    if text in ("Slow down", "Pick it up"):
        return _pace(text, side, other, now_s, profile)
    if text in ("Check in now", "Wrap up"):
        since_s = now_s - _talk_since(side, other, now_s, profile.check_in.offer_s)
        alone = text == "Wrap up"
        return _short("talk", since_s, profile.check_in.wrap_up_s if alone else profile.check_in.after_s)
    if text == "Pause":
        since_s = now_s - _talk_since(side, None, now_s, CLOSURE_S)
        return _short("talk without a pause", since_s, profile.pause.none_for_s)
    if text == "Take your time":
        return _short("silence", _silence(side, now_s), profile.pause.inside_s)
    if text == "Start with the point":
        quiet_s = _silence(side, now_s)
        if other is not None:
            quiet_s = min(quiet_s, _silence(other, now_s))
        return _short("silence", quiet_s, profile.pause.before_answer_s)
    if text == "Find your thread":
        return _thread(side, other, now_s, profile)
    if text == "Let them finish":
        here = [s for s in side.interruptions if s[0] - SLACK_S <= nudge.at_s <= s[1] + SLACK_S]
        return None if here else "this side interrupts nobody here"
    if text == "Ask something":
        return _share(side, other, now_s, profile)
    if text == "Breathe instead":
        count = sum(now_s - profile.fillers.window_s <= end <= now_s for _, end in side.fillers)
        return None if count >= 2 else f"{count} labelled fillers before it"
    if text == "Land it":
        count = sum(nudge.evidence.window_s[0] <= t <= now_s + SLACK_S for t in side.rises_s)
        return None if count >= profile.ending.in_a_row else f"{count} labelled rises before it"
    if text == "Support your voice":
        creaks = [s for s in side.creaks if now_s - profile.creak.window_s <= s[1] <= now_s]
        return None if len(creaks) >= 2 else f"{len(creaks)} labelled creaks before it"
    if text == "Vary your tone":
        return None if side.monotone else "this voice is no monotone"
    return None if nudge.tone == "thanks" else "nothing of the kind is in the data"


def rate_wpm(side: Side, other: Side | None, now_s: float, profile: Profile) -> float:
    """Labelled speech rate over the profile's window up to now, as the engine defines it."""
    syllables = side.syllables_s
    marks = side.words_s or [] if syllables is None else syllables
    time, last_end_s = SpokenTime(), 0.0
    time.nuclei_s.extend(marks)
    for start, end in side.speech:
        if start >= now_s:
            break
        time.start(start, listened=_turned(other, last_end_s, start))
        if end < now_s:
            time.stop(end)
        last_end_s = end
    a_second = time.rates(now_s, profile.pace.window_s).speech_sps
    return 60.0 * (a_second if syllables is None else a_second / profile.pace.syllables_per_word)


def _pace(text: str, side: Side, other: Side | None, now_s: float, profile: Profile) -> str | None:
    wpm, pace = rate_wpm(side, other, now_s, profile), profile.pace
    right = wpm > pace.fast_wpm if text == "Slow down" else wpm < pace.slow_wpm
    return None if right else f"really {wpm:.0f} words a minute"


def _talk_since(side: Side, other: Side | None, now_s: float, offer_s: float) -> float:
    """Start of the present stretch of talk: after a silence of ``offer_s``, or a turn of the other side."""
    began_s: float | None = None
    last_end_s = 0.0
    for start, end in side.speech:
        if start > now_s:
            break
        if began_s is None or start - last_end_s >= offer_s or _turned(other, last_end_s, start):
            began_s = start
        last_end_s = end
    if began_s is None or now_s - last_end_s >= offer_s:
        return now_s
    return began_s


def _turned(other: Side | None, from_s: float, to_s: float) -> bool:
    """Whether the other side spoke between two stretches of this side's speech."""
    return other is not None and any(
        a < to_s and b > from_s and b - a > BACKCHANNEL_S for a, b in other.speech
    )


def _silence(side: Side, now_s: float) -> float:
    """Length of the silence up to now, or up to a moment ago; 0 while speaking."""
    since_s = max((b for a, b in side.speech if a <= now_s - SLACK_S), default=0.0)
    return max(0.0, min([now_s, *(a for a, _ in side.speech if a > since_s)]) - since_s)


def _short(what: str, lasted_s: float, limit_s: float) -> str | None:
    return None if lasted_s >= limit_s - SLACK_S else f"really {lasted_s:.1f} s of {what}"


def _thread(side: Side, other: Side | None, now_s: float, profile: Profile) -> str | None:
    cuts = [s for s in (other.interruptions if other else []) if s[0] < now_s]
    if not cuts or any(a > cuts[-1][1] and a < now_s - SLACK_S for a, _ in side.speech):
        return "this side wasn't cut off"
    quiet_s = min(_silence(side, now_s), _silence(other, now_s) if other else 0.0)
    return _short("silence since they ended", quiet_s, profile.recovery.resume_s)


def _share(side: Side, other: Side | None, now_s: float, profile: Profile) -> str | None:
    since_s = now_s - profile.talk_share.window_s
    mine, theirs = (
        _spoken(side.speech, since_s, now_s),
        _spoken(other.speech if other else [], since_s, now_s),
    )
    share = mine / (mine + theirs) if mine else 0.0
    return None if share > profile.talk_share.high else f"really {100 * share:.0f} % of the talk"


def _spoken(speech: list[Span], since_s: float, now_s: float) -> float:
    return sum(max(0.0, min(b, now_s) - max(a, since_s)) for a, b in speech)
