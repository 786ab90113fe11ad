"""When to speak up: one nudge at a time, rarely, and only on evidence.

What is known of live feedback asks for restraint: two words every 20 s beat a
continuous display (Tanveer, Lin & Hoque, *Rhema*, 2015), and a dense live dashboard
does worse than a later report (Chollet et al. 2022). So a cue only *asks*; the policy
decides. It sees events and nothing else, hence every nudge follows from the events
before it.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.cues import CUES
from engine.cues.base import Ask, Cue
from engine.profile import Profile
from engine.protocol import events as ev


class Policy:
    """Chooses among the cues' wishes for one speaker.

    Parameters
    ----------
    profile : spacing, thresholds and which cues are on.
    channel : the speaker who is nudged.
    emit : called with each nudge, and when one is to go.
    """

    def __init__(
        self, profile: Profile, channel: int, emit: Callable[[ev.Nudge | ev.NudgeCleared], None]
    ) -> None:
        self._rules = profile.nudges
        self._channel = channel
        self._emit = emit
        self._cues: dict[str, Cue] = {name: kind(profile, channel) for name, kind in CUES.items()}
        self._observers = [cue.observe for cue in self._cues.values()]
        self._asking = [(name, cue.ask) for name, cue in self._cues.items()]
        self.off = {name for name in CUES if not profile.cue_on(name)}
        self._shown: tuple[int, str, float] | None = None
        """Number, cue and time of the nudge that is on show."""
        self._count = 0
        self._last_s: float | None = None
        self._last_of: dict[str, float] = {}
        self.quiet = False
        """Whether to give no nudge for now; what is heard meanwhile counts all the same."""
        self._muted = self._beside = False

    def set_cue(self, cue: str, on: bool) -> None:
        """Switch a cue off or on from here on."""
        (self.off.discard if on else self.off.add)(cue)

    def observe(self, event: ev.AnyEvent) -> None:
        """Observe one event; this may clear the nudge on show, or give one."""
        if isinstance(event, ev.Trace):
            return  # for drawing
        if event.channel != self._channel:
            self._accompany(True)
            self._beside = True
            if isinstance(event, ev.Reading):
                return  # the other side's measures are theirs
        elif isinstance(event, ev.MuteStarted | ev.MuteEnded):
            self._muted = isinstance(event, ev.MuteStarted)
        elif isinstance(event, ev.DrillStarted | ev.DrillEnded):
            self._accompany(self._beside or isinstance(event, ev.DrillStarted))
        for observe in self._observers:
            observe(event)
        if isinstance(event, ev.DrillEvent):
            return  # whether nudges have to wait is known after it
        now_s = event.at_s
        self._clear(now_s)
        if self._muted:
            return self.finish()
        if self.quiet:
            return
        asks = [
            (name, ask)
            for name, asked in self._asking
            if name not in self.off
            and (ask := asked()) is not None
            and ask.evidence.confidence >= self._rules.least_confidence
            and not (ask.until_s is not None and now_s > ask.until_s)
            and self._may(name, ask, now_s)
        ]
        if asks:
            name, ask = max(asks, key=lambda item: (item[1].urgent, item[1].weight))
            self._give(name, ask, now_s)

    def finish(self) -> None:
        """No more events, or nobody there for them: take the nudge on show away."""
        if self._shown is not None:
            self._emit(ev.NudgeCleared(id=self._shown[0], corrected=False))
            self._shown = None

    def _accompany(self, by_someone: bool) -> None:
        """Let the cues know whether there is another side."""
        for cue in self._cues.values():
            cue.accompanied = by_someone

    def _may(self, cue: str, ask: Ask, now_s: float) -> bool:
        rules = self._rules
        since_s = float("inf") if self._last_s is None else now_s - self._last_s
        own_s = now_s - self._last_of.get(cue, -float("inf"))
        if self._shown is not None and not (ask.urgent and self._shown[1] != cue):
            return False
        if ask.urgent:
            return since_s >= rules.urgent_gap_s and own_s >= rules.gap_s
        if ask.tone == "thanks" and not rules.praise:
            return False
        return since_s >= rules.gap_s and own_s >= rules.same_cue_gap_s

    def _clear(self, now_s: float) -> None:
        if self._shown is None:
            return
        number, cue, shown_s = self._shown
        corrected = self._cues[cue].corrected()
        if corrected or now_s >= shown_s + self._rules.show_s:
            self._emit(ev.NudgeCleared(id=number, corrected=corrected))
            self._shown = None

    def _give(self, cue: str, ask: Ask, now_s: float) -> None:
        if self._shown is not None:
            self._emit(ev.NudgeCleared(id=self._shown[0], corrected=False))
        self._count += 1
        self._shown = (self._count, cue, now_s)
        self._last_s = self._last_of[cue] = now_s
        self._cues[cue].given()
        self._emit(
            ev.Nudge(
                id=self._count,
                cue=cue,
                text=ask.text,
                why=ask.why,
                tone=ask.tone,
                urgent=ask.urgent,
                show_s=self._rules.show_s,
                evidence=ask.evidence,
            )
        )
