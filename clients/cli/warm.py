"""``sottovoce warm``: compile the kernels before the first start needs them."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "warm",
        help="compile everything that a call uses, so that the first start is fast",
        description="Compile every kernel that a call may use and keep the result on disk; if it is already "
        "there, load it. Use this when you build a container image: run it as the user that will run "
        "`sottovoce serve`.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.warm import warm_up

    warm_up()
    return 0
