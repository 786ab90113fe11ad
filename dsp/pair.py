"""Two speakers heard together: their ears, leakage taken out, their sums, and who has the floor."""

from __future__ import annotations

import numpy as np

from . import crosstalk, ears, tally, turns
from .crosstalk import Crosstalk
from .decimate import LOW_PASS
from .ears import Ears, Floats
from .frame import FRAME, HOP, Frame
from .kernel import kernel
from .level import is_audio
from .part import State
from .spectrum import TABLES
from .tally import FULL_SCALE_LIMIT, Tally
from .turns import Turns
from .voice import WEIGHTS


@kernel
def judge(
    hop: int,
    a: State,
    b: State,
    a_bad: bool,
    b_bad: bool,
    a_tally: State,
    b_tally: State,
    cross: State,
    between: State,
) -> tuple[int, int, int]:
    """Take the frames of hop number ``hop`` of both channels.

    Parameters
    ----------
    a, b : records of the type ``FRAME``. Leakage is turned into silence.
    a_bad, b_bad : whether the samples of each were no audio.
    a_tally, b_tally, cross, between : records of ``Tally``, ``Crosstalk`` and ``Turns``. Changed.

    Returns
    -------
    a_told, b_told : what there is to tell of each, in bits of ``dsp.tally``.
    happened : how many things happened between them.
    """
    crosstalk.take(a, b, cross)
    a_told = tally.take(a, a_bad, a_tally)
    b_told = tally.take(b, b_bad, b_tally)
    return a_told, b_told, turns.take(hop, a, b, cross.first.sounds, cross.second.sounds, between)


@kernel
def hear(
    hop: int,
    a: Floats,
    b: Floats,
    low_pass: Floats,
    tables: State,
    weights: Floats,
    a_ears: State,
    b_ears: State,
    a_tally: State,
    b_tally: State,
    cross: State,
    between: State,
) -> tuple[int, int, int, int, bool]:
    """Hear hops of both, up to the first of which there is something to tell.

    Parameters
    ----------
    hop : number of the first.
    a, b : float32, shape (160 n,)
    low_pass, tables, weights, a_ears, b_ears : of ``dsp.ears.hear``.
    a_tally, b_tally, cross, between : of :func:`judge`.

    Returns
    -------
    hops : how many were heard. It stops before one that is no audio.
    a_told, b_told, happened : of the last of them, as :func:`judge` gives them.
    judged : false when the ears found an edge of talk in the last of them: its frames are still to be judged.
    """
    for k in range(a.size // HOP):
        one, other = a[k * HOP : (k + 1) * HOP], b[k * HOP : (k + 1) * HOP]
        if not (is_audio(one, FULL_SCALE_LIMIT) and is_audio(other, FULL_SCALE_LIMIT)):
            return k, 0, 0, 0, True
        ears.hear(one, low_pass, tables, weights, a_ears)
        ears.hear(other, low_pass, tables, weights, b_ears)
        a_frame, b_frame = a_ears[0].frame, b_ears[0].frame
        if a_frame.edge_ago_hops or b_frame.edge_ago_hops:
            return k + 1, 0, 0, 0, False
        a_told, b_told, happened = judge(
            hop + k, a_frame, b_frame, False, False, a_tally, b_tally, cross, between
        )
        if a_told or b_told or happened:
            return k + 1, a_told, b_told, happened, True
    return a.size // HOP, 0, 0, 0, True


class Pair:
    """Two channels of one call.

    Parameters
    ----------
    ears, tallies : of each.
    overlap_s : talking over the other side for so long interrupts.
    """

    def __init__(self, ears: tuple[Ears, Ears], tallies: tuple[Tally, Tally], overlap_s: float) -> None:
        self._ears = ears
        self._tallies = tallies
        self._crosstalk = Crosstalk()
        self.turns = Turns(overlap_s)
        self._frames = np.zeros(2, FRAME)

    def hear(self, hop: int, a: Floats, b: Floats) -> tuple[int, int, int, int, bool]:
        """Hear whole hops of both, as many of each; see :func:`hear`."""
        one, other = self._ears
        mine, theirs = self._tallies
        heard: tuple[int, int, int, int, bool] = hear(
            hop, a, b, LOW_PASS, TABLES, WEIGHTS, one.state, other.state,
            mine.state, theirs.state, self._crosstalk.state, self.turns.state,
        )  # fmt: skip
        return heard

    def judge(
        self, hop: int, frames: list[Frame], bad: tuple[bool, bool]
    ) -> tuple[tuple[int, int, int], list[Frame]]:
        """Take the frames of a hop: what :func:`judge` gives, and the frames with leakage taken out."""
        self._frames[0], self._frames[1] = frames
        mine, theirs = self._tallies
        told = judge(
            hop, self._frames[0], self._frames[1], *bad,
            mine.state, theirs.state, self._crosstalk.state, self.turns.state,
        )  # fmt: skip
        return told, [Frame._make(frame.item()) for frame in self._frames]
