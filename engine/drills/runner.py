"""Run a drill: start each step when its conditions hold, and judge how the speaker handled it.

Time is that of the speaker's samples, hop by hop, as everywhere in the core. The same plan over the same
samples gives the same events, in whatever blocks the samples come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from dsp.frame import Frame
from engine.protocol import events as ev
from engine.protocol.drill_results import Card, Listened, StepResult
from engine.protocol.terms import LEVELS, Level, ListensFor

from .conditions import Conditions
from .history import BREATH_S, Record
from .listening import Listening, listen
from .plan import Plan, Planned
from .role_play import RolePlay
from .score import AFTER_S, CONTEST, FORMULA, judge
from .texts import closing

GIVES_IN_S = 1.2
"""A voice that yields stops after the speaker has kept talking for this long. Not measured."""

PATIENCE_S = 8.0
"""Longest wait for a speaker to resume before the drill continues. Not measured."""

AFTERTHOUGHT_S = 1.0
"""Time after a backchannel or noise in which a stop still counts as caused by it. Not measured."""

FIRM_S = 0.3
"""Shortest speech that counts as speaking, longer than a cough. Not measured."""

HARDER, GENTLER = 7.0, 4.0
"""Composure from which the next step is harder, and below which it is gentler. Not measured."""


@dataclass
class _Running:
    """The step that is running, or waits to be judged."""

    step: Planned
    start_s: float
    end_s: float
    """When its sound is over, or its silence."""
    turn: int = 0
    hushed: bool = False
    over: bool = False


class Runner:
    """Runs one drill for one speaker.

    Parameters
    ----------
    plan : what to do.
    lengths_s : for each step how long its lines take, or its sound; empty for a silence.
    start_s : stream time at which it begins.
    syllables_per_word : of the profile in force.
    emit : called with each event of the drill.
    talking_since_s : since when the speaker talks already, if they do.
    hears : whether their words are heard, as far as is known at the start.
    """

    def __init__(
        self,
        plan: Plan,
        lengths_s: Sequence[Sequence[float]],
        *,
        start_s: float,
        syllables_per_word: float,
        emit: Callable[[ev.DrillEvent], None],
        talking_since_s: float | None = None,
        hears: bool = False,
    ) -> None:
        self.plan = plan
        self.record = Record(start_s, talking_since_s)
        self.done = False
        self.floor: bool | None = None
        """True once the other side has the floor, False once the speaker has it back; None as it was."""
        self._lengths_s = list(lengths_s)
        self._emit = emit
        self._words = syllables_per_word
        self._level: Level = plan.level
        self._left = list(plan.steps)
        self._running: _Running | None = None
        self._over_s = start_s
        self._results: list[StepResult] = []
        self._listening = False
        self._heard = Listening()
        self._role_play = RolePlay(plan, self._heard.said, start_s, hears=hears)
        self._conditions = Conditions(self.record, self._heard, self._role_play)
        self._done: list[Planned] = []
        """Steps that happened."""
        emit(
            ev.DrillStarted(
                drill=plan.name,
                title=plan.title,
                level=plan.level,
                seed=plan.seed,
                question=plan.question,
                steps=sum(self._of_level(step) for step in plan.steps),
                most_s=plan.most_s,
                vague=any(step.do == "clarify" for step in plan.steps),
                mood=plan.mood,
                hears=self._role_play.hears,
            )
        )

    @property
    def quiet(self) -> bool:
        """Whether nudges must wait now."""
        if self.plan.nudges == "after":
            running = self._running
            return not running.over if running is not None else not self._results
        return self.plan.nudges == "off"

    @property
    def free(self) -> bool:
        """Whether nothing happens to the speaker now, nor is about to."""
        return not self._left and (self._running is None or self._running.over)

    def add(self, step: Planned, lengths_s: Sequence[float]) -> None:
        """Add a step with the next number; it starts when the running one is over."""
        self._left.append(replace(step, id=len(self._lengths_s)))
        self._lengths_s.append(lengths_s)

    def observe(self, event: ev.AnyEvent) -> None:
        """Observe one event of the speaker."""
        self._conditions.observe(event)

    def process_frame(self, frame: Frame, now_s: float) -> None:
        """Process the next hop's frame; ``now_s`` is its end."""
        if self.done:
            return
        self.record.add_frame(frame, now_s)
        running = self._running
        if running is not None and not running.over:
            self._go_on(running, now_s)
            if running.over and running.step.ends:
                self._end(now_s, stopped=False)
                return
        elif running is not None and self._told_enough(running, now_s):
            self._judge(now_s)
        if frame.known and (self._running is None or self._running.over):
            self._look_for_next(now_s)  # nothing happens to someone who isn't there
        if not self.done and now_s - self.record.start_s >= self.plan.most_s:
            self._end(now_s, stopped=False)

    def stop(self) -> None:
        """End the drill now: stop all sound and emit the card."""
        if not self.done:
            self._end(self.record.now_s, stopped=True)

    # --- what comes next -------------------------------------------------------

    def _look_for_next(self, now_s: float) -> None:
        self._role_play.update(now_s)
        fitting = [step for step in self._left if self._of_level(step) and self._role_play.fits(step)]
        planned = [step for step in fitting if not step.by_words]
        by_words = self._role_play.in_turn(step for step in fitting if step.by_words)
        for step in [*by_words, *(planned[:1] if self.plan.in_order else planned)]:
            if self._conditions.hold(step, self._left, now_s, self._over_s):
                self._judge(now_s)
                self._begin(step, now_s)
                return
        if not fitting and self._running is None and not self.plan.by_hand:
            self._end(now_s, stopped=False)

    def _of_level(self, step: Planned) -> bool:
        return not self.plan.adapts or step.do == "ask" or self._level in step.levels

    # --- one step ----------------------------------------------------------------

    def _begin(self, step: Planned, now_s: float) -> None:
        self._left.remove(step)
        self._done.append(step)
        self._running = _Running(step, now_s, now_s + step.for_s)
        moved = self._role_play.take(step, now_s)
        self._emit(ev.DrillStep(id=step.id, do=step.do, role=step.role if step.lines else None))
        if moved is not None:
            self._emit(ev.DrillMood(step=step.id, was=moved.was, mood=moved.mood, heard=moved.heard))
        if step.lines or step.sound:
            self._say(self._running, now_s)

    def _say(self, running: _Running, now_s: float) -> None:
        step, turn = running.step, running.turn
        length_s = self._lengths_s[step.id][turn]
        running.end_s = now_s + length_s
        self._emit(
            ev.DrillSound(
                step=step.id,
                turn=turn,
                kind="voice" if step.lines else "distraction",
                role=step.role if step.lines else None,
                say=step.lines[turn] if step.lines else None,
                sound=step.sound,
                breaks_up=step.do == "trouble",
                length_s=length_s,
            )
        )

    def _go_on(self, running: _Running, now_s: float) -> None:
        step, record = running.step, self.record
        self._give_floor(running, now_s)
        contest = step.do in CONTEST
        if now_s < running.end_s:
            if step.do == "silence":
                running.over = record.spoken_s(running.start_s) >= AFTERTHOUGHT_S
                if running.over:
                    self._over_s = now_s
            elif step.do == "barge_in" and step.then == "yields" and self._talked_on(running, now_s):
                running.hushed, running.end_s = True, now_s
                self._emit(ev.DrillHush(step=step.id))
            return
        more = running.turn + 1 < len(step.lines)
        if more and record.phrase_s > 0.0 and self._talked_on(running, now_s):
            running.turn += 1
            self._say(running, now_s)
            return
        since_s = now_s - running.end_s
        if step.do in ("distraction", "backchannel"):
            over = since_s >= AFTERTHOUGHT_S
        elif contest:
            silent_s = step.for_s if step.then == "goes_silent" and step.do == "barge_in" else 0.0
            spoke = record.spoken_s(running.end_s) >= FIRM_S
            over = since_s >= max(PATIENCE_S, silent_s) or (spoke and since_s >= min(silent_s, FIRM_S))
        else:
            over = True
        if over:
            running.over, self._over_s = True, now_s

    def _talked_on(self, running: _Running, now_s: float) -> bool:
        """Whether they have talked all the time since it began."""
        record = self.record
        return (
            now_s - running.start_s >= GIVES_IN_S
            and record.talking_at(running.start_s)
            and record.silent_s < BREATH_S / 2
            and record.stopped(running.start_s, now_s) is None
        )

    def _give_floor(self, running: _Running, now_s: float) -> None:
        """Know who has the floor: silence while they talk is listening."""
        if not running.step.lines or running.step.do == "backchannel":
            return
        if not self._listening and now_s < running.end_s and self.record.silent_s >= BREATH_S:
            self._listening = self.floor = True
        elif self._listening and self.record.phrase_s >= FIRM_S:
            self._listening = self.floor = False

    # --- judging -----------------------------------------------------------------

    def _told_enough(self, running: _Running, now_s: float) -> bool:
        """Whether what came after it has been heard."""
        spoke_s = self.record.spoke(running.end_s) if running.step.do in CONTEST else running.start_s
        if spoke_s is None:
            return now_s - running.end_s >= PATIENCE_S + AFTER_S
        return now_s - max(spoke_s, running.start_s) >= AFTER_S and now_s >= running.end_s + 1.0

    def _judge(self, now_s: float) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        if self._listening and self.record.phrase_s > 0.0:
            self._listening = self.floor = False
        result = rounded(
            judge(
                running.step,
                self.record,
                start_s=running.start_s,
                end_s=min(running.end_s, now_s),
                until_s=now_s,
                syllables_per_word=self._words,
                said=self._heard.said if self._heard.said.count else None,
                others=" ".join([self.plan.question, *(" ".join(one.lines) for one in self._done)]).split(),
            )
        )
        self._listened(result)
        self._results.append(result)
        self._emit(ev.DrillStepEnded(id=running.step.id, result=result))
        if self.plan.adapts and result.composure is not None:
            place = LEVELS.index(self._level)
            place += (result.composure >= HARDER) - (result.composure < GENTLER)
            self._level = LEVELS[min(max(place, 0), len(LEVELS) - 1)]

    def _listened(self, result: StepResult) -> None:
        """Remember when the speaker listened: that silence is none of theirs."""
        if result.said is None or result.do == "backchannel":
            return
        from_s = result.start_s + (result.yield_s or 0.0)
        if result.talking and result.yield_s is None:
            return
        until_s = result.end_s + (result.resume_s or 0.0)
        if until_s > from_s:
            self.record.listening.append((from_s, until_s))

    def _end(self, now_s: float, *, stopped: bool) -> None:
        if self._running is not None and now_s < self._running.end_s:
            self._emit(ev.DrillHush(step=None))
        self._judge(now_s)
        self.done = True
        judged = [one.composure for one in self._results if one.composure is not None]
        listened = self._listened_for(now_s, stopped=stopped)
        missing: ListensFor | None = None
        if listened is not None and listened.by == "words":
            missing = None if listened.heard else listened.what
        elif not stopped and self._unclarified:
            missing = "question"
        overall = round(sum(judged) / len(judged), 1) if judged else None
        mood = self._role_play.result(self._left)
        card = Card(
            drill=self.plan.name,
            title=self.plan.title,
            level=self.plan.level,
            seed=self.plan.seed,
            duration_s=round(now_s - self.record.start_s, 2),
            events=self._results,
            composure=overall,
            formula=FORMULA,
            try_next=closing(
                self._results,
                overall,
                missing=missing,
                listened=listened,
                mood=mood,
                conducted=self.plan.by_hand,
            ),
            listened=listened,
            mood=mood,
            fault=self.plan.fault,
        )
        self._emit(ev.DrillEnded(stopped=stopped, card=card))

    @property
    def _unclarified(self) -> bool:
        """Whether the task could have been clarified, and wasn't."""
        done, left = ({step.do for step in steps} for steps in (self._done, self._left))
        return "clarify" in left - done

    def _listened_for(self, now_s: float, *, stopped: bool) -> Listened | None:
        """What the drill listened for, and whether it was heard."""
        what = self.plan.listens_for
        if what is None:
            return None
        by_sound = None
        if what == "question":
            by_sound = any(step.do == "clarify" for step in self._done)
        elif what == "check_in" and self.record.spoken_s(self.record.start_s) > 0.0:
            by_sound = not any("monologue_s" in step.when for step in self._done)
        return listen(what, self._heard.said, self.record.start_s, now_s, by_sound=by_sound, stopped=stopped)


def rounded(record: Any) -> Any:
    """A result with its numbers rounded, those of its parts too."""
    fields: dict[str, Any] = {}
    for name, value in asdict(record).items():
        if isinstance(value, Struct):
            fields[name] = rounded(value)
        elif type(value) is float:
            fields[name] = round(value, 3)
    return replace(record, **fields)
