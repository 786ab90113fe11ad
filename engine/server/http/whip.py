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
"""Longest fragment; a candidate has about 150, and browsers send them one by one."""

MAX_CANDIDATE_LINES = 64
"""Candidates in a fragment, those that can't be used among them."""

RESUME = "Sottovoce-Resume"
"""Token of a session: the answer has it, and an offer with it goes on in that session."""

SESSION = "Sottovoce-Session"
"""Id of the session, for ``/sessions/{id}/live``: whoever knows it may watch, and do nothing else."""

SEAT = "Sottovoce-Seat"
"""Token of a seat in a room: whoever sits there is heard in the room's session."""

HEAR = "hear"
"""In the query of an offer from a page that plays what the engine says: an answer to WHIP alone is
``recvonly`` (RFC 9725, section 4.2), this one ``sendrecv`` where the offer is."""

NO_SESSION = "no such session; it may have ended. POST an offer to /whip to begin one"

PLACED = "placed"
"""In the query of an offer that was redirected: it is not redirected again, so nothing can go in circles."""


class Endpoint(HTTPEndpoint):
    """``/whip``: offers come here (RFC 9725, section 4.2)."""

    async def options(self, request: Request) -> Response:
        """Say what can be posted."""
        return Response(
            status_code=204,
            headers={"Accept-Post": SDP, "Allow": "OPTIONS, POST", **_ice_server_links(_hub(request))},
        )

    async def post(self, request: Request) -> Response:
        """Answer an offer: 201, with the session's address, entity tag and resume token.

        307 where another worker is to answer it (RFC 9725, section 4.5).
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
    """``/whip/{id}/{key}``: a session that was begun, for whoever began it (RFC 9725, section 5)."""

    async def options(self, request: Request) -> Response:
        """Say what can be done with it."""
        headers = {"Allow": "DELETE, OPTIONS, PATCH", "Accept-Patch": FRAGMENT}
        return Response(status_code=204, headers=headers)

    async def patch(self, request: Request) -> Response:
        """Take candidates that were found after the offer (RFC 9725, section 4.3.2)."""
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
            # Section 4.3.1: a session that knows only one of trickle and restart refuses the other so.
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
    """Hub, for a request that may use it."""
    hub = _hub(request)
    same_origin(request, ports_of(hub.placement.addresses))
    return hub


def session_of(request: HTTPConnection) -> LiveSession:
    """Session that a request, also one for a WebSocket, names in its path.

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
    """Session in a request's path, which must have its key too; a wrong one is answered as a wrong id."""
    session = session_of(request)
    if not hmac.compare_digest(request.path_params["key"].encode(), session.key.encode()):
        raise Problem(404, NO_SESSION)
    return session


def _ice_server_links(hub: Hub) -> dict[str, str]:
    servers = hub.settings.ice_servers
    return {"Link": ", ".join(server.link() for server in servers)} if servers else {}


async def _read_text(request: Request, kind: str, accepts: dict[str, str], most: int = MAX_BODY_BYTES) -> str:
    """Body of a request.

    Raises
    ------
    Problem
        415 for another type, 413 when it is too long, 400 when it isn't text.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != kind:
        raise Problem(415, f"the body must be {kind}, not {given or 'of no type'}", accepts)
    body = await read_body(request, most)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8 text ({error.reason} at byte {error.start})") from error
