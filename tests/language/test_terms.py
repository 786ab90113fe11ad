"""Technical terms, rare words, and whether a term was explained."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.language.shipped import parse_sections, read_list
from engine.language.terms import Terms, find_terms, parse_terms, unknown_share
from engine.language.transcript import Transcript


def sure(text: str) -> list[str]:
    return [t.term for t in find_terms(Transcript.of_text(text).words) if t.confidence >= 0.5]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("We moved the cron job to Kubernetes.", ["cron job", "kubernetes"]),
        ("the blast radius of two microservices", ["blast radius", "microservices"]),
        ("The patient had sepsis and needed a catheter.", ["sepsis", "catheter"]),
        ("Our QBR slipped.", ["qbr"]),
        ("We met at the BBC in the UK. OK?", []),
        ("She asked me to join the choir.", []),
        ("We rode bikes along the river.", []),
    ],
)
def test_terms_are_found(text: str, terms: list[str]) -> None:
    assert sure(text) == terms


def test_an_ordinary_noun_counts_near_another_term() -> None:
    assert sure("the yield of the apple trees") == []
    assert sure("the yield fell after we changed the spindle and the kaizen event") == [
        "yield",
        "spindle",
        "kaizen event",
    ]


def test_a_code_of_letters_and_digits_is_a_term() -> None:
    assert sure("The h264 stream came at 9am on the 2nd, 90s old.") == ["h264"]


def test_an_ordinary_word_counts_where_a_noun_can_stand() -> None:
    assert sure("they launched it with the wrong join") == ["join"]
    assert sure("please join us") == []


@pytest.mark.parametrize(
    ("text", "explained"),
    [
        ("We use idempotency, which means you can send it twice.", True),
        ("That is called calibration, and nobody minded.", True),
        ("There is a runbook, basically a list of what to do.", True),
        ("We fill the feature store. It keeps what users did.", True),
        ("What engineers call a runbook was missing.", True),
        ("We had a cron job, a small program that runs at night.", True),
        ("A kaizen event is a week in which everybody repairs one thing.", True),
        ("They wrote a runbook, as we call it.", True),
        ("The latency is a lot better.", False),
        ("The sepsis was found early.", False),
        ("The latency fell in spring.", False),
    ],
)
def test_a_plain_phrase_beside_it_explains_a_term(text: str, explained: bool) -> None:
    (term,) = (t for t in find_terms(Transcript.of_text(text).words) if t.confidence >= 0.5)
    assert term.explained == explained


def test_a_rare_word_counts_half() -> None:
    words = [
        replace(w, zipf=2.1 if w.text == "oakum" else 5.5) for w in Transcript.of_text("the oakum here").words
    ]
    (term,) = find_terms(words)
    assert (term.start, term.end) == (1, 2)
    assert term.confidence < 0.5
    assert unknown_share(words) == pytest.approx(1 / 3)


def test_a_rare_word_with_the_ending_of_a_science_counts_whole() -> None:
    words = [replace(w, zipf=2.1) for w in Transcript.of_text("arthrodesis colposcopy gladsome").words]
    assert [t.confidence >= 0.5 for t in find_terms(words)] == [False, True, False]


def test_a_field_adds_its_own_terms() -> None:
    (term,) = Terms("# boats\ncaulking iron\n~clew\n").find(Transcript.of_text("two caulking irons").words)
    assert term.term == "caulking irons"


def test_the_shipped_list_is_long_and_each_entry_once() -> None:
    lines = [line for line in read_list("terms.txt").splitlines() if line and not line.startswith("#")]
    assert len(parse_terms("\n".join(lines))) == len(lines) > 2000
    assert all(line == line.lower().strip() for line in lines)


def test_nothing_said_has_nothing_unknown() -> None:
    assert unknown_share([]) == 0


def test_a_class_must_be_defined_before_it_is_used() -> None:
    assert parse_sections("A = x|y\n# remark\n[one, two]\n({A})z\n")[1] == {
        "one": ["(x|y)z"],
        "two": ["(x|y)z"],
    }
    with pytest.raises(ValueError, match="B is used"):
        parse_sections("[one]\n{B}\n")
