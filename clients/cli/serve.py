"""``sottovoce serve``: the page, the engine behind it, and WHIP for other publishers."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="the page and the engine behind it",
        description="Serve the page and the engine behind it. Any WHIP client can publish to /whip.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; %(default)s is this machine only"
    )
    parser.add_argument(
        "--port", type=int, default=8765, help="port to listen on, 0 for any free one (%(default)s)"
    )
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="thresholds of sessions that don't ask for others: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="name by which browsers reach the server, such as coach.example.com or *.example.com; can be "
        "given more than once; addresses, localhost, this machine's own name and those of the certificate "
        "need not be",
    )
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate chain in PEM, for https")
    parser.add_argument("--tls-key", metavar="FILE", help="its key in PEM, when it isn't in the same file")
    parser.add_argument(
        "--max-sessions",
        type=int,
        default=250,
        metavar="N",
        help="sessions at a time at the most; further ones are told to come back (%(default)s)",
    )
    parser.add_argument(
        "--max-cpu",
        type=float,
        default=0.85,
        metavar="SHARE",
        help="share of a processor core that sessions may need before new ones are told to come back "
        "(%(default)s)",
    )
    parser.add_argument(
        "--max-delay-s",
        type=float,
        default=0.05,
        metavar="S",
        help="how long what arrives may wait before new sessions are told to come back and less is told "
        "(%(default)s)",
    )
    parser.add_argument(
        "--max-connections",
        type=int,
        default=2048,
        metavar="N",
        help="TCP connections at a time; with as many, who has said nothing for longest gives way "
        "(%(default)s)",
    )
    parser.add_argument(
        "--max-connections-per-address",
        type=int,
        default=512,
        metavar="N",
        help="likewise of one address; behind a reverse proxy all are the proxy's (%(default)s)",
    )
    parser.add_argument(
        "--request-s",
        type=float,
        default=10.0,
        metavar="S",
        help="how long a request's header may take to come, and its body again (%(default)s)",
    )
    parser.add_argument(
        "--access-log",
        action="store_true",
        help="log a line for each request, with the address that it came from",
    )
    parser.add_argument(
        "--metrics",
        action="store_true",
        help="let everyone read /metrics, not only programs of this machine",
    )
    parser.add_argument(
        "--quota",
        type=float,
        default=1.0,
        metavar="TIMES",
        help="how many times the usual number of calls, rooms and tries one network address may have; "
        "0 for no bounds (%(default)s)",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="reverse proxy, or network of them, whose X-Forwarded-For and X-Forwarded-Proto are believed; "
        "can be given more than once; none by default",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="processes that share the sessions, one a core; the ports after the public one are "
        "theirs (%(default)s)",
    )
    parser.add_argument(
        "--worker-path",
        metavar="PATH",
        help="where a reverse proxy has them instead, such as /w{slot}",
    )
    parser.add_argument(
        "--drain-s",
        type=float,
        default=5.0,
        metavar="S",
        help="how long sessions may go on after SIGTERM before they move to another worker or end "
        "(%(default)s)",
    )
    parser.add_argument(
        "--drills", metavar="FOLDER", help="drills of your own, TOML files, beside the shipped ones"
    )
    parser.add_argument(
        "--sounds",
        metavar="FOLDER",
        help="recordings that stand in for distractions: phone_ring.wav and such",
    )
    parser.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="stun:host:port or turn:user:password@host:port, for peers behind NAT; "
        "can be given more than once; none by default",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.server.serve import run as serve
    from engine.server.settings import IceServer, Settings, checked
    from engine.shipped.profiles import load
    from engine.warm import warm_up

    settings = checked(
        Settings(
            host=args.host,
            port=args.port,
            profile=args.profile,
            allowed_hosts=tuple(args.allowed_host),
            tls_cert=args.tls_cert,
            tls_key=args.tls_key,
            max_sessions=args.max_sessions,
            max_cpu=args.max_cpu,
            max_delay_s=args.max_delay_s,
            max_connections=args.max_connections,
            max_connections_per_address=args.max_connections_per_address,
            request_s=args.request_s,
            access_log=args.access_log,
            metrics=args.metrics,
            quota=args.quota,
            trusted_proxies=tuple(args.trusted_proxy),
            workers=args.workers,
            worker_path=args.worker_path,
            drain_s=args.drain_s,
            drills=args.drills,
            sounds=args.sounds,
            ice_servers=tuple(IceServer.parse(url) for url in args.ice_server),
        )
    )
    load(settings.profile)  # a mistake in it is said before the ears are compiled
    warm_up()
    serve(settings)
    return 0
