"""Facts between two speakers, from what :mod:`dsp.turn_taking` found."""

from __future__ import annotations

from collections.abc import Callable

from dsp.frame import HOP_S
from dsp.turn_taking import INTERRUPTION, INTERRUPTION_END, TURN, TurnTaking
from engine.protocol import events as ev

Emit = Callable[[ev.Fact], None]


def emit_floor_facts(turns: TurnTaking, emit: Emit) -> int | None:
    """Emit what happened with the last hop; return the channel that took the floor with it, if one did."""
    taker = None
    for kind, channel, start, hops, flag in turns.events:
        start_s = start * HOP_S
        if kind == TURN:
            taker = channel
            emit(ev.TurnTaken(channel=channel, start_s=start_s, gap_s=hops * HOP_S if flag else None))
        elif kind == INTERRUPTION:
            emit(ev.Interruption(channel=channel, start_s=start_s, overlap_s=hops * HOP_S))
        elif kind == INTERRUPTION_END:
            emit(ev.InterruptionEnded(channel=channel, start_s=start_s, end_s=hops * HOP_S, yielded=flag))
        else:
            emit(ev.Backchannel(channel=channel, start_s=start_s, end_s=hops * HOP_S))
    return taker
