"""Speech recognition by Moonshine tiny-en in onnxruntime, on one thread.

Jeffries et al. (2024), "Moonshine: Speech recognition for live transcription and voice commands", arXiv
2410.15608. Weights and tokens come inside the package ``moonshine-voice``, are checked by their SHA-256 and
read without importing it. The decoder file computes the attention to the sound but doesn't return it; see
:func:`with_attention`.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsp.frame import RATE_HZ
from engine.errors import ModelError
from engine.media.resample import Samples

from .meaning import packaged_file
from .yielding import stand_aside

PACKAGE = "moonshine_voice"
ENCODER = "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"
DECODER = "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"
TOKENS = "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"
"""SHA-256 of the files."""

LAYERS, HEADS, HEAD_SIZE = 6, 8, 36

STEP_S = 384 / RATE_HZ
"""Time between the encoder's vectors: its convolutions have strides of 64, 3 and 2 samples."""

SHORTEST_SAMPLES = RATE_HZ // 2
"""Shorter sounds are padded with silence: the model makes up words for them otherwise."""

TOKENS_PER_S, TOKENS_MORE = 7, 3
"""Most tokens of a sound: people say up to six a second, and loops have no end."""

START, END = 1, 2
"""Tokens."""

FILLER_BIAS, FILLER_APART = 3.0, 3
"""Logits added to *um* and, three quarters of it, to the *u* of *uh*, unless one is among the last three
tokens: the transcripts that the model was trained on left most of them out."""

HEADS_AT, HEADS_AHEAD = ((1, 3),), ((3, 0),)
"""Layer and head of attention that stays at the token just written, and that looks for the next one."""

ATTENTION_OUTPUTS = {0: 633664, 1: 633680, 2: 633696, 3: 633712, 4: 633728, 5: 633744}
"""Where in the decoder's file the name of the output is, by layer, that gives the attention in exchange."""

Floats = NDArray[np.float32]
Memory = dict[str, Floats]


def with_attention(decoder: bytes) -> bytes:
    """Let the decoder return its cross-attention from its second call on.

    The file is a FlatBuffer. The graph for later calls returns the keys of the encoder's vectors, which the
    caller has from the first call; the references to their names are set to the names of the attention
    weights instead. So ``present.N.encoder.key`` is float32 of shape (1, heads, new tokens, encoder vectors).

    Raises
    ------
    ModelError
        At a known place there is no reference to the known name.
    """
    content = bytearray(decoder)
    for layer, at in ATTENTION_OUTPUTS.items():
        known = f"present.{layer}.encoder.key".encode()
        target = at + struct.unpack_from("<I", content, at)[0]
        if content[target + 4 : target + 4 + len(known)] != known:
            raise ModelError(
                "the decoder's file is not the expected one: pip install 'sottovoce[words]' again."
            )
        content += bytes(-len(content) % 4)
        struct.pack_into("<I", content, at, len(content) - at)
        name = f"/model/decoder/layers.{layer}/encoder_attn/Softmax_output_0".encode()
        content += struct.pack("<I", len(name)) + name + b"\0"
    return bytes(content)


def token_texts(content: bytes) -> list[str]:
    """Read the text of each token: a length of one byte, or of two from 128 on, and UTF-8."""
    texts, at = [], 0
    while at < len(content):
        size, at = content[at], at + 1
        if size >= 128:
            size, at = (size & 127) * 128 + content[at], at + 1
        texts.append(content[at : at + size].decode("utf-8", "replace"))
        at += size
    return texts


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was written for a sound."""

    tokens: list[int]
    log_probabilities: list[float]
    """Of each token, and of the end where the model set one."""
    attention: Floats
    """Where each token was heard, by both kinds of heads: shape (2, tokens, encoder vectors)."""

    @property
    def likelihood(self) -> float:
        """Mean log probability; 0 for a sound without any token."""
        return float(np.mean(self.log_probabilities)) if self.log_probabilities else 0.0


@dataclass(frozen=True, slots=True)
class Spelled:
    """A word of a decoded sound."""

    text: str
    first: int
    stop: int
    """Its tokens."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What the network makes of a sound before the first token: it is the same for each text."""

    mask: NDArray[np.int64]
    """Ones, as many as samples: the decoder counts them."""
    hidden: Floats
    """The encoder's vectors, shape (1, vectors, size)."""
    memory: Memory
    """Keys and values of the vectors, and of the token :data:`START`."""
    logits: Floats
    """Of the first token."""

    @property
    def most_tokens(self) -> int:
        """Most tokens that are written for it."""
        return int(self.mask.size / RATE_HZ * TOKENS_PER_S) + TOKENS_MORE


