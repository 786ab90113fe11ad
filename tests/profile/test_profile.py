from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.main import main
from engine.cues import CUES
from engine.errors import ProfileError
from engine.profile import Profile, Setting, parse, settings
from engine.shipped.profiles import load, shipped

SETTINGS = list(settings())
PARENTS = {name: load(name) for name in shipped()}


def parsed(text: str) -> Profile:
    return parse(text, "mine.toml", name="mine", parents=PARENTS)


def refused(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        parsed(text)
    return str(caught.value)


def value(profile: Profile, setting: Setting) -> Any:
    return getattr(getattr(profile, setting.table), setting.key)


def test_shipped_profiles_are_those_promised() -> None:
    assert {"interview", "presentation", "conversation"} <= set(shipped())
    for name in shipped():
        assert load(name).name == name
        assert load(name).description


def test_conversation_is_the_defaults() -> None:
    """So that a file that extends nothing starts from a profile that has a name."""
    plain = msgspec.structs.replace(load("conversation"), description="")
    assert plain == Profile(name="conversation")


def test_every_cue_has_its_table_and_every_setting_its_range() -> None:
    tables = {setting.table for setting in SETTINGS}
    assert tables == {"nudges", *CUES}
    for setting in SETTINGS:
        assert setting.meaning or setting.key == "window_s", f"{setting.table}.{setting.key} says nothing"
        assert setting.accepts(setting.default)


def test_part_can_be_set_and_the_rest_stays() -> None:
    profile = parsed('extends = "presentation"\n[pace]\nfast_wpm = 200\n')
    assert (profile.name, profile.pace.fast_wpm, profile.pace.slow_wpm) == ("mine", 200.0, 110.0)
    assert isinstance(profile.pace.fast_wpm, float), "whole numbers will do"
    assert profile.check_in == load("presentation").check_in


def test_name_and_description_can_be_given() -> None:
    profile = parsed('name = "Board meeting"\ndescription = "short"\n')
    assert (profile.name, profile.description) == ("Board meeting", "short")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[pacing]\nfast_wpm = 1", "mine.toml: unknown key 'pacing': did you mean 'pace'?"),
        ("[voice]\ncreak_share = 0.3", "mine.toml: [voice] is called [creak] now; rename the table"),
        ("[pace]\nfast = 180", "mine.toml: unknown key 'pace.fast': did you mean 'fast_wpm'?"),
        ("[pace]\nzzz = 180", "mine.toml: unknown key 'pace.zzz'; allowed are on, slow_wpm, fast_wpm"),
        ("pace = 3", "mine.toml: pace = 3: must be a table, [pace], with keys on, slow_wpm"),
        ("[[pace]]\nfast_wpm = 180", "mine.toml: pace = [{'fast_wpm': 180}]: must be a table"),
        ("[pace]\nfast_wpm = 'quick'", "mine.toml: pace.fast_wpm = 'quick': must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = true", "mine.toml: pace.fast_wpm = True: must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = 1000", "mine.toml: pace.fast_wpm = 1000: must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = nan", "mine.toml: pace.fast_wpm = nan: must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = inf", "mine.toml: pace.fast_wpm = inf: must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = 2020-01-01", "must be a number from 60 to 400"),
        ("[pace]\non = 1", "mine.toml: pace.on = 1: must be true or false"),
        ("[ending]\nin_a_row = 2.5", "mine.toml: ending.in_a_row = 2.5: must be a whole number from 1 to 10"),
        (
            "[pace]\nslow_wpm = 180",
            "mine.toml: pace.slow_wpm = 180.0: must be below pace.fast_wpm, which is 170.0",
        ),
        ("name = 3", "mine.toml: name = 3: must be a text in quotes"),
        ("extends = 'talk'", "mine.toml: extends = 'talk': must be one of conversation, interview"),
        ("extends = ['interview']", "mine.toml: extends = ['interview']: must be a text in quotes"),
        ("[pace", "mine.toml: not TOML"),
        ("[pace]\nfast_wpm = 1" + "0" * 400, "must be a number from 60 to 400"),
        ("[pace]\nfast_wpm = 1" + "0" * 5000, "mine.toml: "),
        ("x = " + "[" * 5000, "mine.toml: not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_key_value_and_what_is_allowed(text: str, says: str) -> None:
    message = refused(text)
    assert says in message
    assert len(message) < 300


scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=10),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)
keys = st.one_of(
    st.sampled_from(sorted({s.key for s in SETTINGS} | {"name", "extends"})), st.text(max_size=8)
)
tables = st.one_of(st.sampled_from(sorted({s.table for s in SETTINGS})), keys)


@given(st.dictionaries(tables, st.one_of(scalars, st.dictionaries(keys, scalars, max_size=4)), max_size=5))
def test_any_table_is_taken_or_refused_in_a_sentence(table: dict[str, Any]) -> None:
    try:
        profile = parsed(_toml(table))
    except ProfileError as error:
        assert str(error).startswith("mine.toml: ")  # noqa: PT017 - both ways out are right
    else:
        assert all(setting.accepts(value(profile, setting)) for setting in SETTINGS)


@given(st.text())
def test_any_text_is_taken_or_refused_in_a_sentence(text: str) -> None:
    try:
        parsed(text)
    except ProfileError as error:
        assert str(error).startswith("mine.toml: ")  # noqa: PT017 - both ways out are right


@given(st.binary())
def test_any_file_is_taken_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    try:
        load(path)
    except ProfileError as error:
        assert str(path) in str(error)  # noqa: PT017 - both ways out are right


@given(st.data())
def test_any_value_in_range_is_taken_as_it_is(data: st.DataObject) -> None:
    setting = data.draw(st.sampled_from(SETTINGS))
    if setting.kind is bool:
        given_value: Any = data.draw(st.booleans())
    elif setting.kind is int:
        given_value = data.draw(st.integers(int(setting.low or 0), int(setting.high or 0)))
    else:
        given_value = data.draw(st.floats(setting.low, setting.high))
    try:
        profile = parsed(_toml({setting.table: {setting.key: given_value}}))
    except ProfileError as error:
        assert "must be below" in str(error)  # noqa: PT017 - a pair in the wrong order is refused
    else:
        assert value(profile, setting) == given_value


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no such file, and no shipped profile of that name; shipped are"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(ProfileError, match="cannot be read as a text file"):
        load(tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_what_show_prints_is_a_profile_of_the_same_settings(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", "show", name]) == 0
    shown = tmp_path / "shown.toml"
    shown.write_text(capsys.readouterr().out)
    assert tomllib.loads(shown.read_text()).keys() == {"name", "description", "nudges", *CUES}
    assert load(shown) == load(name)


def test_list_names_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == shipped()


def test_check_says_what_a_file_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[check_in]\nafter_s = 45\n[creak]\non = false\n")
    assert main(["profile", "check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{path} is a valid profile, mine. It changes:",
        "  check_in.after_s = 45.0 (default 30.0)",
        "  creak.on = false (default true)",
    ]
    path.write_text("[check_in]\nafter = 45\n")
    assert main(["profile", "check", str(path)]) == 2
    message = f"sottovoce: {path}: unknown key 'check_in.after': did you mean 'after_s'?\n"
    assert capsys.readouterr().err == message


def _toml(table: dict[str, Any]) -> str:
    return "\n".join(f"{_key(key)} = {_value(item)}" for key, item in table.items())


def _key(key: str) -> str:
    return _value(key)


def _value(item: Any) -> str:
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, str):
        return '"' + "".join(f"\\U{ord(c):08x}" for c in item) + '"'
    if isinstance(item, dict):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(map(_value, item)) + "]"
    return repr(item)
