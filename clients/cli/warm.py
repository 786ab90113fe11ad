"""``sottovoce warm``: compile the kernels before the first start needs them."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "warm",
        help="compile everything that a call uses, which else the first start does",
        description="Compile every kernel that a call may use, and keep the result on disk; where it is kept "
        "already, load it. For an installation that is built once and started often, such as an image of a "
        "container: run as the user that will run `sottovoce serve`.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from engine.warm import warm_up

    warm_up()
    return 0
