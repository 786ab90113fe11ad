"""Findings about an answer: sentences for a person, each with its evidence and how sure it is.

A finding is told as sure where four of five like it are right, as measured on answers that no part of the
model was made with; :data:`SURE` has that confidence for each. Below it the sentence begins "Not sure" and
:attr:`~engine.protocol.review.ReviewFinding.sure` is false, or nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.protocol.review import ReviewFinding, WordSpan

from .headline import TARGET_S, seconds_to
from .parts_model import FRAMEWORKS
from .phrases import Found
from .reading import Reading

SURE: Mapping[str, float] = {
    "headline": 0.8,
    "headline_late": 0.6,
    "headline_none": 1.0,
    "part_heard": 0.6,
    "part_missing": 0.9,
    "parts": 0.85,
    "own_fault": 0.8,
    "blame": 0.7,
    "unknown": 0.85,
    "assumption": 0.6,
    "other_view": 0.7,
    "empathy": 0.9,
    "check_in": 0.7,
    "paraphrase": 0.8,
    "figures": 0.7,
}
"""Confidence from which a finding of a kind is told as sure."""

SILENT = 0.4
"""Confidence below which nothing is said."""

MISSING: Mapping[str, str] = {
    "situation": "No situation heard: where and when was it?",
    "task": "No task heard: what was yours to do?",
    "action": "No action heard: what did you do yourself?",
    "result": "No result heard: what changed because of it?",
    "context": "No context heard: where and when was it?",
    "problem": "No problem heard: what is wrong today, and for whom?",
    "evidence": "No evidence heard: how do you know?",
    "proposal": "No proposal heard: what would you do about it?",
    "struggle": "No struggle heard: what was hard for you?",
    "turning_point": "No turning point heard: what made you change?",
    "new_practice": "No new practice heard: what do you do differently now?",
}

EXPECTED = (
    "task",
    "action",
    "result",
    "problem",
    "evidence",
    "proposal",
    "struggle",
    "turning_point",
    "new_practice",
)
"""Parts that are missed when they aren't heard; a short answer can do without the others."""

FEWEST_WORDS = 40
"""An answer of fewer words is too short to miss anything in."""

MOST_UNKNOWN = 0.1
"""Share of the time of which no words are known, above which nothing is missed for sure."""


def span(found: Found) -> WordSpan:
    """A place as the review gives it."""
    return WordSpan(start=found.start, end=found.end)


def part_name(part: str) -> str:
    """Name of a part for a person."""
    return part.replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: int, what: str) -> str:
    """``1 figure``, ``2 figures``, ``no figure``."""
    return f"no {what}" if number == 0 else f"{number} {what}" if number == 1 else f"{number} {what}s"


def find_all(reading: Reading, unknown_share: float, *, opening_known: bool = True) -> list[ReviewFinding]:
    """All findings, the weightiest first: what to work on before what went well, sure before unsure.

    Parameters
    ----------
    unknown_share
        Share of the answer's time of which no words are known.
    opening_known
        Whether the first words are the answer's first: else nobody knows when the point came.
    """
    complete = unknown_share <= MOST_UNKNOWN
    found = [
        *_headline(reading, complete, opening_known),
        *_parts(reading, complete),
        *_figures(reading, complete),
        *_listening(reading, complete),
        *_stances(reading),
        *_people(reading),
        *_wording(reading),
    ]
    return sorted(found, key=lambda finding: (not finding.sure, finding.good is not False))


def _finding(
    what: str,
    text: str,
    confidence: float,
    *,
    good: bool | None,
    quotes: Sequence[Found] = (),
    kind: str = "",
    value: float | None = None,
    unit: str = "",
    doubt: bool = False,
) -> Iterator[ReviewFinding]:
    """One finding, with "Not sure" before its text where it isn't; none where it is too weak."""
    if confidence < SILENT:
        return
    sure = confidence >= SURE[kind or what] and not doubt
    yield ReviewFinding(
        what=what,
        good=good if sure else None,
        text=text if sure else f"Not sure: {text[0].lower()}{text[1:]}",
        quotes=[span(quote) for quote in quotes],
        confidence=round(min(confidence, 1.0), 3),
        value=value,
        unit=unit,
        sure=sure,
    )


