"""What a server and its recognition process say to each other, over a stream socket.

Each message is four bytes of length, little-endian, and a MessagePack map. Positions are samples of
stream time (16 kHz) of one speaker.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from engine.language.transcript import Transcript
from engine.protocol.review import AnswerReview

from .recogniser import Mode, Result

HEADER_BYTES = 4

Kind = TypeVar("Kind")


# To the process:


class Begin(Struct, frozen=True, tag=True):
    """Recognise a speaker in a mode from here on; of one who is there already, change the mode."""

    stream: int
    mode: Mode
    correct: bool = False
    """Whether live words are heard again where there is time, with their sound kept until then."""


class Heard(Struct, frozen=True, tag=True):
    """Samples of a speaker: float32 in native byte order. What lies before ``start`` was lost."""

    stream: int
    start: int
    samples: bytes


class Skipped(Struct, frozen=True, tag=True):
    """A span of which the server has no samples: lost, or dropped because there was no time (``busy``)."""

    stream: int
    start: int
    stop: int
    busy: bool


class Finish(Struct, frozen=True, tag=True):
    """No more samples of a speaker come; answered by :class:`Finished` after the last words."""

    stream: int


class Drop(Struct, frozen=True, tag=True):
    """Forget a speaker and all that waits of them; not answered."""

    stream: int


class AskReview(Struct, frozen=True, tag=True):
    """Review an answer; answered by :class:`Reviewed` or :class:`NotReviewed`."""

    id: int
    question: str
    transcript: Transcript


Request = Begin | Heard | Skipped | Finish | Drop | AskReview


# From the process:


class Begun(Struct, frozen=True, tag=True):
    """A recogniser is ready."""

    stream: int
    source: str
    """Its name."""


class Told(Struct, frozen=True, tag=True):
    """What became known of a speaker, in stream time."""

    stream: int
    results: list[Result]
    taken: int
    """Samples, skipped ones included, that the process has taken since the last message."""
    waiting: int
    """Samples that the process still holds, to be recognised when there is time."""


class Failed(Struct, frozen=True, tag=True):
    """A speaker can't be recognised any more; nothing else comes of them."""

    stream: int
    why: str


class Settled(Struct, frozen=True, tag=True):
    """All words of a speaker have been told, as they were recognised at first."""

    stream: int


class Finished(Struct, frozen=True, tag=True):
    """All words of a speaker have been told, with their corrections."""

    stream: int


class Reviewed(Struct, frozen=True, tag=True):
    """A review."""

    id: int
    review: AnswerReview


class NotReviewed(Struct, frozen=True, tag=True):
    """There is no review."""

    id: int
    why: str


Answer = Begun | Told | Failed | Settled | Finished | Reviewed | NotReviewed

_encoder = msgspec.msgpack.Encoder()
requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def encode(message: Request | Answer) -> bytes:
    """Return a message with its length before it."""
    body = _encoder.encode(message)
    return len(body).to_bytes(HEADER_BYTES, "little") + body


class Messages(Generic[Kind]):
    """Cuts a stream of bytes into messages."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[Kind]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Kind]:
        """Return the messages that are complete with these bytes."""
        messages: list[Kind] = []
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEADER_BYTES:
            body = start + HEADER_BYTES
            end = body + int.from_bytes(buffer[start:body], "little")
            if len(buffer) < end:
                break
            messages.append(self._decoder.decode(bytes(buffer[body:end])))
            start = end
        del buffer[:start]
        return messages
