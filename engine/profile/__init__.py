"""Thresholds in force: what counts as fast, flat or long, and how often to speak up.

A profile is a TOML file, read by ``engine.shipped.profiles``. It may set any part and takes the
rest from the shipped profile that it ``extends``, or from the defaults here.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from engine.errors import ProfileError


class Cue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every cue's table has."""

    on: Annotated[bool, Meta(description="whether the cue is used")] = True


class Nudges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often to speak up, for all cues."""

    gap_s: Annotated[float, Meta(ge=0, le=600, description="least time between two nudges")] = 20.0
    same_cue_gap_s: Annotated[
        float, Meta(ge=0, le=3600, description="least time between two nudges of one cue")
    ] = 40.0
    urgent_gap_s: Annotated[
        float, Meta(ge=0, le=600, description="least time between a nudge and an urgent one")
    ] = 4.0
    show_s: Annotated[float, Meta(ge=1, le=30, description="how long a nudge is shown")] = 3.0
    hysteresis: Annotated[
        float,
        Meta(
            ge=0,
            le=0.5,
            description="how far past a threshold a measure must go, as a share of the threshold",
        ),
    ] = 0.1
    least_confidence: Annotated[
        float, Meta(ge=0, le=1, description="lowest confidence of a measure that may give a nudge")
    ] = 0.5
    settle_s: Annotated[
        float, Meta(ge=0, le=120, description="speech needed before the first nudge about a trend")
    ] = 5.0
    praise: Annotated[bool, Meta(description="whether a good recovery is praised")] = True


class Pace(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``slow down`` and ``pick it up``."""

    slow_wpm: Annotated[float, Meta(ge=40, le=300, description="below this is slow")] = 130.0
    fast_wpm: Annotated[float, Meta(ge=60, le=400, description="above this is fast")] = 170.0
    window_s: Annotated[float, Meta(ge=3, le=60, description="stretch of time it is measured over")] = 7.0
    syllables_per_word: Annotated[
        float,
        Meta(ge=1, le=4, description="converts syllables to words; 1.5 fits prepared spoken English"),
    ] = 1.5