def _headline(reading: Reading, complete: bool, opening_known: bool) -> Iterator[ReviewFinding]:
    if len(reading.words) < FEWEST_WORDS:
        return
    point = reading.headline
    if point is None:
        if reading.parts.framework != "none":
            text = f"No headline heard: say the point in the first {TARGET_S:.0f} s."
            absent = reading.parts.absent["headline"]
            yield from _finding(
                "headline", text, absent, good=False, kind="headline_none", doubt=not complete
            )
        return
    at_s = seconds_to(reading.words, point.start)
    early = at_s < TARGET_S
    if early:
        text = (
            "Your point came at once."
            if at_s < 5
            else f"Your point came after {at_s:.0f} s, within the first {TARGET_S:.0f}."
        )
    else:
        text = f"Your point came after {at_s:.0f} s: say it in the first {TARGET_S:.0f}."
    yield from _finding(
        "headline",
        text,
        point.confidence,
        good=early,
        quotes=[point],
        kind="headline" if early else "headline_late",
        value=round(at_s, 1),
        unit="s",
        doubt=not opening_known,
    )


def _wanted(reading: Reading, part: str) -> float:
    """Probability that the answer's framework has a part."""
    return sum(p for name, p in reading.parts.frameworks.items() if part in FRAMEWORKS[name])


def _absence(reading: Reading, part: str) -> float:
    """Probability that a part is nowhere in the answer.

    A change with a figure in the second half is most often a result, whatever else it was judged as.
    """
    absent = reading.parts.absent[part]
    if part == "result":
        late = [f for f in reading.figures if f.start > len(reading.words) / 2]
        if any(figure.kind in ("share", "money", "change") for figure in late):
            absent *= 0.5
    return absent


def _parts(reading: Reading, complete: bool) -> Iterator[ReviewFinding]:
    framework = reading.parts.framework
    if framework == "none" or len(reading.words) < FEWEST_WORDS:
        return
    heard = [part for part in FRAMEWORKS[framework] if reading.heard(part)]
    heard.sort(key=lambda part: reading.spans(part)[0].start)
    told = [part for part in heard if reading.parts.heard[part] >= SURE["parts"]] or heard
    if len(told) > 1:
        in_order = told == [part for part in FRAMEWORKS[framework] if part in told]
        confidence = min(reading.parts.heard[part] for part in told)
        names = listed([part_name(part) for part in told])
        order = "in the usual order" if in_order else "in this order"
        yield from _finding(
            "parts",
            f"Heard {order}: {names}.",
            confidence,
            good=True if in_order and len(told) == len(FRAMEWORKS[framework]) else None,
            quotes=[reading.spans(part)[0] for part in told],
        )
    for part in FRAMEWORKS[framework]:
        if part not in heard and part in EXPECTED:
            confidence = _wanted(reading, part) * _absence(reading, part)
            yield from _finding(
                part, MISSING[part], confidence, good=False, kind="part_missing", doubt=not complete
            )


def _figures(reading: Reading, complete: bool) -> Iterator[ReviewFinding]:
    figures = [figure for figure in reading.figures if figure.confidence >= SURE["figures"]]
    results = reading.spans("result")
    in_result = [f for f in figures if any(r.start <= f.start < r.end for r in results)]
    if in_result:
        confidence = max(figure.confidence for figure in in_result)
        yield from _finding(
            "figures",
            "Your result has a figure.",
            confidence,
            good=True,
            quotes=in_result,
            value=len(figures),
        )
    elif figures:
        confidence = max(figure.confidence for figure in figures)
        text = f"You gave {counted(len(figures), 'figure')}."
        yield from _finding("figures", text, confidence, good=True, quotes=figures, value=len(figures))
    elif results and not reading.figures:
        confidence = max(result.confidence for result in results)
        yield from _finding(
            "figures",
            "Your result has no figure: by how much did it change?",
            confidence,
            good=False,
            quotes=results,
            kind="part_missing",
            value=0,
            doubt=not complete,
        )


def _listening(reading: Reading, complete: bool) -> Iterator[ReviewFinding]:
    """What was done for the other side: task said again, questions first, check-in at the end."""
    paraphrases = reading.spans("paraphrase")
    if paraphrases:
        confidence = max(one.confidence for one in paraphrases)
        yield from _finding(
            "paraphrase",
            "You said the task again in your own words.",
            confidence,
            good=True,
            quotes=paraphrases,
        )
    asked = [q for q in reading.questions if q.kind != "check_in"]
    first = [q for q in asked if q.start < len(reading.words) / 2]
    if reading.parts.framework == "none" and first:
        text = f"You asked {counted(len(first), 'question')} before you answered."
        if len(first) > 4:
            text = (
                f"You asked {len(first)} questions before you answered: the two that matter most are enough."
            )
        confidence = reading.parts.frameworks["none"] * max(q.confidence for q in first)
        yield from _finding(
            "questions",
            text,
            confidence,
            good=len(first) <= 4,
            quotes=first,
            kind="paraphrase",
            value=len(first),
        )
    if reading.check_in is not None:
        yield from _finding(
            "check_in",
            "You checked in at the end.",
            reading.check_in.confidence,
            good=True,
            quotes=[reading.check_in],
        )


