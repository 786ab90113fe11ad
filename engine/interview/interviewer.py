"""The interviewer: asks, listens until the answer is over, follows up on it, and says goodbye.

A state machine like :class:`engine.drills.runner.Runner`, in whose place it runs where the plan is that of an
interview: frames and events of the speaker in, hop by hop, events of a drill out. It speaks the lines of
:class:`.plan.InterviewPlan` by :class:`DrillSound`; whoever plays sound plays them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dsp.frame import Frame
from engine.drills.history import BREATH_S
from engine.language.open_end import is_open, is_thinking
from engine.protocol import events as ev
from engine.protocol.drill_results import Card, FollowUpAsked, InterviewAnswer
from engine.protocol.terms import FollowUpKind
from engine.protocol.words import Word

from .follow_up import choose, hear
from .hearing import Hearing
from .plan import InterviewPlan
from .told import answer_told, card_told
from .turn_end import PATIENCE, Pauses, silence_needed

BETWEEN_S = 0.35
"""Silence between two lines that follow each other."""

TAKE_BACK_S = 1.5
"""Who goes on within so long of the interviewer's first word was cut off: the interviewer falls silent."""

FIRM_S = 0.3
"""Speech from which somebody takes the floor, not a click or a breath."""

MOST_TAKEN_BACK = 2
"""Times that it falls silent in one question: what comes back by a microphone must not stop it for ever."""

ENCOURAGE_S, SKIP_S = 12.0, 40.0
"""Silence after a question until the interviewer says that there is time, and until it takes another one."""

FIRST_S = 0.5
"""Silence before the first word."""


@dataclass
class _Answer:
    """The answer to one question, while it goes on."""

    step: int
    """Line of the question."""

    since_s: float = 0.0
    """When the question was out; 0 before."""

    follow_ups: list[FollowUpAsked] = field(default_factory=list)
    kinds: set[FollowUpKind] = field(default_factory=set)
    turn_s: float = 0.0
    """When the last line of the interviewer was out: speech since then is its answer."""

    clarified: bool = False
    encouraged: bool = False
    taken_back: int = 0


def prepare() -> None:
    """Read the lists that answers are searched by: the first time takes a twentieth of a second."""
    words = [Word(text="ten", start_s=0.0, end_s=0.2, confidence=1.0)]
    hear(words)
    is_thinking(words)
    is_open(words)


class _Through(NamedTuple):
    """An answer that was taken to be over."""

    answer: _Answer
    at_s: float
    silent_s: float
    """Silence after which it was."""

    follow_ups: int
    """That there had been."""


