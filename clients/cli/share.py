"""``sottovoce share``: what ``serve`` does, for other machines of the network too."""

from __future__ import annotations

import argparse
from typing import Any

from .serve import add_options, serve, settings


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "share",
        help="serve the page to other machines of your network too, by https",
        description="Serve the page and the engine as `serve` does, and to other machines of your network by "
        "https, so that a friend or your phone can join a call. It makes the certificate and prints the link "
        "and its QR code. Your takes and programme can be reached from this machine alone.",
    )
    parser.add_argument(
        "--lan-port",
        type=int,
        default=8443,
        metavar="PORT",
        help="port for other machines; 0 picks a free one (%(default)s)",
    )
    parser.add_argument(
        "--address",
        metavar="IP",
        help="which of this machine's addresses the link has; the likeliest to be reached without it",
    )
    parser.add_argument(
        "--self-signed",
        action="store_true",
        help="make a certificate that signs itself, without an authority that a device could trust",
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.server.settings import Lan, Settings, whose_record
    from engine.store.folders import default_folder

    lan = Lan(
        folder=str(default_folder() / "certificates"),
        port=args.lan_port,
        address=args.address,
        self_signed=args.self_signed,
    )
    serve(settings(args, lan=lan, record=whose_record(args.record, Settings().host)))
    return 0
