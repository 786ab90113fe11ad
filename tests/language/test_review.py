"""The review of an answer: marks, parts, findings with quotes, and one thing to try."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from engine.language.clauses import find_clauses
from engine.language.embed import Embed
from engine.language.empathy import find_empathy
from engine.language.figures import find_figures
from engine.language.finding import SURE
from engine.language.headline import find_headline
from engine.language.ownership import Stance, stance_confidence
from engine.language.parts import Parts
from engine.language.phrases import Part
from engine.language.reading import read_answer
from engine.language.review import NEXT, review, words_per_min
from engine.language.score import score_answer
from engine.language.transcript import Transcript
from engine.protocol.review import AnswerReview, CountRange, ReviewFinding, UnknownSpan
from engine.protocol.words import Word
from engine.speech.meaning import embedder

from .answers import GARDEN, LATE, QUEUE, TALK
from .test_parts import no_meaning

PROMPT = "Tell me about a time you solved a problem for your neighbours."


@pytest.fixture(scope="module")
def embed() -> Embed:
    return embedder()


def of(found: AnswerReview, what: str) -> ReviewFinding | None:
    return next((finding for finding in found.findings if finding.what == what), None)


def quoted(found: AnswerReview, finding: ReviewFinding) -> list[str]:
    return [" ".join(w.text for w in found.words[q.start : q.end]) for q in finding.quotes]


def test_a_whole_answer_has_its_parts_figures_and_point_told(embed: Embed) -> None:
    found = review(Transcript.of_text(GARDEN), PROMPT, embed)
    figures = of(found, "figures")
    assert figures is not None
    assert figures.text == "Your result has a figure."
    assert "from forty minutes to five," in quoted(found, figures)
    assert of(found, "result") is None, "it was heard"
    assert {"action", "result"} <= {part.part for part in found.parts}
    assert found.measures.i > found.measures.we
    assert found.measures.headline_s is not None
    assert found.measures.words_per_min is None, "a text has no pace"


def test_when_the_beginning_is_unknown_nobody_knows_when_the_point_came(embed: Embed) -> None:
    heard = Transcript.of_text(GARDEN)
    words = [replace(word, start_s=word.start_s + 9, end_s=word.end_s + 9) for word in heard.words]
    for missed_s, known in (((2.0, 8.5), False), ((2.0, 4.0), True)):
        unknown = [UnknownSpan(start_s=missed_s[0], end_s=missed_s[1], why="busy")]
        found = review(Transcript(words, unknown), PROMPT, embed)
        headline = of(found, "headline")
        assert headline is not None
        assert headline.sure is known
        assert headline.text.startswith("Not sure:") is not known
        assert (found.measures.headline_s is not None) is known


def test_an_answer_that_stops_before_its_result_is_told_so(embed: Embed) -> None:
    text = GARDEN[: GARDEN.index(" In the end")]
    missing = of(review(Transcript.of_text(text), PROMPT, embed), "result")
    assert missing is not None
    assert missing.text.endswith("o result heard: what changed because of it?")
    assert missing.quotes == []
    assert missing.sure == (missing.confidence >= SURE["part_missing"])


def test_what_was_lost_is_not_told_as_missing_for_sure(embed: Embed) -> None:
    text = GARDEN[: GARDEN.index(" In the end")]
    whole = Transcript.of_text(text)
    end_s = whole.words[-1].end_s
    lost = Transcript(whole.words, [UnknownSpan(start_s=end_s, end_s=end_s + 20, why="lost")])
    found = review(lost, PROMPT, embed)
    for finding in found.findings:
        if finding.text.lower().find("heard:") > 0 and "no " in finding.text.lower():
            assert not finding.sure
            assert finding.text.startswith("Not sure: ")
            assert finding.good is None


@pytest.mark.parametrize(
    ("text", "question", "parts"),
    [
        (QUEUE, "What would you change here?", {"problem", "proposal"}),
        (LATE, "What is a weakness you have worked on?", {"struggle", "turning_point", "new_practice"}),
    ],
)
def test_each_framework_is_recognised(text: str, question: str, parts: set[str], embed: Embed) -> None:
    found = review(Transcript.of_text(text), question, embed)
    assert parts <= {part.part for part in found.parts}


def test_an_answer_of_generalities_gets_no_praise_for_parts(embed: Embed) -> None:
    found = review(Transcript.of_text(TALK), "Why you?", embed)
    assert not {"result", "action", "evidence"} & {part.part for part in found.parts}
    assert not any(finding.what == "parts" and finding.good for finding in found.findings)


@pytest.mark.parametrize(("confidence", "heard"), [(0.51, True), (0.49, False)])
def test_a_part_that_is_likelier_another_says_no_point(confidence: float, heard: bool) -> None:
    words = Transcript.of_text("It takes five minutes now.").words
    spans = [Part(start=0, end=len(words), part="result", confidence=confidence)]
    parts = Parts(spans=spans, frameworks={"STAR": 1.0}, heard={}, absent={})
    assert (find_headline(words, parts) is not None) == heard


def test_an_analogy_is_quoted_and_never_told_as_sure() -> None:
    found = review(Transcript.of_text("Think of it as a coat check. You get a tag for it."), "", no_meaning)
    analogy = of(found, "analogy")
    assert analogy is not None
    assert (analogy.sure, analogy.good) == (False, None)
    assert analogy.text.startswith("Not sure: you put it as an analogy")
    assert quoted(found, analogy) == ["Think of it as a coat check."]
    assert of(review(Transcript.of_text(TALK), "", no_meaning), "analogy") is None


def test_no_words_make_an_empty_review() -> None:
    found = review(Transcript([]), "", no_meaning)
    assert (found.findings, found.parts, found.marks, found.try_next) == ([], [], [], "")
    assert found.measures.words == 0


@pytest.mark.parametrize("text", ["Yes.", "um", "No idea, sorry.", "I I I I", "? ! ..."])
def test_a_few_words_are_reviewed_without_blame(text: str) -> None:
    found = review(Transcript.of_text(text), "", no_meaning)
    assert not any(finding.good is False and finding.sure for finding in found.findings)


def test_spans_are_within_the_words_and_texts_are_sentences() -> None:
    for text in (GARDEN, QUEUE, LATE, TALK):
        found = review(Transcript.of_text(text), "", no_meaning)
        spans = [*found.parts, *found.marks, *(q for finding in found.findings for q in finding.quotes)]
        assert all(0 <= span.start < span.end <= len(found.words) for span in spans)
        for finding in found.findings:
            assert re.fullmatch(r"[A-Z“0-9].*[.?]", finding.text), finding.text
            assert 0 <= finding.confidence <= 1
        assert found.try_next in {"", *NEXT.values()} or found.try_next.endswith(".")


def test_filled_pauses_that_ears_heard_make_the_count_a_range() -> None:
    words = Transcript.of_text("um we were, um, late").words
    heard = Transcript(words, filled_pauses=CountRange(least=2, most=4))
    assert review(heard, "", no_meaning).measures.fillers == CountRange(least=2, most=4)
    assert review(Transcript(words), "", no_meaning).measures.fillers == CountRange(least=2, most=2)


def test_a_pause_counts_up_to_a_second_in_words_a_minute() -> None:
    def words(pause_s: float) -> list[Word]:
        starts = [n * 0.5 + (pause_s if n >= 10 else 0.0) for n in range(20)]
        return [Word(text="go", start_s=at, end_s=at + 0.5, confidence=1.0) for at in starts]

    assert words_per_min(words(0.0)) == 120.0
    assert words_per_min(words(30.0)) == words_per_min(words(1.0)) == pytest.approx(109.1)
    assert words_per_min(words(0.0)[:9]) is None


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Complaints fell by forty percent.", ["by forty percent."]),
        ("It went from nine hours to forty minutes.", ["from nine hours to forty minutes."]),
        ("We cut the bill in half.", ["half."]),
        ("Seven of ten patients came back.", ["Seven of ten patients"]),
        ("That saves us thirty thousand euros a year.", ["thirty thousand euros a year."]),
        ("We moved to Python 3 in March 2019.", []),
        ("I was in a team of six engineers.", []),
        ("The meeting starts at nine.", []),
        ("There is one thing I want to say.", []),
        ("We shipped it on 27 August.", []),
        ("In 2019 we had 14 people in 3 countries.", []),
        ("Out of forty, nineteen came back.", ["nineteen"]),
        ("I would say that half of them came.", []),
        ("It took forty seconds before.", ["forty seconds"]),
        ("It took half an hour.", ["half an hour."]),
        ("On my test it was ninety-two.", ["ninety-two."]),
        ("One case of five failed.", ["One case of five"]),
        ("It converged at 3.1 bits per dimension.", ["3.1 bits per dimension."]),
        ("It happened from five in a month to one or two.", ["from five in a month to one or two."]),
        ("Nobody had time, and then nineteen people left.", ["nineteen people"]),
        ("They threw away almost half of hers.", ["almost half of hers."]),
        ("It is 3x faster.", ["3x faster."]),
        ("He did it in a quarter.", []),
    ],
)
def test_figures_are_evidence_and_not_dates_versions_or_teams(text: str, figures: list[str]) -> None:
    words = Transcript.of_text(text).words
    found = [" ".join(w.text for w in words[f.start : f.end]) for f in find_figures(words)]
    assert found == figures


@pytest.mark.parametrize(
    ("stance", "said", "not_said"),
    [
        ("own_fault", "That was my mistake, I didn't check the list.", "The list was wrong that day."),
        ("own_fault", "I should have asked her first.", "She should have asked me first."),
        ("blame", "It failed because of them, as always.", "It failed because the disk was full."),
        ("unknown", "Why they left we don't know.", "You know, they left."),
        ("unknown", "Who set it up, no idea.", "No, the idea was his."),
        ("unknown", "I don't have a number for that.", "I don't have a car."),
        ("unknown", "What I didn't measure was the cost.", "What I don't like is the cost."),
        ("unknown", "I don't know how many left.", "I don't know, that's it."),
        ("assumption", "Let me assume that the budget is fixed.", "The budget is fixed."),
        ("other_view", "From her side it looked like a loss.", "It looked like a loss."),
        ("other_view", "I could see why he was against it.", "I could see the tower from there."),
    ],
)
def test_a_stance_is_told_from_what_only_sounds_alike(stance: Stance, said: str, not_said: str) -> None:
    for text, expected in ((said, True), (not_said, False)):
        words = Transcript.of_text(text).words
        spans = find_clauses(words, timed=False)
        assert (stance_confidence(words, spans, stance) >= 0.5) == expected


@pytest.mark.parametrize("stance", ["blame", "unknown", "own_fault"])
def test_weak_signs_add_up_in_an_answer_and_not_over_an_hour(stance: Stance) -> None:
    weak = {
        "blame": "Frankly, they never called back. ",
        "unknown": "It isn't clear, I don't know. ",
        "own_fault": "I failed. ",
    }[stance]
    near, far = weak * 3, (weak + "The sun shone over the bay. " * 60) * 3

    def confidence(text: str) -> float:
        words = Transcript.of_text(text).words
        return stance_confidence(words, find_clauses(words, timed=False), stance)

    assert confidence(near) > confidence(weak)
    assert confidence(far) == pytest.approx(confidence(weak), abs=0.02)


def test_a_weakness_told_through_to_its_change_is_owned(embed: Embed) -> None:
    reading = read_answer(Transcript.of_text(LATE), "What is a weakness you have worked on?", embed)
    assert reading.stance_confidences["own_fault"] >= 0.5
    assert read_answer(Transcript.of_text(QUEUE), "", embed).stance_confidences["own_fault"] < 0.5


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("She was crying after the call, so I called her and took two of her shifts.", "with_action"),
        ("My colleague was really scared and nobody said a word.", "words_only"),
        ("I would find that pretty discouraging.", "words_only"),
        ("They keep blocking it because they are afraid of the cloud.", None),
        ("Nobody was hurt, and everyone was tired.", None),
    ],
)
def test_empathy_names_the_state_of_a_certain_person(text: str, kind: str | None) -> None:
    words = Transcript.of_text(text).words
    shown = find_empathy(words, find_clauses(words, timed=False))
    assert (shown.kind if shown else None) == kind


def test_a_closing_question_is_a_check_in_and_an_early_one_is_not(embed: Embed) -> None:
    asked = "Does that answer your question?"
    ended = read_answer(Transcript.of_text(f"{GARDEN} {asked}"), PROMPT, embed).check_in
    assert ended is not None
    assert ended.end == len(f"{GARDEN} {asked}".split())
    assert read_answer(Transcript.of_text(f"{asked} {GARDEN}"), PROMPT, embed).check_in is None


def test_a_better_answer_has_a_higher_score(embed: Embed) -> None:
    def score(text: str) -> float:
        return score_answer(read_answer(Transcript.of_text(text), PROMPT, embed))

    whole = score(GARDEN)
    assert score(TALK) < score(GARDEN[: GARDEN.index(" In the end")]) < whole
    assert score(f"{GARDEN} Does that answer your question?") > whole
    assert score(GARDEN.replace("I wrote", "um I, like, wrote, um,")) < whole
