"""Findings about an answer: parts, point, figures, what was done for the listener; and all together.

:mod:`engine.language.finding` says how sure one has to be, :mod:`engine.language.manner` has those about
the manner of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.protocol.review import ReviewFinding

from .finding import FEWEST_WORDS, MOST_UNKNOWN, SURE, counted, finding, listed, part_name
from .headline import TARGET_S, seconds_to
from .manner import analogies, people, stances, wordings
from .parts_model import FRAMEWORKS
from .reading import Reading

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
        *stances(reading),
        *people(reading),
        *analogies(reading),
        *wordings(reading),
    ]
    return sorted(found, key=lambda finding: (not finding.sure, finding.good is not False))


def _headline(reading: Reading, complete: bool, opening_known: bool) -> Iterator[ReviewFinding]:
    if len(reading.words) < FEWEST_WORDS:
        return
    point = reading.headline
    if point is None:
        if reading.parts.framework != "none":
            text = f"No headline heard: say the point in the first {TARGET_S:.0f} s."
            absent = reading.parts.absent["headline"]
            yield from finding("headline", text, absent, good=False, kind="headline_none", doubt=not complete)
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
    yield from finding(
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
        yield from finding(
            "parts",
            f"Heard {order}: {names}.",
            confidence,
            good=True if in_order and len(told) == len(FRAMEWORKS[framework]) else None,
            quotes=[reading.spans(part)[0] for part in told],
        )
    for part in FRAMEWORKS[framework]:
        if part not in heard and part in EXPECTED:
            confidence = _wanted(reading, part) * _absence(reading, part)
            yield from finding(
                part, MISSING[part], confidence, good=False, kind="part_missing", doubt=not complete
            )


def _figures(reading: Reading, complete: bool) -> Iterator[ReviewFinding]:
    figures = [figure for figure in reading.figures if figure.confidence >= SURE["figures"]]
    results = reading.spans("result")
    in_result = [f for f in figures if any(r.start <= f.start < r.end for r in results)]
    if in_result:
        confidence = max(figure.confidence for figure in in_result)
        yield from finding(
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
        yield from finding("figures", text, confidence, good=True, quotes=figures, value=len(figures))
    elif results and not reading.figures:
        confidence = max(result.confidence for result in results)
        yield from finding(
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
        yield from finding(
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
        yield from finding(
            "questions",
            text,
            confidence,
            good=len(first) <= 4,
            quotes=first,
            kind="paraphrase",
            value=len(first),
        )
    if reading.check_in is not None:
        yield from finding(
            "check_in",
            "You checked in at the end.",
            reading.check_in.confidence,
            good=True,
            quotes=[reading.check_in],
        )
