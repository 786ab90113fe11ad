"""Two channels of one call in one compiled call: analysis, leakage, sums and turn-taking."""

from __future__ import annotations

import numpy as np

from . import accumulator, crosstalk, ears, turn_taking
from .accumulator import FULL_SCALE_LIMIT, Accumulator
from .component import State
from .crosstalk import Crosstalk
from .decimate import LOW_PASS
from .delay_estimation import EARLY_HOPS, HOP_SAMPLES, SEARCH_HOPS, LeakagePath
from .ears import Ears, Floats
from .frame import FRAME, HOP, Frame
from .kernel import kernel
from .level_meter import is_audio
from .spectrum import TABLES
from .turn_taking import TurnTaking
from .voice_activity import WEIGHTS


@kernel
def add_pair_frames(
    hop: int,
    a: State,
    b: State,
    a_bad: bool,
    b_bad: bool,
    a_sums: State,
    b_sums: State,
    leakage: State,
    turns: State,
) -> tuple[int, int, int]:
    """Add the frames of hop number ``hop`` of both channels.

    Parameters
    ----------
    a, b : records of the type ``FRAME``. Leakage is turned into silence.
    a_bad, b_bad : whether the samples of each were no audio.
    a_sums, b_sums, leakage, turns : records of ``Accumulator``, ``Crosstalk`` and ``TurnTaking``. Changed.

    Returns
    -------
    a_flags, b_flags : flags of ``dsp.accumulator``.
    events : number of turn-taking events.
    """
    crosstalk.suppress_leakage(a, b, leakage)
    a_flags = accumulator.add_frame(a, a_bad, a_sums)
    b_flags = accumulator.add_frame(b, b_bad, b_sums)
    return (
        a_flags,
        b_flags,
        turn_taking.update_turns(hop, a, b, leakage.first.sounds, leakage.second.sounds, turns),
    )


@kernel
def add_pair_records(
    hop: int,
    frames: State,
    a_bad: bool,
    b_bad: bool,
    a_sums: State,
    b_sums: State,
    leakage: State,
    turns: State,
) -> tuple[int, int, int]:
    """Call :func:`add_pair_frames` on records that come in arrays: shape (1,), the frames (2,)."""
    return add_pair_frames(
        hop, frames[0], frames[1], a_bad, b_bad, a_sums[0], b_sums[0], leakage[0], turns[0]
    )


