"""WHIP, the WebRTC-HTTP ingestion protocol (RFC 9725): any WHIP client can publish."""

from __future__ import annotations

import hmac

from starlette.endpoints import HTTPEndpoint
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from engine.media.webrtc.sdp import split_lines
from engine.server.hub import Hub
from engine.server.limits.quota import address_of
from engine.server.sessions.connection import PATCHES_PER_S
from engine.server.sessions.live_session import LiveSession

from .bodies import MAX_BODY_BYTES, read_body
from .origin import base_url, ports_of, redirection, same_origin
from .problems import Problem

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
MAX_FRAGMENT_BYTES = 16_384
"""Longest fragment; a candidate has about 150 bytes, and browsers send them one by one."""

MAX_CANDIDATE_LINES = 64
"""Most candidates in a fragment, unusable ones included."""

RESUME = "Sottovoce-Resume"
"""Header with a session's resume token: in the answer, and in an offer that resumes the session."""

SESSION = "Sottovoce-Session"
"""Header with the session's id, for ``/sessions/{id}/live``: it allows watching, and nothing else."""

SEAT = "Sottovoce-Seat"
"""Header with the token of a seat in a room: its audio goes to the room's session."""

HEAR = "hear"
"""Query parameter of an offer from a page that plays the server's audio: a plain WHIP answer is ``recvonly``
(RFC 9725, section 4.2), with this it is ``sendrecv`` where the offer is."""

KEEP = "keep"
"""Query parameter of an offer, ``0`` for sound that isn't the speaker's own: no take is made of that session,
whatever may be kept."""

NO_SESSION = "no such session; it may have ended. POST an offer to /whip to begin one"

PLACED = "placed"
"""Query parameter of a redirected offer, which isn't redirected again: no redirection loops."""


class Endpoint(HTTPEndpoint):
    """``/whip``: the endpoint for offers (RFC 9725, section 4.2)."""

    async def options(self, request: Request) -> Response:
        """Return what can be posted."""
        return Response(
            status_code=204,
            headers={"Accept-Post": SDP, "Allow": "OPTIONS, POST", **_ice_server_links(_hub(request))},
        )

    async def post(self, request: Request) -> Response:
        """Answer an offer: 201, with the session's URL, entity tag and resume token.

        307 where another worker should answer it (RFC 9725, section 4.5).
        """
        hub = _authorized_hub(request)
        offer = await _read_text(request, SDP, {"Accept-Post": SDP})
        cues_off = [cue for cue in request.query_params.get("cues_off", "").split(",") if cue]
        token = request.headers.get(RESUME)
        seat = request.headers.get(SEAT)
        elsewhere = hub.elsewhere(seat or token, placed=PLACED in request.query_params)
        if elsewhere is not None:
            raise redirection(request, elsewhere, **{PLACED: "1"})
        session, peer = await hub.publish(
            offer,
            profile_name=request.query_params.get("profile"),
            cues_off=cues_off,
            token=token,
            hears=HEAR in request.query_params,
            seat=seat,
            address=address_of(request.scope.get("client")),
            person=None if request.query_params.get(KEEP) == "0" else hub.record.identity.person(request),
        )
        headers = {
            "Location": f"{base_url(request, hub.placement.address)}whip/{session.id}/{session.key}",
            "ETag": peer.tag,
            "Accept-Patch": FRAGMENT,
            "Cache-Control": "no-store",
            SESSION: session.id,
            RESUME: session.token,
            **_ice_server_links(hub),
        }
        return Response(peer.sdp, 201, headers, media_type=SDP)


