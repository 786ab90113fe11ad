"""Raise the limit on file descriptors, and fit the limit on connections to it."""

from __future__ import annotations

import logging
import resource

from msgspec.structs import replace

from engine.server.settings import Settings

DESCRIPTORS_PER_SESSION = 4
"""UDP sockets of a session: one for each address of the machine."""

RESERVED_DESCRIPTORS = 128
"""Descriptors of the server itself and of its child processes."""

MIN_CONNECTIONS = 32

log = logging.getLogger(__name__)


def fit_to_descriptors(settings: Settings) -> Settings:
    """Raise this process's limit, which child processes inherit, and return settings that fit it.

    A shell's default limit is 1,024, for programs that use ``select``; none does here.
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
