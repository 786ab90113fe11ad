"""Training of the network (PyTorch), and export of its weights for ``dsp.weights``."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from dsp.gru_network import DENSE, FEATURES, HIDDEN, OUTPUTS, SHAPES
from dsp.voice_activity import NUCLEUS_DELAY_HOPS, SETTLED_DELAY_HOPS

from .examples import Examples

SCENES_A_BATCH = 48
"""Scenes per batch."""

PIECE_HOPS = 400
"""Length of truncated back-propagation through time; the hidden state is carried from piece to piece, …"""

FORGET_SHARE = 0.4
"""… except in this share of pieces, which start from zero as at the start of a call."""

RATE, GROWN_RATE, WARM_UP, DECAY = 4e-3, 2e-3, 0.12, 1e-3
"""Highest learning rate (one cycle) from scratch and of a grown network, share of the steps up to it, and
weight decay (AdamW)."""

LONGEST_GRADIENT = 1.0
"""Gradients are clipped to this norm."""

SPEECH_WEIGHT, NUCLEUS_WEIGHT, SETTLED_WEIGHT = 1.0, 0.7, 0.6
"""Weights of the three outputs in the loss."""

PEAK_WEIGHT = 4.0
"""Additional weight of hops at the middle of a vowel in the loss of the nuclei."""

AVERAGE_DECAY = 0.999
"""The weights that are kept are a moving average of those of the steps."""

SEED = 0
"""Seed of the initial weights and of the order of scenes."""


def network() -> nn.ModuleDict:
    """Build the network as ``dsp.gru_network`` runs it."""
    return nn.ModuleDict(
        {
            "dense": nn.Linear(FEATURES, DENSE),
            "units": nn.GRU(DENSE, HIDDEN, batch_first=True),
            "out": nn.Linear(HIDDEN, OUTPUTS),
        }
    )


class Smaller:
    """An earlier network of the same kind, with fewer units: a new one starts from it and stays near it.

    Parameters
    ----------
    weights : file of ``dsp.weights``.
    dense, hidden : its sizes.
    """

    def __init__(self, weights: Path, dense: int, hidden: int) -> None:
        shapes = (
            (FEATURES, dense),
            (1, dense),
            (dense, 3 * hidden),
            (1, 3 * hidden),
            (hidden, 3 * hidden),
            (1, 3 * hidden),
            (hidden, OUTPUTS),
            (1, OUTPUTS),
        )
        ends = np.cumsum([rows * columns for rows, columns in shapes])
        flat = np.fromfile(weights, "<f2").astype(np.float32)
        if flat.size != ends[-1]:
            raise ValueError(f"{weights} holds {flat.size} weights, the named sizes make {ends[-1]}")
        blocks = zip(np.split(flat, ends[:-1]), shapes, strict=True)
        self._blocks = [torch.from_numpy(block.reshape(shape).T.copy()) for block, shape in blocks]
        self._dense, self._hidden = dense, hidden

    def grown(self, net: nn.ModuleDict) -> nn.ModuleDict:
        """Put the weights into a larger network, which then computes what the smaller one does.

        The other units keep their weights, with zeros towards all that the smaller one has (Chen,
        Goodfellow & Shlens 2016, "Net2Net: accelerating learning via knowledge transfer").
        """
        out, dense, hidden = copy.deepcopy(net), self._dense, self._hidden
        units = out["units"]
        with torch.no_grad():
            out["dense"].weight[:dense], out["dense"].bias[:dense] = self._blocks[0], self._blocks[1][:, 0]
            for gate in range(3):
                own = slice(gate * hidden, (gate + 1) * hidden)
                rows = slice(gate * HIDDEN, gate * HIDDEN + hidden)
                for weight, bias, known, (block, biases) in (
                    (units.weight_ih_l0, units.bias_ih_l0, dense, self._blocks[2:4]),
                    (units.weight_hh_l0, units.bias_hh_l0, hidden, self._blocks[4:6]),
                ):
                    weight[rows, :known], weight[rows, known:] = block[own], 0.0
                    bias[rows] = biases[own, 0]
            out["out"].weight[:, :hidden], out["out"].weight[:, hidden:] = self._blocks[6], 0.0
            out["out"].bias[:] = self._blocks[7][:, 0]
        return out

    def halfway(self, trained: nn.ModuleDict) -> nn.ModuleDict:
        """Mean of the network before and after training.

        It holds better on sounds that the training lacks than either (Wortsman et al. 2022, "Robust
        fine-tuning of zero-shot models").
        """
        out, before = copy.deepcopy(trained), self.grown(trained).state_dict()
        out.load_state_dict(
            {name: (value + before[name]) / 2 for name, value in trained.state_dict().items()}
        )
        return out


def forward(
    net: nn.ModuleDict, x: torch.Tensor, state: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log odds, shape (scenes, hops, OUTPUTS), and the hidden state."""
    y, state = net["units"](torch.relu(net["dense"](x)), state)
    return net["out"](y), state


def late(x: NDArray[np.generic], hops: int) -> torch.Tensor:
    """Delay by ``hops``, with zeros before."""
    out = np.zeros(x.shape, np.float32)
    out[:, hops:] = x[:, :-hops]
    return torch.from_numpy(out)


class Batch:
    """A batch of scenes as tensors."""

    def __init__(self, examples: Examples, chosen: NDArray[np.int64]) -> None:
        speech, nuclei = examples.speech[chosen], examples.nuclei[chosen]
        self.features = torch.from_numpy(examples.features[chosen].astype(np.float32))
        self.speech = torch.from_numpy(speech.astype(np.float32))
        self.settled = late(speech, SETTLED_DELAY_HOPS)
        self.nuclei = late(nuclei, NUCLEUS_DELAY_HOPS)
        self.known = torch.from_numpy(examples.known[chosen].astype(np.float32))[:, None]

    def losses(self, odds: torch.Tensor, hops: slice) -> torch.Tensor:
        """Losses of speech, nuclei and settled speech in these hops, shape (3,)."""
        nuclei = self.nuclei[:, hops]
        each = binary_cross_entropy_with_logits(odds[..., 1], nuclei, reduction="none")
        known = self.known.sum() * nuclei.shape[1] + 1.0
        return torch.stack(
            [
                binary_cross_entropy_with_logits(odds[..., 0], self.speech[:, hops]),
                (each * (1.0 + PEAK_WEIGHT * nuclei) * self.known).sum() / known,
                binary_cross_entropy_with_logits(odds[..., 2], self.settled[:, hops]),
            ]
        )


def area_under_curve(odds: NDArray[np.float32], truth: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that speech gets higher odds than non-speech."""
    ranks = np.empty(odds.size)
    ranks[np.argsort(odds)] = np.arange(odds.size)
    count = int(truth.sum())
    return float((ranks[truth].mean() - (count - 1) / 2) / (odds.size - count))


def fit(examples: Examples, held_out: Examples, epochs: int, smaller: Smaller | None = None) -> nn.ModuleDict:
    """Train from scratch or from a smaller network; report the held-out losses of the averaged weights.

    Returns
    -------
    ModuleDict
        The best after any epoch; halfway between that and the smaller one, if there is one.
    """
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    net, weights = network(), torch.tensor([SPEECH_WEIGHT, NUCLEUS_WEIGHT, SETTLED_WEIGHT])
    rate = RATE
    if smaller is not None:
        net, rate = smaller.grown(net), GROWN_RATE
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=DECAY)
    scenes, hops = examples.speech.shape
    batches, starts = max(1, scenes // SCENES_A_BATCH), range(0, hops, PIECE_HOPS)
    steps = epochs * batches * len(starts)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=WARM_UP)
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGE_DECAY)
    )
    best, kept = np.inf, net
    for epoch in range(epochs):
        order = rng.permutation(scenes)
        total = np.zeros(OUTPUTS)
        for number in range(batches):
            batch = Batch(examples, order[number * SCENES_A_BATCH : (number + 1) * SCENES_A_BATCH])
            state: torch.Tensor | None = None
            for start in starts:
                piece = slice(start, start + PIECE_HOPS)
                if state is not None:
                    state = None if rng.random() < FORGET_SHARE else state.detach()
                odds, state = forward(net, batch.features[:, piece], state)
                losses = batch.losses(odds, piece)
                optimiser.zero_grad()
                (losses * weights).sum().backward()
                nn.utils.clip_grad_norm_(net.parameters(), LONGEST_GRADIENT)
                optimiser.step()
                cycle.step()
                average.update_parameters(net)
                total += losses.detach().numpy()
        loss, told = report(average.module, held_out)
        print(f"epoch {epoch}: loss {total / batches / len(starts)}, held out: {told}", flush=True)
        if loss < best:
            best, kept = loss, copy.deepcopy(average.module)
    return kept if smaller is None else smaller.halfway(kept)


def report(net: nn.ModuleDict, examples: Examples) -> tuple[float, str]:
    """Held-out loss, and each of its parts with the area under the curve of speech, immediate and settled."""
    batch = Batch(examples, np.arange(len(examples.known)))
    with torch.no_grad():
        odds, _ = forward(net, batch.features, None)
        losses = batch.losses(odds, slice(None))
    now, settled = odds[..., 0].numpy(), odds[..., 2].numpy()
    at_once = area_under_curve(now.ravel(), examples.speech.ravel())
    later = area_under_curve(settled.ravel(), batch.settled.numpy().ravel() > 0.5)
    weighted = float((losses * torch.tensor([SPEECH_WEIGHT, NUCLEUS_WEIGHT, SETTLED_WEIGHT])).sum())
    return weighted, f"loss {losses.numpy()}, area {at_once:.4f} at once, {later:.4f} settled"


def export(net: nn.ModuleDict, file: Path) -> None:
    """Write the weights in the order of ``dsp.gru_network.SHAPES``, as little-endian 16-bit floats."""
    state = {name: value.numpy() for name, value in net.state_dict().items()}
    units = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0")
    names = ("dense.weight", "dense.bias", *(f"units.{name}" for name in units), "out.weight", "out.bias")
    blocks = [np.atleast_2d(state[name].T) for name in names]
    if tuple(block.shape for block in blocks) != SHAPES:
        raise ValueError(f"dsp.gru_network wants {SHAPES}")
    flat = np.concatenate([block.ravel() for block in blocks])
    file.write_bytes(flat.astype("<f2").tobytes())
    print(f"{flat.size} weights up to {np.abs(flat).max():.2f} in {file}")
