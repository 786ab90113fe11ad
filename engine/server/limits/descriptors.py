"""File descriptors: as many as the system gives, and no more connections than they are enough for."""

from __future__ import annotations

import logging
import resource

from msgspec.structs import replace

from engine.server.settings import Settings

DESCRIPTORS_PER_SESSION = 4
"""UDP sockets of a session, one for each address of the machine."""

RESERVED_DESCRIPTORS = 128
"""Files of the server itself, and of processes that it starts."""

MIN_CONNECTIONS = 32

log = logging.getLogger(__name__)


def fit_to_descriptors(settings: Settings) -> Settings:
    """Raise the limit of this process, which those it starts inherit; settings that it is enough for.

    The limit that a shell gives is 1,024, for programs of the last century (``select``); none is here.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard == resource.RLIM_INFINITY:
        return settings
    left = max(MIN_CONNECTIONS, hard - RESERVED_DESCRIPTORS - DESCRIPTORS_PER_SESSION * settings.max_sessions)
    if left >= settings.max_connections:
        return settings
    log.warning(
        "%d file descriptors are enough for %d connections beside %d sessions; raise `ulimit -Hn` for %d",
        *(hard, left, settings.max_sessions, settings.max_connections),
    )
    return replace(
        settings,
        max_connections=left,
        max_connections_per_address=min(left, settings.max_connections_per_address),
    )