@kernel
def process_pair_hops(
    hop: int,
    a: Floats,
    b: Floats,
    low_pass: Floats,
    tables: State,
    weights: Floats,
    a_ears: State,
    b_ears: State,
    a_sums: State,
    b_sums: State,
    leakage: State,
    turns: State,
) -> tuple[int, int, int, int, bool]:
    """Process hops of both channels up to the first one with a flag or an event.

    Parameters
    ----------
    hop : number of the first hop.
    a, b : float32, shape (160 n,)
    low_pass, tables, weights, a_ears, b_ears : of ``dsp.ears.process_hop``.
    a_sums, b_sums, leakage, turns : of :func:`add_pair_frames`, in arrays of shape (1,): passing a bare
        record costs a call 2 to 5 µs.

    Returns
    -------
    hops : number of hops processed; it stops before one that is no audio.
    a_flags, b_flags, events : of the last of them, see :func:`add_pair_frames`.
    complete : false when ``talking`` changed in the last hop: its frames are still to be added.
    """
    for k in range(a.size // HOP):
        one, other = a[k * HOP : (k + 1) * HOP], b[k * HOP : (k + 1) * HOP]
        if not (is_audio(one, FULL_SCALE_LIMIT) and is_audio(other, FULL_SCALE_LIMIT)):
            return k, 0, 0, 0, True
        ears.process_hop(one, low_pass, tables, weights, a_ears)
        ears.process_hop(other, low_pass, tables, weights, b_ears)
        a_frame, b_frame = a_ears[0].frame, b_ears[0].frame
        if a_frame.edge_ago_hops or b_frame.edge_ago_hops:
            return k + 1, 0, 0, 0, False
        a_flags, b_flags, events = add_pair_frames(
            hop + k, a_frame, b_frame, False, False, a_sums[0], b_sums[0], leakage[0], turns[0]
        )
        if a_flags or b_flags or events:
            return k + 1, a_flags, b_flags, events, True
    return a.size // HOP, 0, 0, 0, True


class ChannelPair:
    """Two channels of one call.

    Parameters
    ----------
    ears, accumulators : of each channel.
    overlap_s : talking over the other side for this long is an interruption.
    """

    def __init__(
        self, ears: tuple[Ears, Ears], accumulators: tuple[Accumulator, Accumulator], overlap_s: float
    ) -> None:
        self._ears = ears
        self._accumulators = accumulators
        self._crosstalk_records = np.zeros(1, Crosstalk.STATE)
        self._turn_records = np.zeros(1, TurnTaking.STATE)
        self._crosstalk = Crosstalk(self._crosstalk_records[0])
        self.turn_taking = TurnTaking(overlap_s, self._turn_records[0])
        self._frames = np.zeros(2, FRAME)
        self._paths = (LeakagePath(), LeakagePath())
        self.offset_hops = 0
        """Hops by which channel 1 lags channel 0, negative when it leads; 0 while unknown.

        Leakage that would arrive before the voice itself reveals it. Where each microphone hears the
        other voice, both acoustic paths are taken to be equally long.
        """

    def process_hops(self, hop: int, a: Floats, b: Floats) -> tuple[int, int, int, int, bool]:
        """Process whole hops of both, up to the next search for leakage; see :func:`process_pair_hops`."""
        one, other = self._ears
        first, second = self._accumulators
        limit = (SEARCH_HOPS - hop % SEARCH_HOPS) * HOP
        result: tuple[int, int, int, int, bool] = process_pair_hops(
            hop, a[:limit], b[:limit], LOW_PASS, TABLES, WEIGHTS, one.state, other.state,
            first.records, second.records, self._crosstalk_records, self._turn_records,
        )  # fmt: skip
        hops, *_, complete = result
        if hops and complete and (hop + hops) % SEARCH_HOPS == 0:
            self._search_leakage(hop + hops - 1)
        return result

    def _search_leakage(self, hop: int) -> None:
        """Search for leakage after hop number ``hop``, if a search is due."""
        for channel, path in enumerate(self._paths):
            hops = self._crosstalk.lead_length(channel) if path.search_due(hop) else 0
            if hops:
                known = path.lag_hops is not None
                sounds = [ears.history.samples()[-hops * HOP_SAMPLES :] for ears in self._ears]
                if path.search(hop, sounds[channel], sounds[1 - channel]) and path.lag_hops is not None:
                    self._crosstalk.set_leakage(channel, path.lag_hops, path.gain_db)
                    self._update_offset()
                    if not known:
                        self.turn_taking.retract_start(1 - channel, hop - hops - EARLY_HOPS)

    @property
    def lags(self) -> tuple[int | None, int | None]:
        """Hops by which the other microphone hears each speaker late; None where unknown."""
        first, second = self._paths
        return first.lag_hops, second.lag_hops

    def _update_offset(self) -> None:
        first, second = self.lags
        if min(first or 0, second or 0) >= 0:
            self.offset_hops = 0
        elif first is not None and second is not None:
            self.offset_hops = round((first - second) / 2)
        else:
            self.offset_hops = (first or 0) - (second or 0)

    def shift_alignment(self, hops: int) -> None:
        """Follow a correction of the time line: channel 1 is moved ``hops`` earlier against channel 0."""
        for channel, (path, moved) in enumerate(zip(self._paths, (hops, -hops), strict=True)):
            path.shift(moved)
            if path.lag_hops is not None:
                self._crosstalk.set_lag(channel, path.lag_hops)
        self._update_offset()

    def add_frames(
        self, hop: int, frames: list[Frame], bad: tuple[bool, bool]
    ) -> tuple[tuple[int, int, int], list[Frame]]:
        """Add the frames of a hop: the result of :func:`add_pair_frames`, and the frames without leakage."""
        self._frames[0], self._frames[1] = frames
        first, second = self._accumulators
        counts = add_pair_records(
            hop, self._frames, *bad,
            first.records, second.records, self._crosstalk_records, self._turn_records,
        )  # fmt: skip
        if (hop + 1) % SEARCH_HOPS == 0:
            self._search_leakage(hop)
        return counts, [Frame._make(frame.item()) for frame in self._frames]
