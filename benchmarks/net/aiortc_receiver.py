"""A receiver as in aiortc's documentation: ``await track.recv()`` in a loop, and nothing else.

    python -m benchmarks.net.aiortc_receiver

It analyses nothing and sends no messages: its cost and delay are aiortc's own.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.media.webrtc.patches import hold_tasks, include_loopback

from .measured_server import Recorder, SessionNotes, serve_and_answer

recorder = Recorder()
connections: list[RTCPeerConnection] = []
tasks: set[asyncio.Task[None]] = set()


async def whip(request: Request) -> Response:
    """Answer an offer."""
    hold_tasks(asyncio.get_running_loop())
    include_loopback()
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connections.append(connection)
    name = str(len(connections) - 1)
    notes = recorder.begin(name)

    @connection.on("track")
    def on_track(track: MediaStreamTrack) -> None:
        task = asyncio.create_task(_receive(track, notes))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await connection.setRemoteDescription(RTCSessionDescription((await request.body()).decode(), "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    headers = {"location": f"/whip/{name}", "sottovoce-session": name}
    return Response(connection.localDescription.sdp, 201, headers, media_type="application/sdp")


async def leave(request: Request) -> Response:
    """End a connection."""
    await connections[request.path_params["number"]].close()
    return Response()


async def _receive(track: MediaStreamTrack, notes: SessionNotes) -> None:
    with suppress(MediaStreamError):
        expected = 0
        while True:
            frame = await track.recv()
            if isinstance(frame, AudioFrame) and frame.pts is not None:
                # A loss shows only as a gap in the time stamps, which count samples at 48 kHz.
                if frame.pts > expected:
                    notes.gaps.extend((expected / 3, frame.pts / 3))
                expected = frame.pts + frame.samples
                notes.known.extend((time.monotonic(), expected / 3, math.nan))


def serve(started: Callable[[str], None]) -> None:
    """Serve on a free port until interrupted."""
    app = Starlette(
        routes=[
            Route("/whip", whip, methods=["POST"]),
            Route("/whip/{number:int}", leave, methods=["DELETE"]),
        ]
    )
    config = uvicorn.Config(app, port=0, http="h11", log_level="warning", access_log=False)

    class Server(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:
            await super().startup()
            port = self.servers[0].sockets[0].getsockname()[1]
            started(f"http://127.0.0.1:{port}/")

    asyncio.run(Server(config).serve())


if __name__ == "__main__":
    serve_and_answer(serve, recorder)