class Resource(HTTPEndpoint):
    """``/whip/{id}/{key}``: the resource of a session, for its publisher (RFC 9725, section 5)."""

    async def options(self, request: Request) -> Response:
        """Return the methods allowed."""
        headers = {"Allow": "DELETE, OPTIONS, PATCH", "Accept-Patch": FRAGMENT}
        return Response(status_code=204, headers=headers)

    async def patch(self, request: Request) -> Response:
        """Add candidates found after the offer (RFC 9725, section 4.3.2)."""
        session = _owned_session(request)
        fragment = await _read_text(request, FRAGMENT, {"Accept-Patch": FRAGMENT}, MAX_FRAGMENT_BYTES)
        connection = session.connection
        peer = None if connection is None else connection.peer
        if connection is None or peer is None:
            raise Problem(409, f"this session has no connection now; POST a new offer with {RESUME}")
        if connection.patches.spend(0, session.clock()) < 0:
            raise Problem(
                429,
                f"a connection may send {PATCHES_PER_S:g} fragments of candidates a second; "
                "put those that were found together into one",
                {"Retry-After": "1"},
            )
        wanted = request.headers.get("If-Match")
        if wanted is None:
            raise Problem(428, f"candidates need the header If-Match: {peer.tag}, the ETag of the answer")
        lines = split_lines(fragment)
        users = [line[len("a=ice-ufrag:") :] for line in lines if line.startswith("a=ice-ufrag:")]
        if wanted.strip() == "*" or any(user != peer.ice_user for user in users):
            # Section 4.3.1: the refusal of a server that supports trickle ICE, but not ICE restarts.
            raise Problem(422, f"ICE restarts are not supported; POST a new offer with {RESUME} instead")
        if peer.tag not in [tag.strip() for tag in wanted.split(",")]:
            raise Problem(412, f"these candidates are for another connection than {peer.tag}")
        found = [line for line in lines if line.startswith("a=candidate:")]
        if not found and "a=end-of-candidates" not in lines:
            raise Problem(400, "the fragment has neither candidates nor their end (RFC 8840, section 9)")
        if len(found) > MAX_CANDIDATE_LINES:
            raise Problem(
                413, f"a fragment may have {MAX_CANDIDATE_LINES} candidates, this one has {len(found)}"
            )
        await peer.add_candidates(found)
        return Response(status_code=204)

    async def delete(self, request: Request) -> Response:
        """End the session; entity tags don't matter here (RFC 9725, section 4.3.1)."""
        session = _owned_session(request)
        session.end("asked")
        await session.closed()
        return Response(status_code=200)


def _hub(request: HTTPConnection) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


def _authorized_hub(request: HTTPConnection) -> Hub:
    """Return the hub, for a request from an allowed origin."""
    hub = _hub(request)
    same_origin(request, ports_of(hub.placement.addresses))
    return hub


def session_of(request: HTTPConnection) -> LiveSession:
    """Return the session named in the path of a request or WebSocket.

    Raises
    ------
    Problem
        403 for a page of another site, 307 to the worker that has it, 404 when none does.
    """
    hub, session_id = _authorized_hub(request), request.path_params["id"]
    session = hub.find(session_id)
    if session is None:
        home = hub.home(session_id)
        if home is not None:
            raise redirection(request, home)
        raise Problem(404, NO_SESSION)
    return session


def _owned_session(request: Request) -> LiveSession:
    """Return the session in a request's path, with its key too; a wrong key is treated as a wrong id."""
    session = session_of(request)
    if not hmac.compare_digest(request.path_params["key"].encode(), session.key.encode()):
        raise Problem(404, NO_SESSION)
    return session


def _ice_server_links(hub: Hub) -> dict[str, str]:
    servers = hub.settings.ice_servers
    return {"Link": ", ".join(server.link() for server in servers)} if servers else {}


async def _read_text(request: Request, kind: str, accepts: dict[str, str], most: int = MAX_BODY_BYTES) -> str:
    """Return the body of a request as text.

    Raises
    ------
    Problem
        415 for another type, 413 when it is too long, 400 when it isn't UTF-8.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != kind:
        raise Problem(415, f"the body must be {kind}, not {given or 'of no type'}", accepts)
    body = await read_body(request, most)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8 text ({error.reason} at byte {error.start})") from error