STANCES = {
    "own_fault": ("You named your own part in what went wrong.", True),
    "blame": ("This may sound as if others were to blame: say what you would do differently.", False),
    "unknown": ("You said what you don't know.", True),
    "assumption": ("You said what you assume.", True),
    "other_view": ("You named how the other side sees it.", True),
}


def _stances(reading: Reading) -> Iterator[ReviewFinding]:
    for stance, places in reading.stances.items():
        text, good = STANCES[stance]
        confidence = reading.stance_confidences[stance]
        if confidence >= 0.5:
            yield from _finding(stance, text, confidence, good=good, quotes=places[:3])


def _people(reading: Reading) -> Iterator[ReviewFinding]:
    """What was done about how somebody felt; that it was only named is told wrongly too often to be said."""
    shown = reading.empathy
    if shown is None or shown.act is None:
        return
    quotes: list[Found] = [shown]
    if shown.act != (shown.start, shown.end):
        quotes.append(Found(start=shown.act[0], end=shown.act[1]))
    text = "You named how somebody felt and what you did about it."
    yield from _finding("empathy", text, shown.confidence, good=True, quotes=quotes)


def _wording(reading: Reading) -> Iterator[ReviewFinding]:
    """Fillers, hedges, terms, we and I: counts, so they are as sure as their finders."""
    words = max(len(reading.words), 1)
    if len(reading.words) < FEWEST_WORDS:
        return
    unexplained = [term for term in reading.terms if not term.explained]
    if len(unexplained) >= 3:
        names = listed([term.term for term in unexplained[:4]])
        yield ReviewFinding(
            what="terms",
            good=False,
            text=f"{len(unexplained)} terms may need a plain word beside them, such as {names}.",
            quotes=[span(term) for term in unexplained],
            confidence=0.8,
            value=float(len(unexplained)),
        )
    per_100 = 100 * len(reading.hedges) / words
    if len(reading.hedges) >= 3 and per_100 >= 2:
        first = _quoted(reading, reading.hedges[0])
        yield ReviewFinding(
            what="hedges",
            good=False,
            text=f"{len(reading.hedges)} hedges such as “{first}”: keep the ones you mean.",
            quotes=[span(hedge) for hedge in reading.hedges],
            confidence=0.9,
            value=float(len(reading.hedges)),
        )
    per_100 = 100 * len(reading.fillers) / words
    if len(reading.fillers) >= 4 and per_100 >= 4:
        yield ReviewFinding(
            what="fillers",
            good=False,
            text=f"{len(reading.fillers)} fillers, {per_100:.0f} in 100 words: a short pause does the same.",
            quotes=[span(filler) for filler in reading.fillers],
            confidence=0.9,
            value=round(per_100, 1),
            unit="per 100 words",
        )
    yield from _pronouns(reading)


def _pronouns(reading: Reading) -> Iterator[ReviewFinding]:
    """Who acts: where the actions are the team's alone, what the speaker did is not heard."""
    actions = reading.spans("action")
    inside = [at for at in range(len(reading.words)) if any(a.start <= at < a.end for a in actions)]
    we = sum(at in reading.pronouns.we for at in inside)
    mine = sum(at in reading.pronouns.i for at in inside)
    if not actions or we + mine < 3:
        return
    confidence = max(action.confidence for action in actions)
    if mine == 0:
        yield from _finding(
            "we_and_i",
            f"In what was done you said “we” {we} times and “I” never: what was your part?",
            confidence,
            good=False,
            quotes=actions[:2],
            kind="part_heard",
            value=0.0,
        )
    else:
        yield from _finding(
            "we_and_i",
            f"In what was done you said “I” {mine} times and “we” {we}.",
            confidence,
            good=None,
            quotes=actions[:2],
            kind="part_heard",
            value=round(mine / (we + mine), 2),
        )


def _quoted(reading: Reading, found: Found) -> str:
    return " ".join(word.text for word in reading.words[found.start : found.end]).strip(".,;:!?").lower()
