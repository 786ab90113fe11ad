"""``sottovoce feedback``: ask people, see what they say together, compare it with ratings and takes."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from engine.errors import NoSuchRound, UsageError

from .kept_record import add_record_options, made, opened
from .programme_asked import add_programme_option, programme_of

if TYPE_CHECKING:
    from engine.protocol.feedback import Asked, FeedbackRound
    from engine.store.record import Record

LOCAL = "http://localhost:8765/"

DAYS = 14
"""How long links work, as in :mod:`engine.protocol.feedback`, too much for help."""

ONLY_HERE = (
    "These links work on this machine only. Say where others reach your server, --server "
    "https://coach.example.com/ (docs/serving.md, Feedback), or ask by mail: sottovoce feedback form"
)


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "feedback",
        help="ask two to five people how you come across, by links or by mail",
        description="Ask people who know you, see what they say together from three answers on, and compare "
        "it with your own ratings and the figures of your takes.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    ask = _action(
        actions,
        "ask",
        "make a link for each of two to five people",
        "Make a link for each person. Each takes one answer; the links are printed this once.",
    )
    ask.add_argument("--name", required=True, help="your name, as those you ask know you")
    ask.add_argument("--people", type=int, default=3, metavar="N", help="how many, 2 to 5 (%(default)s)")
    _days(ask)
    add_programme_option(ask)
    ask.add_argument(
        "--server", default=LOCAL, metavar="URL", help="where they reach your server (%(default)s)"
    )
    ask.set_defaults(run=run_ask)

    show = _action(
        actions,
        "show",
        "show rounds, and the three columns: you, others, your takes",
        "Show all rounds, what people say together, and where it differs from your ratings and your takes.",
    )
    add_programme_option(show)
    show.add_argument(
        "--zone", metavar="ZONE", help="your time zone, such as Europe/Berlin; the system's by default"
    )
    show.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    show.set_defaults(run=run_show)

    close = _action(
        actions,
        "close",
        "end a round, and see its answers if there are at least three",
        "End a round: its links take no more answers. Fewer than three answers are deleted unread.",
    )
    _round(close)
    close.add_argument("--yes", action="store_true", help="don't ask")
    close.set_defaults(run=run_close)

    extend = _action(
        actions, "extend", "let the links of a round work longer", "Let the links of a round work longer."
    )
    _round(extend)
    _days(extend)
    extend.set_defaults(run=run_extend)

    delete = _action(
        actions,
        "delete",
        "delete a round and its answers, for good",
        "Delete a round and all answers to it, at once, down to the bytes of the files.",
    )
    _round(delete)
    delete.add_argument("--yes", action="store_true", help="don't ask")
    delete.set_defaults(run=run_delete)

    rate = _action(
        actions, "rate", "rate yourself in what others are asked", "Rate yourself in what others are asked."
    )
    rate.add_argument(
        "ratings", metavar="NAME=N", nargs="+", help="what, and 1 to 10 or none: explaining=7, growth=6"
    )
    add_programme_option(rate)
    rate.set_defaults(run=run_rate)

    form = _action(
        actions,
        "form",
        "write the questions as a text to send by mail",
        "Write the questions as a text to send by mail. Such an answer isn't anonymous; the text says so.",
    )
    form.add_argument("file", metavar="FILE", help="file to write, not there yet; - for standard output")
    form.add_argument("--name", required=True, help="your name, as those you ask know you")
    add_programme_option(form)
    form.set_defaults(run=run_form)

    add = _action(
        actions,
        "add",
        "add an answer that came by mail",
        "Add an answer that came by mail: the text of `sottovoce feedback form`, filled in, quoted or not.",
    )
    add.add_argument("file", metavar="FILE", help="file with the reply; - for standard input")
    add.set_defaults(run=run_add)


def _action(actions: Any, name: str, help: str, description: str) -> Any:
    parser = actions.add_parser(name, help=help, description=description)
    add_record_options(parser, sound=False)
    return parser


def _days(parser: Any) -> None:
    parser.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help="how long links work from now on (%(default)s)"
    )


def _round(parser: Any) -> None:
    parser.add_argument("round", metavar="ROUND", help="id of a round, from `sottovoce feedback show`")


def run_ask(args: argparse.Namespace) -> int:
    from engine.protocol.feedback import LEAST_ANSWERS

    server, asked = _server(args.server), _asked(args)
    if args.people < 1:
        raise UsageError("ask 2 to 5 people")
    with _record(args) as record:
        new = record.feedback.make(args.person, args.name, asked, _now(), links=args.people, days=args.days)
    print(f"Round {new.id}. One link for each person, until {new.round.expires_at:%Y-%m-%d %H:%M}:\n")
    print("\n".join(f"{server}feedback/{token}" for token in new.tokens))
    print(
        "\nThey aren't shown again, and each takes one answer. You see what they say together, from three "
        "answers on, once the round is over: sottovoce feedback show"
    )
    if args.people < LEAST_ANSWERS:
        print(f"Answers are shown from {LEAST_ANSWERS} on: of these two none ever is.", file=sys.stderr)
    if (urlsplit(server).hostname or "") in ("localhost", "127.0.0.1", "::1"):
        print(ONLY_HERE, file=sys.stderr)
    return 0


def run_show(args: argparse.Namespace) -> int:
    import msgspec

    from engine.programme.ratings import asked_of, compare, view_of
    from engine.programme.skills import Scored
    from engine.programme.standing import Standing
    from engine.protocol.feedback import OwnRating
    from engine.shipped import programmes

    from .feedback_text import rating_lines, round_lines
    from .zone import zone_of

    programme, zone = programme_of(args), zone_of(args.zone)
    now = datetime.now(UTC).astimezone(zone)
    takes, rounds, own = [], {}, {}
    with opened(args.store) as record:
        if record is not None:
            takes = list(record.all(args.person, review=False))
            rounds = record.feedback.rounds(args.person, now)
            own = record.documents.all(args.person, "rating", OwnRating)
    gaps = Standing(Scored(programme, takes, programmes.asks()), now, zone).gaps()
    table = compare(asked_of(programme), own, rounds.values(), gaps)
    views = [view_of(id, one, now) for id, one in rounds.items()]
    views.sort(key=lambda view: view.made_at, reverse=True)
    if args.json:
        print(msgspec.json.encode({"rounds": views, "ratings": table}).decode())
        return 0
    print("\n".join([*round_lines(views, zone), "", *rating_lines(table)]))
    return 0


def run_close(args: argparse.Namespace) -> int:
    from engine.programme.ratings import view_of
    from engine.protocol.feedback import LEAST_ANSWERS

    from .agreed import agreed
    from .feedback_text import round_lines
    from .zone import zone_of

    with _record(args) as record:
        round = _found(record, args)
        few = round.answered < LEAST_ANSWERS and not round.over
        answers = f"{round.answered} answer{'' if round.answered == 1 else 's'}"
        if few and not args.yes and not agreed(f"End it: {answers} will be deleted unread"):
            print("The round goes on.")
            return 0
        closed = record.feedback.close(args.person, args.round)
    print("\n".join(round_lines([view_of(args.round, closed, _now())], zone_of(None))))
    return 0


def run_extend(args: argparse.Namespace) -> int:
    with _record(args) as record:
        round = record.feedback.extend(args.person, args.round, _now(), args.days)
    print(f"The links of {args.round} work until {round.expires_at:%Y-%m-%d %H:%M}.")
    return 0


def run_delete(args: argparse.Namespace) -> int:
    from .agreed import agreed

    with _record(args) as record:
        _found(record, args)
        if not args.yes and not agreed(f"Delete the round {args.round} and its answers, for good"):
            print("Nothing was deleted.")
            return 0
        record.feedback.delete(args.person, args.round)
    print(f"Deleted: the round {args.round}.")
    return 0


def run_rate(args: argparse.Namespace) -> int:
    from engine.protocol.feedback import OwnRating

    names = [one.name for one in _asked(args)]
    ratings = dict(_rating(text, names) for text in args.ratings)
    with _record(args) as record:
        for name, rating in ratings.items():
            if rating is None:
                record.documents.delete(args.person, "rating", name)
            else:
                record.documents.put(args.person, "rating", name, OwnRating(rating=rating, at=_now()))
    for name, rating in ratings.items():
        print(f"{name}: {'not rated' if rating is None else rating}")
    return 0


def run_form(args: argparse.Namespace) -> int:
    from engine.programme.feedback_text import form_text

    from .new_file import check_new, new_file

    if args.file != "-":
        check_new(args.file)
    asked = _asked(args)
    with _record(args) as record:
        new = record.feedback.make(args.person, args.name, asked, _now(), links=0, days=DAYS)
    text = form_text(new.id, new.round)
    if args.file == "-":
        sys.stdout.write(text)
        return 0
    with new_file(args.file) as file:
        file.write(text.encode())
    print(
        f"Send {args.file}, and add each reply: sottovoce feedback add REPLY. Such answers aren't anonymous."
    )
    return 0


def run_add(args: argparse.Namespace) -> int:
    from engine.programme.feedback_text import read_mail

    try:
        text = sys.stdin.read() if args.file == "-" else Path(args.file).read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{args.file} can't be read: {error.strerror}") from error
    with _record(args) as record:
        id, answer = read_mail(text, record.feedback.rounds(args.person, _now()))
        record.feedback.add_mailed(args.person, id, answer)
    texts = sum(1 for one in (answer.stop, answer.start) if one)
    print(f"Added to {id}: {len(answer.ratings)} ratings, {texts} of two texts.")
    return 0


def _record(args: argparse.Namespace) -> AbstractContextManager[Record]:
    return made(args.store)


def _asked(args: argparse.Namespace) -> list[Asked]:
    """Return what people are asked."""
    from engine.programme.ratings import asked_of

    return asked_of(programme_of(args))


def _found(record: Record, args: argparse.Namespace) -> FeedbackRound:
    found = record.feedback.rounds(args.person, _now()).get(args.round)
    if found is None:
        raise NoSuchRound(f"there is no round of feedback {args.round}: sottovoce feedback show lists them")
    return found


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _server(url: str) -> str:
    refused = UsageError(
        f"--server {url}: an address looks like https://coach.example.com/ or http://192.168.1.20:8765/"
    )
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise refused from error
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise refused
    return url if url.endswith("/") else f"{url}/"


def _rating(text: str, names: list[str]) -> tuple[str, int | None]:
    name, _, given = text.partition("=")
    name = name.strip()
    if name not in names:
        raise UsageError(f"{text}: nothing of that name is rated; there are {', '.join(names)}")
    if given == "none":
        return name, None
    if given not in map(str, range(1, 11)):
        raise UsageError(f"{text}: a rating is a whole number from 1 to 10, or none")
    return name, int(given)
