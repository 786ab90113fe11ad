"""``sottovoce profile``: show the shipped profiles and their settings, and check a file."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "profile",
        help="show the profiles and their thresholds; check your own",
        description="A profile holds all thresholds and settings. Use a shipped one, or your own TOML file.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list", help="list the shipped profiles", description="List the shipped profiles."
    )
    listing.set_defaults(run=list_profiles)
    show = actions.add_parser(
        "show",
        help="print every setting of a profile, as TOML",
        description="Print every setting of a profile as TOML, with its meaning and allowed values. "
        "Redirect it to a file to start your own profile.",
    )
    show.add_argument("name", metavar="NAME", help="a shipped profile, or a TOML file")
    show.set_defaults(run=show_profile)
    check = actions.add_parser(
        "check",
        help="check a profile of your own",
        description="Check a profile of your own, and list what it changes.",
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
    changed = []
    for setting in settings():
        value = getattr(getattr(profile, setting.table), setting.key)
        usual = getattr(getattr(defaults, setting.table), setting.key)
        if value != usual:
            changed.append(
                f"  {setting.table}.{setting.key} = {str(value).lower()} (default {str(usual).lower()})"
            )
    print(f"{args.file} is a valid profile, {profile.name}. It changes{':' if changed else ' nothing.'}")
    print("\n".join(changed), end="\n" if changed else "")
    return 0
