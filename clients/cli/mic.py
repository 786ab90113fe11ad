"""``sottovoce mic``: practise in the terminal."""

from __future__ import annotations

import argparse
from typing import Any

from engine.errors import UsageError

from . import assistant, words


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "mic",
        help="practise in the terminal, with this machine's microphone",
        description="Practise in the terminal: speak into this machine's microphone and see the nudges here. "
        "Nothing is sent until you speak: then the second before and everything after it. Until then it "
        "tells when it hears only noise, and what to do. Press Ctrl+C to end the session and see its "
        "summary.",
    )
    parser.add_argument(
        "--server",
        metavar="URL",
        help="use a server that is already running; by default one starts in this process",
    )
    parser.add_argument(
        "--device", type=int, metavar="N", help="the microphone's number; by default the system's microphone"
    )
    parser.add_argument("--list-devices", action="store_true", help="list the microphones")
    parser.add_argument(
        "--check", action="store_true", help="only say whether the microphone hears a voice; send nothing"
    )
    parser.add_argument(
        "--profile",
        default="conversation",
        metavar="NAME",
        help="profile to use: a name or, without --server, a TOML file (%(default)s)",
    )
    words.add_options(parser)
    assistant.add_options(
        parser, "Your words and the question are sent, and only after you agree; not with --server."
    )
    assistant.add_agreement(parser)
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
    from clients.terminal.session import check_microphone, practise

    words.check_options(args)
    where = assistant.endpoint(args)
    if where is not None and args.server is not None:
        raise UsageError("--assistant is for the server of this process, not for --server")
    if where is not None:
        assistant.check_agreement(args.assistant_agree)
    check(args.device)
    if args.check:
        asyncio.run(check_microphone(Screen(), args.device))
        return 0
    if args.server is None:
        from engine.warm import warm_up

        warm_up()
    agreed = args.assistant_agree or where is None or assistant.asked("your words afterwards", where.host)
    asyncio.run(
        practise(
            Screen(),
            server=args.server,
            device=args.device,
            profile=args.profile,
            words=args.words,
            question=args.question or "",
            assistant=where if agreed else None,
        )
    )
    return 0