class CheckIn(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``check in now``: the 30-second rule; ``wrap up`` where there is no other side."""

    after_s: Annotated[float, Meta(ge=5, le=600, description="talk without offering the floor")] = 30.0
    wrap_up_s: Annotated[
        float, Meta(ge=0, le=3600, description="the same when there is no other side; 0 means no limit")
    ] = 120.0
    offer_s: Annotated[
        float, Meta(ge=0.5, le=10, description="a silence this long offers the other side the floor")
    ] = 1.5


class Pause(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``pause``, ``start with the point`` and ``take your time``."""

    none_for_s: Annotated[float, Meta(ge=3, le=120, description="talk without a pause")] = 14.0
    before_answer_s: Annotated[
        float, Meta(ge=1, le=60, description="silence before answering the other side")
    ] = 5.0
    inside_s: Annotated[float, Meta(ge=1, le=60, description="silence in the middle of one's own turn")] = 4.0


class PitchRange(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``vary your tone``."""

    flat_st: Annotated[
        float, Meta(ge=0.2, le=6, description="standard deviation of F0 in semitones; below this is flat")
    ] = 1.8
    lively_st: Annotated[float, Meta(ge=0.5, le=12, description="above this is lively")] = 3.6


class Ending(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``land it``: statements that end like questions."""

    rise_st: Annotated[
        float, Meta(ge=0.5, le=24, description="change of F0 in semitones that counts as a rise")
    ] = 2.0
    in_a_row: Annotated[int, Meta(ge=1, le=10, description="rises in the last four phrases")] = 2


class Creak(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``support your voice``: creak (vocal fry)."""

    creak_share: Annotated[float, Meta(ge=0.02, le=1, description="share of voiced time in creak")] = 0.25
    window_s: Annotated[float, Meta(ge=3, le=120, description="stretch of time it is measured over")] = 15.0


class Loudness(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``louder``, ``softer`` and ``louder to the end``."""

    drop_db: Annotated[float, Meta(ge=2, le=40, description="this far below one's usual level is soft")] = 8.0
    rise_db: Annotated[float, Meta(ge=2, le=40, description="this far above one's usual level is loud")] = 9.0
    least_snr_db: Annotated[
        float, Meta(ge=0, le=40, description="speech must be this far above the noise")
    ] = 8.0
    trailing_db: Annotated[
        float,
        Meta(
            ge=2,
            le=40,
            description="a phrase trails off when its last 0.4 s are this far below its median, beyond the "
            "natural 5 dB",
        ),
    ] = 5.0
    trailing_phrases: Annotated[
        int, Meta(ge=1, le=4, description="phrases of the last four that must trail off")
    ] = 3


class Fillers(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``breathe instead``."""

    per_min: Annotated[float, Meta(ge=0.5, le=60, description="filled pauses a minute")] = 3.0
    window_s: Annotated[float, Meta(ge=10, le=300, description="stretch of time they are counted over")] = (
        40.0
    )


class InterruptionCue(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``let them finish``."""

    overlap_s: Annotated[
        float, Meta(ge=0.3, le=5, description="talking over the other side for this long is an interruption")
    ] = 0.8


class TalkShare(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``ask something``."""

    high: Annotated[float, Meta(ge=0.3, le=1, description="share of all speech that is too much")] = 0.75
    window_s: Annotated[float, Meta(ge=20, le=900, description="stretch of time it is measured over")] = 120.0


class WantedIn(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``they want in``: the other side tried to start while you talked on."""

    tries: Annotated[int, Meta(ge=1, le=10, description="attempts to speak that it takes")] = 2
    window_s: Annotated[float, Meta(ge=3, le=120, description="stretch of time they are counted over")] = 20.0


class Recovery(Cue, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``good recovery`` and ``find your thread``, after having been interrupted."""

    resume_s: Annotated[float, Meta(ge=0.5, le=30, description="longest time to resume after they stop")] = (
        4.0
    )


class Profile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings in force."""

    name: str
    description: str = ""
    nudges: Nudges = Nudges()
    pace: Pace = Pace()
    check_in: CheckIn = CheckIn()
    pause: Pause = Pause()
    pitch_range: PitchRange = PitchRange()
    ending: Ending = Ending()
    creak: Creak = Creak()
    loudness: Loudness = Loudness()
    fillers: Fillers = Fillers()
    interruption: InterruptionCue = InterruptionCue()
    talk_share: TalkShare = TalkShare()
    wanted_in: WantedIn = WantedIn()
    recovery: Recovery = Recovery()

    def cue_on(self, cue: str) -> bool:
        """Whether the profile uses a cue."""
        on: bool = getattr(self, cue).on
        return on


LOWER_BELOW_UPPER = (("pace", "slow_wpm", "fast_wpm"), ("pitch_range", "flat_st", "lively_st"))
"""Table, and two of its keys of which the first must be the smaller."""

HEAD_KEYS = ("name", "description", "extends")

RENAMED_TABLES = {"voice": "creak"}
"""Tables of earlier versions, and what they are called now."""


def parse(
    text: str, origin: str, *, name: str, parents: Mapping[str, Profile] = MappingProxyType({})
) -> Profile:
    """Profile from the text of a TOML file.

    Parameters
    ----------
    origin : where the text is from, for error messages.
    name : the profile's name, when the text doesn't give one.
    parents : the profiles that it may extend, by name.

    Raises
    ------
    ProfileError
        Something in it cannot be used: says file, key, value and what is allowed.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # what tomllib raises, beyond its own error
        raise ProfileError(f"{origin}: not TOML: {error}") from error
    check(table, origin)
    extends = table.pop("extends", None)
    if extends is not None and extends not in parents:
        raise ProfileError(f"{origin}: extends = {_shown(extends)}: must be one of {_list(parents)}")
    parent = Profile(name=name) if extends is None else parents[extends]
    changed: dict[str, Any] = {
        "name": table.pop("name", name),
        "description": table.pop("description", parent.description),
    }
    for key, values in table.items():
        old = getattr(parent, key)
        typed = {inner: type(getattr(old, inner))(value) for inner, value in values.items()}
        changed[key] = msgspec.structs.replace(old, **typed)
    profile = msgspec.structs.replace(parent, **changed)
    for key, low, high in LOWER_BELOW_UPPER:
        part = getattr(profile, key)
        if getattr(part, low) >= getattr(part, high):
            least, most = getattr(part, low), getattr(part, high)
            raise ProfileError(
                f"{origin}: {key}.{low} = {least}: must be below {key}.{high}, which is {most}"
            )
    return profile


class Setting(Struct, frozen=True, kw_only=True):
    """One key that a profile may set."""

    table: str
    key: str
    kind: type
    low: float | None
    high: float | None
    meaning: str
    default: Any

    @property
    def allowed(self) -> str:
        """The allowed values, for a person."""
        if self.kind is bool:
            return "true or false"
        return f"{'a whole number' if self.kind is int else 'a number'} from {self.low:g} to {self.high:g}"

    def accepts(self, value: object) -> bool:
        """Whether a value may stand for this key."""
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if not isinstance(value, int if self.kind is int else (int, float)):
            return False
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def settings() -> Iterator[Setting]:
    """Every key of every table, in order; the documentation is made from this."""
    for table, kind in get_type_hints(Profile).items():
        if table in HEAD_KEYS:
            continue
        for key, hint in get_type_hints(kind, include_extras=True).items():
            if get_origin(hint) is not Annotated:
                raise TypeError(f"{kind.__name__}.{key} has no range or description")
            base, *metas = get_args(hint)
            meta = next(m for m in metas if isinstance(m, Meta))
            yield Setting(
                table=table,
                key=key,
                kind=base,
                low=meta.ge,
                high=meta.le,
                meaning=meta.description or "",
                default=getattr(kind(), key),
            )


def check(table: dict[str, Any], origin: str) -> None:
    """Refuse the first key, type or value that a profile may not have.

    Raises
    ------
    ProfileError
        Names file, key, value and what is allowed.
    """
    known: dict[str, dict[str, Setting]] = {}
    for setting in settings():
        known.setdefault(setting.table, {})[setting.key] = setting
    for key, value in table.items():
        if key in HEAD_KEYS:
            if not isinstance(value, str):
                raise ProfileError(f"{origin}: {key} = {_shown(value)}: must be a text in quotes")
            continue
        if key in RENAMED_TABLES:
            raise ProfileError(f"{origin}: [{key}] is called [{RENAMED_TABLES[key]}] now; rename the table")
        if key not in known:
            raise ProfileError(f"{origin}: unknown key {_shown(key)}{_meant(key, [*known, *HEAD_KEYS])}")
        if not isinstance(value, dict):
            raise ProfileError(
                f"{origin}: {key} = {_shown(value)}: must be a table, [{key}], with keys {_list(known[key])}"
            )
        for inner, given in value.items():
            setting = known[key].get(inner)  # type: ignore[assignment]
            if setting is None:
                raise ProfileError(
                    f"{origin}: unknown key {_shown(f'{key}.{inner}')}{_meant(inner, list(known[key]))}"
                )
            if not setting.accepts(given):
                raise ProfileError(f"{origin}: {key}.{inner} = {_shown(given)}: must be {setting.allowed}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _shown(value: object) -> str:
    """Enough of a value to recognise it by."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _meant(wrong: str, right: list[str]) -> str:
    close = difflib.get_close_matches(wrong, right, 1)
    return f": did you mean {close[0]!r}?" if close else f"; allowed are {_list(right)}"
