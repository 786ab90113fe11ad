"""The command ``sottovoce``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from engine.errors import SottovoceError
from engine.warm import choose_folder

COMMANDS = (
    "serve", "share", "demo", "drill", "analyze", "mic", "profile", "programme", "story", "note", "feedback",
    "record", "words", "warm",
)  # fmt: skip
"""Each a module of this package with ``add_parser(subparsers)``; heavy imports wait until it runs."""

EPILOG = "Start with `sottovoce demo`, or run `sottovoce serve` and open the address it prints."

NOT_TEXT = "something on the command line is no text in UTF-8"


def parser() -> argparse.ArgumentParser:
    """Everything the command line takes; the documentation is made from this."""
    top = argparse.ArgumentParser(
        prog="sottovoce",
        description="Listens while you practise a call and whispers one useful thing at a time.",
        epilog=EPILOG,
    )
    top.add_argument("--version", action="version", version=f"sottovoce {version('sottovoce')}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for name in COMMANDS:
        importlib.import_module(f".{name}", __package__).add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 done, 2 the caller's or the far end's mistake, 130 interrupted."""
    args = parser().parse_args(argv)
    given = sys.argv[1:] if argv is None else argv
    try:
        choose_folder()
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except SottovoceError as error:
        print(f"sottovoce: {error}", file=sys.stderr)
        return 2
    except UnicodeEncodeError:
        if not any("\ud800" <= character <= "\udfff" for text in given for character in text):
            raise
        print(f"sottovoce: {NOT_TEXT}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