class Moonshine:
    """The network, for any number of speakers in one thread."""

    name = "moonshine-tiny-en"
    languages = ("en",)

    def __init__(self) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError("onnxruntime is not installed: pip install 'sottovoce[words]'.") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # it warns of the shape of each attention
        folder = "assets/tiny-en"
        decoder = with_attention(packaged_file(PACKAGE, f"{folder}/decoder_model_merged.ort", DECODER))
        encoder = packaged_file(PACKAGE, f"{folder}/encoder_model.ort", ENCODER)

        def load(content: bytes) -> Any:
            return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

        self._encoder, self._decoder = load(encoder), load(decoder)
        self._outputs = [output.name for output in self._decoder.get_outputs()]
        empty = np.zeros((0, HEADS, 1, HEAD_SIZE), np.float32)
        inputs = [one.name for one in self._decoder.get_inputs()]
        self._no_memory = {name: empty for name in inputs if name.startswith("past")}
        self.texts = token_texts(packaged_file(PACKAGE, f"{folder}/tokenizer.bin", TOKENS))
        self._bias = np.zeros(len(self.texts), np.float32)
        for k, text in enumerate(self.texts):
            if text.lower() in ("▁um", "▁u"):
                self._bias[k] = FILLER_BIAS if text.lower() == "▁um" else 0.75 * FILLER_BIAS
        self._fillers = set(np.flatnonzero(self._bias).tolist())

    def hear(self, samples: Samples) -> Sound:
        """Hear a sound: float32, shape (n,), 16 kHz, full scale ±1."""
        x = np.pad(samples, (0, max(0, SHORTEST_SAMPLES - samples.size)))
        mask = np.ones((1, x.size), np.int64)
        hidden = self._encoder.run(None, {"input_values": x[None], "attention_mask": mask})[0]
        answer = self._run(mask, hidden, [[START]], self._no_memory, later=False)
        memory = {_past(name): value for name, value in answer.items() if name != "logits"}
        return Sound(mask, hidden, memory, answer["logits"][0, -1])

    def decode(
        self, sound: Sound, prefix: Sequence[int] = (), draft: Sequence[int] = (), beams: int = 1
    ) -> Decoded:
        """Write what is said in a sound.

        Parameters
        ----------
        prefix : tokens with which it begins, whatever is heard; read in one pass.
        draft : tokens that may follow; read in the same pass, and kept as far as each is the likeliest
            (speculative decoding; Leviathan et al. 2023). It saves time and changes nothing.
        beams : beginnings that are followed at once; the best is taken at the end.
        """
        if beams > 1:
            prefix = self._search(sound, prefix, beams)
            return self._write(sound, prefix, (), most=len(prefix))
        return self._write(sound, prefix, draft, most=sound.most_tokens)

    def _read(self, sound: Sound, ids: Sequence[Sequence[int]], memory: Memory) -> Memory:
        """Read more tokens of one or more texts; return logits and what is to be kept in mind."""
        return self._run(sound.mask, sound.hidden, ids, memory, later=True)

    def _run(
        self,
        mask: NDArray[np.int64],
        hidden: Floats,
        ids: Sequence[Sequence[int]],
        memory: Memory,
        *,
        later: bool,
    ) -> Memory:
        feed = {
            "encoder_attention_mask": np.repeat(mask, len(ids), axis=0),
            "encoder_hidden_states": np.repeat(hidden, len(ids), axis=0),
            "input_ids": np.array(ids, np.int64),
            "use_cache_branch": np.array([later]),
        }
        stand_aside()
        answers = self._decoder.run(None, {**feed, **memory})
        return dict(zip(self._outputs, answers, strict=True))

    def _write(self, sound: Sound, prefix: Sequence[int], draft: Sequence[int], most: int) -> Decoded:
        """Take the likeliest token again and again."""
        memory, logits = sound.memory, sound.logits
        tokens: list[int] = []
        logs: list[float] = []
        at: list[Floats] = []
        ahead: list[Floats] = []
        new = [*prefix, *draft]
        while True:
            if not new:
                if len(tokens) >= most:
                    logs.append(float(_log_probabilities(logits)[END]))
                    break
                new = [self._likeliest(logits, tokens)]
                if new == [END]:
                    logs.append(float(_log_probabilities(logits)[END]))
                    break
            answer = self._read(sound, [new], memory)
            rows = [logits, *answer["logits"][0]]
            kept = self._kept(rows, tokens, new, len(prefix)) if not tokens else len(new)
            logs += [float(_log_probabilities(rows[k])[new[k]]) for k in range(kept)]
            at += _heads(answer, HEADS_AT)[:kept]
            ahead += _heads(answer, HEADS_AHEAD)[:kept]
            tokens += new[:kept]
            length = 1 + len(tokens)
            memory = memory | {
                _past(name): value[:, :, :length] for name, value in answer.items() if "decoder" in name
            }
            logits, new = rows[kept], []
        vectors = sound.hidden.shape[1]
        even = np.full(vectors, 1 / vectors, np.float32)
        attention = np.array([at, [even, *ahead[:-1]][: len(at)]], np.float32)
        return Decoded(tokens, logs, attention.reshape(2, len(at), vectors))

    def _likeliest(self, logits: Floats, tokens: Sequence[int]) -> int:
        return int((logits + self._favour(tokens)).argmax())

    def _kept(self, rows: Sequence[Floats], tokens: list[int], new: list[int], forced: int) -> int:
        """How many new tokens stay: those that are forced, and then as long as each is the likeliest."""
        for k in range(forced, len(new)):
            if self._likeliest(rows[k], [*tokens, *new[:k]]) != new[k]:
                return k
        return len(new)

    def _search(self, sound: Sound, prefix: Sequence[int], beams: int) -> list[int]:
        """Find the text with the largest mean log probability of its tokens by beam search."""
        fixed = {name: value for name, value in sound.memory.items() if "encoder" in name}
        memory = {name: value for name, value in sound.memory.items() if "decoder" in name}
        rows: Floats = sound.logits[None]
        if prefix:
            answer = self._read(sound, [prefix], sound.memory)
            rows = answer["logits"][:, -1]
            memory = {_past(name): value for name, value in answer.items() if "decoder" in name}
        texts: list[tuple[list[int], float]] = [([], 0.0)]
        done: list[tuple[float, list[int]]] = []
        for length in range(1, max(1, sound.most_tokens - len(prefix)) + 1):
            found: list[tuple[float, int, int]] = []
            for k, (tokens, total) in enumerate(texts):
                logits = rows[k].astype(np.float64)
                row = total + _log_probabilities(logits + self._favour([*prefix, *tokens]))
                best = np.argpartition(-row, beams)[:beams]
                found += [(float(row[token]), k, int(token)) for token in best]
            found.sort(reverse=True)
            done += [(total / length, texts[k][0]) for total, k, token in found[:beams] if token == END]
            going = [one for one in found if one[2] != END][:beams]
            if len(done) >= beams or (done and max(done)[0] >= going[0][0] / length):
                break
            texts = [([*texts[k][0], token], total) for total, k, token in going]
            memory = {name: value[[k for _, k, _ in going]] for name, value in memory.items()}
            shared = {name: np.repeat(value, len(texts), axis=0) for name, value in fixed.items()}
            answer = self._read(sound, [[t[-1]] for t, _ in texts], {**shared, **memory})
            rows = answer["logits"][:, -1]
            memory = {_past(name): value for name, value in answer.items() if "decoder" in name}
        return [*prefix, *(max(done)[1] if done else texts[0][0])]

    def _favour(self, tokens: Sequence[int]) -> Floats | float:
        """Logits added to the next token."""
        return 0.0 if self._fillers.intersection(tokens[-FILLER_APART:]) else self._bias

    def words(self, tokens: Sequence[int]) -> list[Spelled]:
        """Join tokens to words."""
        found: list[Spelled] = []
        for k, token in enumerate(tokens):
            text = self.texts[token]
            if text.startswith("▁") or not found:
                found.append(Spelled(text.replace("▁", ""), k, k + 1))
            else:
                found[-1] = Spelled(found[-1].text + text, found[-1].first, k + 1)
        return found


def _past(name: str) -> str:
    return name.replace("present", "past_key_values")


def _heads(answer: dict[str, Floats], heads: Sequence[tuple[int, int]]) -> list[Floats]:
    """Mean attention of some heads, a row for each new token."""
    return list(np.mean([answer[f"present.{layer}.encoder.key"][0, head] for layer, head in heads], axis=0))


def _log_probabilities(logits: NDArray[Any]) -> NDArray[Any]:
    """Logarithm of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


@functools.cache
def moonshine() -> Moonshine:
    """Load the network once for a process.

    Raises
    ------
    ModelError
        onnxruntime or the package is missing, or one of its files is not the expected one.
    """
    return Moonshine()
