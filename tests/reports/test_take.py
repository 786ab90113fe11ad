"""The report of a take as HTML: what was kept is there, what wasn't is said, and texts stay texts."""

from __future__ import annotations

import base64
import hashlib
import re
import string

import pytest
from msgspec import structs

from engine.language.parts_model import PARTS
from engine.programme.exercise_scores import NO_WORDS, UNSCORED, exercise_result
from engine.programme.heard import Heard
from engine.protocol.drill_results import Card, FollowUpAsked, InterviewAnswer
from engine.protocol.kept import Kept
from engine.protocol.take import Take
from engine.reports import texts
from engine.reports.answer import MARKS, paragraphs
from engine.reports.html import html
from engine.reports.measures import LEAST_USUAL, lines, usual_of
from engine.reports.requests import TakeReport
from engine.reports.style import content_security_policy
from tests.harness import sample_takes

from .reading import Read
from .samples import HOSTILE, NAMES, NOW, a_long_answer, an_answer, hostile, of_take


def read(take: Take, before: int = 5, profile: str = "interview") -> Read:
    return Read(html(of_take(take, before=before, profile=profile)))


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def test_all_of_a_take_is_there_in_order() -> None:
    page = read(an_answer())
    assert in_order(
        page.text,
        "One thing to try next",
        "Say the result first",
        "What went well",
        "Your answer",
        "Situation",
        "Last winter our night jobs failed",
        "Result",
        "What else was noticed",
        "Measures",
        "148 words/min",
        "130 to 170 words/min",
        "Words in figures",
        "Along time",
        "186 words a minute.",
    )
    assert "Kept of this take: figures and words. Not kept: sound." in page.text


def test_marks_are_told_by_more_than_colour() -> None:
    page = read(an_answer())
    spans = {attributes.get("class") for attributes in page.named("span")}
    assert {"filler", "restart", "term", "hedge", "figure", "check_in"} <= spans
    assert "um (filler)" in page.text, "and read out"
    style = page_style(html(of_take(an_answer())))
    for kind in MARKS:
        rule = style.partition(f".{kind} {{")[2].partition("}")[0]
        assert {"border", "border-bottom", "text-decoration", "background"} & {
            part.partition(":")[0].strip() for part in rule.split(";")
        }, kind
    borders = re.findall(r"look-\d p \{ border-left: 4px (\w+)", style)
    assert len(set(borders)) == 4


def page_style(page: str) -> str:
    return page.partition("<style>")[2].partition("</style>")[0]


@pytest.mark.parametrize("kept", ["figures", "words", "sound"])
def test_only_what_was_kept_is_there(kept: str) -> None:
    from engine.protocol.take import reduced

    take = reduced(an_answer(), Kept(**{kept: True}), frozenset())
    text = read(take).text
    assert ("148 words/min" in text) == (kept == "figures")
    assert ("night jobs" in text) == (kept == "words")
    if kept != "figures":
        assert "Figures were not kept of this take" in text
    if kept == "figures":
        assert "Your words were not kept, so the answer isn't shown." in text
        assert "Situation" in text, "the parts are figures"


def test_texts_of_a_take_stay_texts() -> None:
    page_text = html(of_take(hostile(), profile=""))
    page = Read(page_text)
    allowed = {*string.printable, *"–·“”’…✓•−Ωµ"} - set("\x0b\x0c\r")
    assert set(page_text) <= allowed
    assert page.named("script") == page.named("img") == page.named("link") == page.named("iframe") == []
    assert [name for name, _ in page.elements].count("style") == 1
    for name, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "src", "href")], (
            name
        )
    seen = HOSTILE.partition("\x00")[0]
    assert page.text.count(" ".join(seen.split())) > 15
    assert "49" not in page.text


