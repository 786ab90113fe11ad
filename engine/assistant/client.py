"""Ask a language model for advice on a take, over HTTP: bounded in time and size, to one host only."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
import msgspec
from msgspec import Struct

from engine.errors import AssistantError
from engine.protocol.advice import Advice
from engine.protocol.words import Word

from .answer import checked_quotes, decode_answer
from .endpoint import COMPLETIONS, KEY_VARIABLE, Endpoint
from .prompt import prompt, response_format, transcript_text

Record = TypeVar("Record")

TIMEOUT_S = 60.0
"""Longest time for the whole exchange: a model on a small machine writes a few words a second."""

MOST_TOKENS = 800
"""Length of an answer; the one that is asked for takes about 300."""

MOST_BYTES = 256 * 1024
"""Length of a response."""

FORMS: tuple[dict[str, Any], ...] = (
    {"max_tokens": MOST_TOKENS, "temperature": 0.2, "response_format": response_format()},
    {"max_tokens": MOST_TOKENS, "temperature": 0.2},
    {"max_completion_tokens": MOST_TOKENS},
)
"""Options of a request, from the best: some endpoints know no schemas, some name the limit otherwise."""

MOST_AT_ONCE = 4
"""Takes that are asked about at the same time; the next one waits, within its own time."""

LEAST_WORDS = 20
"""Advice on less than that is idle."""


class _Message(Struct):
    content: str | None = None


class _Choice(Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(Struct):
    choices: list[_Choice]
    model: str | None = None


class _Model(Struct):
    id: str


class _Models(Struct):
    data: list[_Model]


_completion = msgspec.json.Decoder(_Completion)
_models = msgspec.json.Decoder(_Models)


class Assistant:
    """A language model behind an endpoint that gives advice on takes, one request each.

    Nothing is sent before :meth:`advise`, which the caller calls only once the speaker has agreed to it for
    this session. A redirect is refused and no proxy of the environment is used, so that what is sent goes to
    the endpoint's host and nowhere else. Nothing is kept.

    Parameters
    ----------
    endpoint : where it is.
    timeout_s : longest time for all requests of one take.
    """

    def __init__(self, endpoint: Endpoint, *, timeout_s: float = TIMEOUT_S) -> None:
        self.endpoint = endpoint
        self._timeout_s = timeout_s
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def advise(self, question: str, words: Sequence[Word]) -> Advice:
        """Send a take's question and words; return advice.

        Parameters
        ----------
        question : that was answered; empty when unknown.
        words : of the speaker who agreed, as the review has them.

        Raises
        ------
        AssistantError
            Too few words, no connection, a refusal, no answer in time, or none that can be used.
        """
        if len(words) < LEAST_WORDS:
            raise AssistantError(f"too few words for advice: {len(words)}, at least {LEAST_WORDS} are needed")
        try:
            async with asyncio.timeout(self._timeout_s), self._room:
                return await self._advise(question, words)
        except TimeoutError as error:
            raise AssistantError(
                f"the assistant at {self.endpoint.host} gave no answer within {self._timeout_s:g} s"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AssistantError(
                f"no assistant answers at {self.endpoint.host} ({type(error).__name__}); is it running?"
            ) from error

    async def _advise(self, question: str, words: Sequence[Word]) -> Advice:
        transcript, cut = transcript_text(words)
        headers = {"accept-encoding": "identity"}
        if self.endpoint.key is not None:
            headers["authorization"] = f"Bearer {self.endpoint.key}"
        async with httpx.AsyncClient(
            headers=headers,
            timeout=self._timeout_s,
            trust_env=False,
            follow_redirects=False,
            verify=self.endpoint.url.startswith("https"),
        ) as client:
            model = self.endpoint.model or await self._first_model(client)
            messages = prompt(question, transcript, secrets.token_hex(16))
            for options in FORMS:
                request = {"model": model, "messages": messages, "stream": False, **options}
                status, body = await self._send(client, "POST", COMPLETIONS, request)
                if status not in (400, 422):
                    break
            self._refuse(status)
        completion = self._decoded(_completion, body)
        if not completion.choices or not completion.choices[0].message.content:
            raise AssistantError("the assistant gave an empty answer; try another model")
        choice = completion.choices[0]
        if choice.finish_reason == "length":
            raise AssistantError(
                f"the assistant's answer was cut off at {MOST_TOKENS} tokens; try another model"
            )
        answer = decode_answer(choice.message.content or "")
        advice, quotes = checked_quotes(answer, words)
        return Advice(
            advice=advice,
            example=answer.example,
            quotes=quotes,
            follow_ups=answer.follow_ups,
            host=self.endpoint.host,
            model=model,
            cut=cut,
        )

    async def _first_model(self, client: httpx.AsyncClient) -> str:
        """Ask which models there are; no words are sent with it."""
        status, body = await self._send(client, "GET", "/models")
        self._refuse(status)
        models = self._decoded(_models, body).data
        if not models:
            raise AssistantError(f"the assistant at {self.endpoint.host} has no model: name one")
        return models[0].id

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, request: dict[str, Any] | None = None
    ) -> tuple[int, bytes]:
        """Send a request; return status and body, of which no more than :data:`MOST_BYTES` are read."""
        body = bytearray()
        async with client.stream(method, self.endpoint.url + path, json=request) as response:
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise AssistantError(
                        f"the assistant at {self.endpoint.host} sent more than {MOST_BYTES // 1024} kB"
                    )
        return response.status_code, bytes(body)

    def _refuse(self, status: int) -> None:
        """Raise for a status that is no success. The body may repeat what was sent, and is left out."""
        host = self.endpoint.host
        if 300 <= status < 400:
            raise AssistantError(f"the assistant at {host} redirects elsewhere, which is refused")
        if status in (401, 403):
            raise AssistantError(f"the assistant at {host} refused the key: set {KEY_VARIABLE}")
        if status == 404:
            raise AssistantError(
                f"the assistant at {host} has no such model or path; does its address end in /v1?"
            )
        if status != 200:
            raise AssistantError(f"the assistant at {host} answered with HTTP {status}")

    def _decoded(self, decoder: msgspec.json.Decoder[Record], body: bytes) -> Record:
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise AssistantError(
                f"what answers at {self.endpoint.host} is no OpenAI-compatible API; "
                "does its address end in /v1?"
            ) from error
