"""``sottovoce serve``: the page, the engine behind it, and WHIP for other publishers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from . import assistant
from .kept_record import add_place_options
from .programme_asked import SHIPPED

if TYPE_CHECKING:
    from engine.server.settings import Settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve the page and the engine",
        description="Serve the page and the engine. Any WHIP client can publish to /whip.",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; %(default)s means this machine only"
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="host name under which browsers reach the server, such as coach.example.com or *.example.com; "
        "repeat for more names; IP addresses, localhost, this machine's name and those in the certificate "
        "are always allowed",
    )
    parser.add_argument("--tls-cert", metavar="FILE", help="certificate chain in PEM, for https")
    parser.add_argument(
        "--tls-key", metavar="FILE", help="key of the certificate in PEM, if it is in another file"
    )
    parser.add_argument(
        "--metrics",
        action="store_true",
        help="serve /metrics to everyone, not only to this machine",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="address or network of a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are trusted; "
        "repeat for more; none by default",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="worker processes, one per core; they use the ports after the public one (%(default)s)",
    )
    parser.add_argument(
        "--worker-path",
        metavar="PATH",
        help="path under which a reverse proxy reaches each worker instead, such as /w{slot}",
    )
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: Any) -> None:
    """Add the options of whatever serves."""
    parser.add_argument(
        "--port", type=int, default=8765, help="port to listen on; 0 picks a free one (%(default)s)"
    )
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="profile of sessions that don't choose one: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--max-sessions",
        type=int,
        default=250,
        metavar="N",
        help="most sessions at a time; further clients are told to try again later (%(default)s)",
    )
    parser.add_argument(
        "--max-cpu",
        type=float,
        default=0.85,
        metavar="SHARE",
        help="share of a processor core that sessions may use before new ones are told to try again later "
        "(%(default)s)",
    )
    parser.add_argument(
        "--max-delay-s",
        type=float,
        default=0.05,
        metavar="S",
        help="how long incoming packets may wait before the server refuses new sessions and sends less "
        "detail (%(default)s)",
    )
    parser.add_argument(
        "--max-connections",
        type=int,
        default=2048,
        metavar="N",
        help="most TCP connections at a time; at the limit, the longest idle one is closed (%(default)s)",
    )
    parser.add_argument(
        "--max-connections-per-address",
        type=int,
        default=512,
        metavar="N",
        help="the same for one address; behind a reverse proxy all connections are the proxy's (%(default)s)",
    )
    parser.add_argument(
        "--request-s",
        type=float,
        default=10.0,
        metavar="S",
        help="longest time for a request's header to arrive, and again for its body (%(default)s)",
    )
    parser.add_argument(
        "--access-log",
        action="store_true",
        help="log each request, with the client's address",
    )
    parser.add_argument(
        "--quota",
        type=float,
        default=1.0,
        metavar="TIMES",
        help="multiply the limits on calls, rooms and attempts of one network address; 0 means no limits "
        "(%(default)s)",
    )
    parser.add_argument(
        "--drain-s",
        type=float,
        default=5.0,
        metavar="S",
        help="how long sessions may continue after SIGTERM before they move to another worker or end "
        "(%(default)s)",
    )
    parser.add_argument(
        "--no-words",
        action="store_true",
        help="recognise no words; without it they are recognised for each speaker who asks, and no other",
    )
    parser.add_argument(
        "--words-cores",
        type=float,
        default=1.0,
        metavar="CORES",
        help="most processor cores of each worker for recognising words; live words of a speaker need 0.2, "
        "words by phrase 0.05; above it, or when the server is busy, words come later or not (%(default)s)",
    )
    assistant.add_options(
        parser,
        "It gets the words and the question of a take, as text, of speakers who agree in that session.",
    )
    parser.add_argument(
        "--record",
        metavar="PERSON|off",
        help="keep what this person allows of the takes that they make on this machine; on a server that "
        "other machines can reach nothing is kept without it (`me` on one for this machine only)",
    )
    add_place_options(parser)
    parser.add_argument(
        "--programme",
        default=SHIPPED,
        metavar="NAME",
        help="programme of who has a record: a name or a TOML file (%(default)s)",
    )
    parser.add_argument(
        "--drills",
        metavar="FOLDER",
        help="folder with your own drills (TOML files), added to the shipped ones",
    )
    parser.add_argument(
        "--sounds",
        metavar="FOLDER",
        help="use your own recordings as distractions: phone_ring.wav, murmur.mp3, ...",
    )
    parser.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="STUN or TURN server for peers behind NAT: stun:host:port or turn:user:password@host:port; "
        "repeat for more; none by default",
    )


def run(args: argparse.Namespace) -> int:
    from engine.server.settings import whose_record

    serve(
        settings(
            args,
            host=args.host,
            allowed_hosts=tuple(args.allowed_host),
            tls_cert=args.tls_cert,
            tls_key=args.tls_key,
            metrics=args.metrics,
            trusted_proxies=tuple(args.trusted_proxy),
            workers=args.workers,
            worker_path=args.worker_path,
            record=whose_record(args.record, args.host),
        )
    )
    return 0


def settings(args: argparse.Namespace, **own: Any) -> Settings:
    """Return the settings of what :func:`add_options` takes, and a command's ``own``, checked."""
    from engine.server.settings import IceServer, Settings, checked

    return checked(
        Settings(
            port=args.port,
            profile=args.profile,
            max_sessions=args.max_sessions,
            max_cpu=args.max_cpu,
            max_delay_s=args.max_delay_s,
            max_connections=args.max_connections,
            max_connections_per_address=args.max_connections_per_address,
            request_s=args.request_s,
            access_log=args.access_log,
            quota=args.quota,
            words=not args.no_words,
            words_cores=args.words_cores,
            assistant=assistant.endpoint(args),
            drain_s=args.drain_s,
            store=args.store,
            record_key=args.record_key,
            programme=args.programme,
            drills=args.drills,
            sounds=args.sounds,
            ice_servers=tuple(IceServer.parse(url) for url in args.ice_server),
            **own,
        )
    )


def serve(settings: Settings) -> None:
    """Serve until interrupted."""
    from engine.server.serve import run as serve
    from engine.shipped.profiles import load
    from engine.shipped.programmes import load as load_programme
    from engine.store.key import key_of_file
    from engine.warm import warm_up

    load(settings.profile)  # a mistake in it is said before the ears are compiled
    load_programme(settings.programme)
    key_of_file(settings.record_key)
    warm_up()
    serve(settings)