class Interviewer:
    """Interviews one speaker.

    Parameters
    ----------
    plan : what may be said.
    lengths_s : for each line how long it takes.
    start_s : stream time at which it begins.
    emit : called with each event.
    talking_since_s : since when the speaker talks already, if they do.

    Attributes
    ----------
    done : whether it is over.
    floor : True once the interviewer has the floor, False once the speaker has it back; None as it was.
    quiet : whether nudges must wait.
    """

    quiet = False

    def __init__(
        self,
        plan: InterviewPlan,
        lengths_s: Sequence[Sequence[float]],
        *,
        start_s: float,
        emit: Callable[[ev.DrillEvent], None],
        talking_since_s: float | None = None,
    ) -> None:
        self.plan = plan
        self.done = False
        self.floor: bool | None = None
        self._heard = Hearing(start_s, talking_since_s)
        self._record = self._heard.record
        self._lengths_s = [length_s for (length_s,) in lengths_s]
        self._emit = emit
        self._pauses = Pauses()
        self._silent_s = 0.0
        """Silence of the hop before."""
        self._questions = list(plan.questions)
        self._answer: _Answer | None = None
        self._answers: list[InterviewAnswer] = []
        self._used: dict[tuple[int, ...], int] = {}
        self._lines: list[int] = [plan.greeting]
        """Lines to say, one after the other."""
        self._next_s = start_s + FIRST_S
        """When the next of them may begin."""
        self._saying: tuple[int, float] | None = None
        """Line that is said, and since when; None while the interviewer listens."""
        self._through: _Through | None = None
        """The answer that was last taken to be over."""
        self._listens = False
        """Whether the speaker listens."""
        self._moves_on = True
        """Whether the next question, or the goodbye, follows the lines."""
        emit(
            ev.DrillStarted(
                drill=plan.name,
                title=plan.title,
                level=plan.level,
                seed=plan.seed,
                question="",
                steps=len(plan.questions),
                most_s=plan.most_s,
            )
        )

    def observe(self, event: ev.AnyEvent) -> None:
        """Observe one event of the speaker."""
        self._heard.observe(event)

    def process_frame(self, frame: Frame, now_s: float) -> None:
        """Process the next hop's frame; ``now_s`` is its end."""
        if self.done:
            return
        self._heard.add_frame(frame, now_s)
        if self._goes_on(now_s):
            self._take_back(now_s)
        elif self._saying is not None:
            self._speak_on(now_s)
        elif not frame.known:
            self._next_s = max(self._next_s, now_s)  # who isn't there is waited for
        elif self._lines:
            if now_s >= self._next_s:
                self._say(self._lines.pop(0), now_s)
        elif self._moves_on:
            self._move_on()
        elif self._answer is None:
            self._end(now_s, stopped=False)
        else:
            self._listen(self._answer, now_s)
        self._silent_s = self._heard.silence_s
        if not self.done and now_s - self._record.start_s >= self.plan.most_s:
            self._end(now_s, stopped=False)

    def stop(self) -> None:
        """End the interview now: stop all sound and emit the card."""
        if not self.done:
            self._end(self._record.now_s, stopped=True)

    # --- speaking ----------------------------------------------------------------

    def _say(self, step: int, now_s: float) -> None:
        text, length_s = self.plan.steps[step].lines[0], self._lengths_s[step]
        self._saying = step, now_s
        if step in self.plan.questions or any(step in lines for lines in self.plan.follow_up.values()):
            self._emit(ev.DrillStep(id=step, do="ask", role="interviewer"))
        self._emit(
            ev.DrillSound(
                step=step,
                turn=0,
                kind="voice",
                role="interviewer",
                say=text,
                sound=None,
                breaks_up=False,
                length_s=length_s,
            )
        )

    def _speak_on(self, now_s: float) -> None:
        """Go on with a line, up to its end."""
        assert self._saying is not None
        (step, since_s), answer = self._saying, self._answer
        if not self._listens and self._record.silent_s >= BREATH_S:
            self._listens = self.floor = True
        if now_s >= since_s + self._lengths_s[step]:
            self._saying, self._next_s = None, now_s + BETWEEN_S
            if answer is not None and not self._lines and not self._moves_on:
                answer.turn_s = now_s
                answer.since_s = answer.since_s or now_s

    def _goes_on(self, now_s: float) -> bool:
        """Whether the speaker, who was thought to be through, goes on as the interviewer begins to speak."""
        through, spoken_s = self._through, self._record.phrase_s
        if through is None or not (self._saying or self._lines or self._moves_on):
            return False
        after_s = now_s - spoken_s - through.at_s
        return (
            spoken_s >= FIRM_S
            and -FIRM_S <= after_s <= TAKE_BACK_S
            and through.answer.taken_back < MOST_TAKEN_BACK
        )

    def _take_back(self, now_s: float) -> None:
        """Fall silent, and listen to the answer as if nothing had been said."""
        assert self._through is not None
        answer, at_s, silent_s, follow_ups = self._through
        paused_s = silent_s + now_s - self._record.phrase_s - at_s
        self._pauses.longest_s = max(self._pauses.longest_s, paused_s)
        if self._saying is not None:
            self._emit(ev.DrillHush(step=self._saying[0]))
        if self._answer is not answer:  # the next question, or the goodbye, had begun
            if self._answer is not None:
                self._questions.insert(0, self._answer.step)
            self._answers.pop()
            self._answer = answer
        for taken_back in answer.follow_ups[follow_ups:]:
            answer.kinds.discard(taken_back.kind)
        del answer.follow_ups[follow_ups:]
        answer.taken_back += 1
        self._pauses.taken_back += 1
        self._through, self._saying, self._lines, self._moves_on = None, None, [], False

    def _wording(self, lines: tuple[int, ...]) -> int:
        """Return the next wording of a line."""
        used = self._used.get(lines, 0)
        self._used[lines] = used + 1
        return lines[used % len(lines)]

    def _move_on(self) -> None:
        """Close the answer, and have the next question said; the goodbye where none is left."""
        self._moves_on = False
        if self._answer is not None:
            self._answers.append(self._told(self._answer))
        limit_s, now_s = self.plan.ask_until_s, self._record.now_s
        late = limit_s is not None and now_s - self._record.start_s >= limit_s
        if self._questions and not late:
            step = self._questions.pop(0)
            self._answer = _Answer(step)
        else:
            step, self._answer = self.plan.goodbye, None
        self._lines.append(step)

    # --- listening ---------------------------------------------------------------

    def _listen(self, answer: _Answer, now_s: float) -> None:
        record = self._record
        if self._listens and record.phrase_s >= FIRM_S:
            self._listens = self.floor = False
        silent_s = self._heard.silence_s
        if not record.silent_s:
            if self._silent_s >= BREATH_S and record.spoken_s(answer.turn_s, now_s - self._silent_s) > 0.0:
                self._pauses.longest_s = max(self._pauses.longest_s, self._silent_s)
            return
        if silent_s < BREATH_S:
            return
        spoken_s = record.spoken_s(answer.turn_s)
        if not spoken_s:
            self._wait(answer, now_s)
            return
        words, melody = self._heard.last_words(answer.turn_s), self._heard.melody
        needed_s = silence_needed(words, melody, spoken_s, self._pauses, self.plan.patience)
        if silent_s >= needed_s:
            self._react(answer, now_s)

    def _wait(self, answer: _Answer, now_s: float) -> None:
        """Wait for the first word of an answer."""
        waited_s = (now_s - max(answer.turn_s, self._heard.back_s)) / PATIENCE[self.plan.patience]
        if waited_s >= SKIP_S:
            self._lines.append(self._wording(self.plan.skip))
            self._moves_on = True
        elif waited_s >= ENCOURAGE_S and not answer.encouraged:
            answer.encouraged = True
            self._lines.append(self._wording(self.plan.encourage))

    # --- after an answer -----------------------------------------------------------

    def _react(self, answer: _Answer, now_s: float) -> None:
        """Say what comes after an answer: a follow-up, or the next question."""
        words, complete = self._heard.words(answer.since_s)
        heard = hear(words)
        self._next_s = now_s
        self._through = _Through(answer, now_s, self._silent_s, len(answer.follow_ups))
        if heard.asks and not answer.clarified:
            answer.clarified = True
            self._lines.append(self._wording(self.plan.clarify))
            return
        kind = None
        if words and len(answer.follow_ups) < self.plan.most_follow_ups:
            kind = choose(heard, self.plan.level, answer.kinds, complete=complete)
        if kind is not None:
            step = self._wording(self.plan.follow_up[kind])
            answer.kinds.add(kind)
            answer.follow_ups.append(FollowUpAsked(kind=kind, say=self.plan.steps[step].lines[0]))
            self._lines.append(step)
            return
        self._lines.append(self._wording(self.plan.bridge))
        self._moves_on = True

    def _told(self, answer: _Answer) -> InterviewAnswer:
        """Return what is told of an answer."""
        words, complete = self._heard.words(answer.since_s)
        spoken = self._record.speech(answer.since_s)
        return answer_told(
            self.plan.steps[answer.step].lines[0],
            answer.follow_ups,
            (spoken[0][0], spoken[-1][1]) if spoken else None,
            hear(words) if words else None,
            complete=complete,
        )

    def _end(self, now_s: float, *, stopped: bool) -> None:
        if self._saying is not None:
            self._emit(ev.DrillHush(step=None))
        if self._answer is not None and self._answer.since_s:
            self._answers.append(self._told(self._answer))
        self.done = True
        plan = self.plan
        card = Card(
            drill=plan.name,
            title=plan.title,
            level=plan.level,
            seed=plan.seed,
            duration_s=round(now_s - self._record.start_s, 2),
            events=[],
            composure=None,
            try_next=card_told(self._answers),
            answers=self._answers,
        )
        self._emit(ev.DrillEnded(stopped=stopped, card=card))
