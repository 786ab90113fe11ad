"""What ``sottovoce drill`` prints while a drill goes on, and of its result."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.media.voices.drill_playback import RenderedPlan
    from engine.protocol.drill_results import Card
    from engine.protocol.events import AnyEvent
    from engine.protocol.review import AnswerReview
    from engine.protocol.words import Word

LINE_WORDS = 12
"""Most words in a line of those that are heard."""


class JsonLines:
    """One JSON object a line: the drill's events, the nudges, the words and their review."""

    def begin(self, rendered: RenderedPlan, *, hears: bool) -> None:
        """Nothing: the first event says it."""

    def events(self, events: list[AnyEvent]) -> Card | None:
        from engine.protocol import events as ev
        from engine.protocol import messages

        card = None
        for event in events:
            if isinstance(event, ev.DrillEvent | ev.Nudge | ev.NudgeCleared | ev.WordEvent):
                print(messages.encode(event), flush=True)
            if isinstance(event, ev.DrillEnded):
                card = event.card
        return card

    def card(self, card: Card, earlier: list[dict[str, Any]]) -> None:
        if earlier:
            print(json.dumps({"type": "earlier", "runs": earlier}), flush=True)

    def review(self, review: AnswerReview) -> None:
        from engine.protocol import messages

        print(messages.encode(messages.Review(channel=0, review=review)), flush=True)


class TextLines:
    """Lines for a person."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), markup=False)
        self._heard: list[Word] = []
        """Words that aren't printed yet."""

    def begin(self, rendered: RenderedPlan, *, hears: bool) -> None:
        plan = rendered.plan
        self._say(f"{plan.title}, {plan.level}, seed {plan.seed}", style="bold")
        self._say(f"Talk about: {plan.question}\n")
        if plan.shown is not None:
            for note in plan.shown.lines:
                self._say(f"  {note}")
            for number, line in enumerate((plan.shown.code or "").splitlines(), 1):
                self._say(f"{number:4}  {line}")
            self._say("")
        if plan.moods and not hears:
            self._say("This person can't hear words: with --words, what you say moves them.\n")

    def events(self, events: list[AnyEvent]) -> Card | None:
        from engine.protocol import events as ev

        card = None
        for event in events:
            match event:
                case ev.DrillSound(kind="voice"):
                    self._say(f"{_clock(event.at_s)}  {event.role}: {event.say}", style="cyan")
                case ev.DrillSound():
                    self._say(
                        f"{_clock(event.at_s)}  ({(event.sound or '').replace('_', ' ')})", style="cyan"
                    )
                case ev.DrillStep(do="silence"):
                    self._say(f"{_clock(event.at_s)}  (silence)", style="cyan")
                case ev.DrillMood():
                    self._say(f"{_clock(event.at_s)}  (now {event.mood})", style="cyan")
                case ev.Nudge():
                    self._say(f"{_clock(event.at_s)}  {event.text}", style="yellow")
                case ev.Words():
                    self._hear(event.words)
                case ev.DrillEnded():
                    card = event.card
        return card

    def card(self, card: Card, earlier: list[dict[str, Any]]) -> None:
        events = f"{len(card.events)} event{'' if len(card.events) == 1 else 's'}"
        self._say(f"\n{card.duration_s:.0f} seconds, {events}.", style="bold")
        for one in card.events:
            mark = "   " if one.composure is None else f"{one.composure:3.0f}"
            self._say(f"\n{mark}  {_clock(one.start_s)}  {one.happened}")
            if one.composure is not None:
                self._say(f"           {one.changed}")
            if one.try_next:
                self._say(f"           {one.try_next}")
        if card.composure is not None:
            self._say(f"\nComposure {card.composure:.1f} of 10{_compared(card, earlier)}", style="bold")
            self._say(
                "Mean of all events: a quarter yielding, a quarter resuming, half steadiness, which "
                "counts only as far as you yielded."
            )
        if card.listened is not None:
            self._say(f"\n{card.listened.text}")
        if card.mood is not None:
            self._say(f"\n{card.mood.text}")
            for moved in card.mood.moved:
                quote = f" “{moved.quote}”" if moved.quote else ""
                self._say(f"     {_clock(moved.start_s)}  {moved.text}{quote}")
            for hint in card.mood.would:
                self._say(f"           Would have moved them: {hint}")
        if card.fault is not None:
            self._say(f"\nThe fault: {card.fault}")
        self._say(f"Next: {card.try_next}")

    def review(self, review: AnswerReview) -> None:
        from clients.terminal.review import render_review

        self._console.print(render_review(review), soft_wrap=False)

    def _hear(self, words: list[Word]) -> None:
        """Print words once they end a sentence, or are enough for a line."""
        for word in words:
            self._heard.append(word)
            if len(self._heard) >= LINE_WORDS or word.text[-1:] in ".?!":
                self._tell_heard()

    def _tell_heard(self) -> None:
        words, self._heard = self._heard, []
        if words:
            said = " ".join(word.text for word in words)
            self._console.print(f"{_clock(words[0].start_s)}  {said}", style="dim italic")

    def _say(self, text: str, style: str | None = None) -> None:
        self._tell_heard()
        self._console.print(text, style=style)


def _compared(card: Card, earlier: list[dict[str, Any]]) -> str:
    known = [run["composure"] for run in earlier if isinstance(run.get("composure"), int | float)]
    if not known:
        return ""
    runs = "1 earlier run" if len(known) == 1 else f"{len(known)} earlier runs"
    return f" (last time {known[-1]:.1f}, best {max(known):.1f}, {runs} at level {card.level})"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
