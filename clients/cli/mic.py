"""``sottovoce mic``: practise in the terminal."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "mic",
        help="practise in the terminal, with this machine's microphone",
        description="Practise in the terminal: the microphone goes over WebRTC to an engine, the nudges "
        "show here. Ctrl+C ends the session and shows its summary.",
    )
    parser.add_argument(
        "--server", metavar="URL", help="an engine that runs already; without it, one in this process"
    )
    parser.add_argument("--device", type=int, metavar="N", help="the microphone's number; the default one")
    parser.add_argument("--list-devices", action="store_true", help="show the microphones there are")
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="thresholds: a name or, without --server, a TOML file (%(default)s)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import asyncio

    from clients.terminal.microphone import check, devices

    if args.list_devices:
        for device in devices():
            mark = "*" if device.is_default else " "
            print(f"{mark} {device.number:3}  {device.name}, {device.channels} channels, {device.rate_hz} Hz")
        return 0
    from clients.terminal.screen import Screen
    from clients.terminal.session import practise

    check(args.device)
    if args.server is None:
        from engine.warm import warm_up

        warm_up()
    asyncio.run(practise(Screen(), server=args.server, device=args.device, profile=args.profile))
    return 0