def test_a_page_allows_its_own_styles_and_nothing_else() -> None:
    page = html(of_take(an_answer()))
    policy = content_security_policy("a4")
    digest = base64.b64encode(hashlib.sha256(page_style(page).encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"'sha256-{digest}'" in policy
    [meta] = [one for one in Read(page).named("meta") if one.get("http-equiv")]
    assert meta["content"] == policy
    assert not re.search(r"url\(|@import|https?:", page)


def test_names_of_all_alphabets_stay() -> None:
    assert NAMES in read(an_answer(title=NAMES)).text


def test_what_is_usual_is_told_from_enough_takes_of_the_kind() -> None:
    assert "What is usual for you is told from three earlier takes" in read(an_answer(), before=2).text
    assert "144 words/min (142 to 146)" in read(an_answer(), before=5).text
    drills = [sample_takes.a_drill(id=str(n)) for n in range(9)]
    assert usual_of(drills[: LEAST_USUAL - 1]) == {}
    unsure = sample_takes.measures(unsure=["pace_wpm"])
    assert "pace" not in usual_of([an_answer(measures=unsure)] * 5)


def test_a_guess_is_not_judged() -> None:
    request = of_take(an_answer())
    [pace, *_] = lines(sample_takes.measures(pace_wpm=190.0, unsure=["pace_wpm"]), request.aims, {})
    assert (pace.value, pace.verdict, pace.scale) == ("about 190 words/min, a guess", "", None)
    [pace, *_] = lines(sample_takes.measures(pace_wpm=190.0), request.aims, {})
    assert (pace.value, pace.verdict) == ("about 190 words/min", "outside")
    assert pace.scale is not None
    assert pace.scale.at > pace.scale.high
    unclear = sample_takes.measures(pace_wpm=190.0, pace_error_wpm=28.0)
    [pace, *_] = lines(unclear, request.aims, {})
    assert (pace.value, pace.verdict, pace.scale) == ("about 190 words/min", "", None)


def test_a_profile_that_is_not_known_leaves_targets_out() -> None:
    assert "no targets stand beside the measures" in read(an_answer(), profile="").text


def test_every_word_and_nudge_is_there_once() -> None:
    take = a_long_answer(500)
    assert take.review is not None
    runs = [run for paragraph in paragraphs(take.review, take.nudges) for run in paragraph.runs]
    said = " ".join(run.text for run in runs if run.kind == "words")
    assert said.split() == [word.text for word in take.review.words]
    assert [run.number for run in runs if run.kind == "nudge"] == [1, 2, 3]


def test_parts_have_the_names_of_the_page() -> None:
    assert set(PARTS) <= set(texts.PARTS)


def test_a_take_of_which_little_is_there_makes_a_report() -> None:
    bare = Take(id="x", kind="talk", begun_at=NOW, duration_s=0.0, profile="", kept=Kept(sound=True))
    text = Read(html(TakeReport(made_at=NOW, take=bare))).text
    assert "Nothing of this take is there to show." in text
    assert "Words were not kept of this take." in text


def test_a_drill_tells_how_each_event_was_taken() -> None:
    from tests.programme.people import card

    shown = structs.replace(card("interruptions", 7.25), try_next="Finish the word, then stop.")
    text = read(sample_takes.a_drill(card=shown)).text
    assert in_order(text, "Finish the word, then stop.", "Composure 7.2 of 10", "What happened")


def test_an_interview_tells_of_each_answer() -> None:
    answer = InterviewAnswer(
        question="What did you fix?",
        follow_ups=[FollowUpAsked(kind="result", say="And what came out of it?")],
        start_s=12.0,
        end_s=40.0,
        words=60,
        text="Heard in 60 words: what you did. No result was heard.",
        try_next="End with what changed because of it.",
    )
    shown = Card(
        drill="interview",
        title="Interview: ethics",
        level="hard",
        seed=1,
        duration_s=60.0,
        events=[],
        composure=None,
        try_next="End with what changed because of it.",
        answers=[answer],
    )
    text = read(sample_takes.a_drill(card=shown)).text
    assert in_order(
        text, "Interview: ethics, hard", "What did you fix?", "And what came out of it?", "No result was"
    )
    assert "Composure" not in text


def test_a_long_title_is_cut_at_a_page_s_foot_only() -> None:
    title = "A very long name of a take " * 7
    page = Read(html(of_take(an_answer(title=title))))
    [heading] = page.named("h1")
    running = heading["data-running"] or ""
    assert len(running) <= texts.SHORT_TITLE
    assert running.endswith("…")
    assert " ".join(title.split()) in page.text


def test_figures_are_written_for_people() -> None:
    assert [texts.number(x) for x in (0.04, -0.04, 2.0, 9.96, -3.25, 148.4)] == [
        "0",
        "0",
        "2",
        "10",
        "−3.2",
        "148",
    ]
    assert [texts.clock(s) for s in (0.0, 74.4, 3600.0)] == ["0:00", "1:14", "1:00:00"]
    assert texts.listed(["a", "b", "c"]) == "a, b and c"


def scored(purpose: str, **changed: object) -> str:
    """The text of the report of a take that was made for an exercise."""
    take = an_answer(purpose=purpose, **changed)
    return read(structs.replace(take, exercise=exercise_result(Heard(take=take)))).text


def test_an_exercise_has_its_score_with_what_it_is_made_of() -> None:
    text = scored("exercise:pep")
    assert in_order(text, "Exercise: Pep", "Score ", " of 10.", "Figure You Target")
    assert re.search(r"Problem, evidence, proposal \d+ % all, in order", text)
    assert "pep share" not in text


@pytest.mark.parametrize(
    ("purpose", "changed", "why"),
    [
        ("exercise:pep", {"word_measures": None, "review": None}, NO_WORDS),
        ("exercise:shadowing", {}, UNSCORED),
        ("exercise:steady_pitch", {}, "Your usual pitch isn't known yet"),
    ],
)
def test_why_an_exercise_has_no_score_is_told(purpose: str, changed: dict[str, object], why: str) -> None:
    text = scored(purpose, **changed)
    assert why in text
    assert "too little was heard to tell" not in text
