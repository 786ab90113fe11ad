"""``sottovoce profile``: the thresholds in force, and checking one's own."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "profile",
        help="the thresholds in force; check your own",
        description="Thresholds come from a profile: a shipped one, or a TOML file of your own.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the shipped profiles", description="The shipped profiles.")
    listing.set_defaults(run=list_profiles)
    show = actions.add_parser(
        "show",
        help="every setting of a profile, as TOML",
        description="Every setting of a profile, as TOML with what it means and may be: "
        "a start for one of your own.",
    )
    show.add_argument("name", metavar="NAME", help="a shipped profile, or a TOML file")
    show.set_defaults(run=show_profile)
    check = actions.add_parser(
        "check",
        help="validate a file of your own",
        description="Validate a file of your own, and say what it changes.",
    )
    check.add_argument("file", metavar="FILE", help="a TOML file")
    check.set_defaults(run=check_profile)


def list_profiles(_args: argparse.Namespace) -> int:
    from engine.shipped.profiles import load, shipped

    for name in shipped():
        print(f"{name:14}{load(name).description}")
    return 0


def show_profile(args: argparse.Namespace) -> int:
    import json

    from engine.profile import settings
    from engine.shipped.profiles import load

    profile = load(args.name)
    print(f"name = {json.dumps(profile.name)}")
    print(f"description = {json.dumps(profile.description)}")
    table = None
    for setting in settings():
        if setting.table != table:
            table = setting.table
            print(f"\n[{table}]")
        value = getattr(getattr(profile, setting.table), setting.key)
        line = f"{setting.key} = {str(value).lower()}"
        print(f"{line:28}# {setting.meaning} ({setting.allowed})")
    return 0


def check_profile(args: argparse.Namespace) -> int:
    from pathlib import Path

    from engine.profile import Profile, settings
    from engine.shipped.profiles import load

    profile = load(Path(args.file))
    defaults = Profile(name="")
    print(f"{args.file}: a valid profile, {profile.name}")
    for setting in settings():
        value = getattr(getattr(profile, setting.table), setting.key)
        usual = getattr(getattr(defaults, setting.table), setting.key)
        if value != usual:
            print(f"  {setting.table}.{setting.key} = {str(value).lower()}, by default {str(usual).lower()}")
    return 0
