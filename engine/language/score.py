"""Quality of an answer: a weighted sum of what makes answers good, each with its reason.

The weights are round numbers in the order in which coaching literature and structured interviews weigh
them (Huffcutt et al. 2001: what was done and what came of it predicts most, delivery little). They are not
fitted to grades. The score orders the takes of one person; it is no grade and is not shown as one.
"""

from __future__ import annotations

from collections.abc import Mapping

from .headline import is_first
from .parts_model import FRAMEWORKS
from .reading import Reading

WEIGHTS: Mapping[str, float] = {
    "result": 1.0,  # what changed is what a listener keeps
    "figure_in_result": 0.8,  # a figure lets them believe it
    "figures": 0.6,  # evidence of any kind, up to three
    "headline": 0.6,  # they know what to listen for
    "complete": 1.0,  # the parts of its framework that were heard
    "in_order": 0.3,  # a story backwards is hard to follow
    "empty": -2.0,  # share of words in no part: lists of tools, generalities
    "owned": 0.5,  # own fault, what is unknown or assumed said plainly: honest
    "other_view": 0.6,  # another's reasons named
    "empathy": 0.5,  # a person seen, more so when something was done
    "check_in": 0.6,  # the listener is asked
    "understood": 0.6,  # a task said again, a question asked first
    "blame": -1.5,  # others at fault: the strongest bad sign in interviews
    "fillers": -0.15,  # each in 100 words
    "hedges": -0.25,  # each in 100 words above one
    "terms": -0.15,  # each that was not explained, up to eight
    "short": -1.0,  # below 60 words too little is said
    "many_questions": -0.15,  # each clarifying question above three
}


def score_answer(reading: Reading) -> float:
    """Quality; a higher one is better. Only its order means something."""
    return sum(WEIGHTS[name] * value for name, value in terms_of(reading).items())


def terms_of(reading: Reading) -> dict[str, float]:
    """What goes into the score, by the names of :data:`WEIGHTS`."""
    words = max(len(reading.words), 1)
    parts = reading.parts
    wanted = _wanted(reading)
    heard = [part for part in wanted if reading.heard(part)]
    results = reading.spans("result") + reading.spans("new_practice") + reading.spans("evidence")
    in_result = any(r.start <= f.start < r.end for r in results for f in reading.figures)
    places = [reading.spans(part)[0].start for part in heard]
    asked = sum(q.kind != "check_in" for q in reading.questions)
    empathy = {"none": 0.0, "words_only": 0.5, "with_action": 1.0}
    stance = reading.stance_confidences
    return {
        "result": float(
            reading.heard("result") or reading.heard("proposal") or reading.heard("new_practice")
        ),
        "figure_in_result": float(in_result),
        "figures": min(len(reading.figures), 3) / 3,
        "headline": float(is_first(reading.words, reading.headline)),
        "complete": len(heard) / len(wanted) if wanted else 0.5,
        "in_order": float(len(places) > 1 and places == sorted(places)),
        "empty": reading.share("other", "filler_talk"),
        "owned": float(max(stance["own_fault"], stance["unknown"], stance["assumption"]) >= 0.5),
        "other_view": float(stance["other_view"] >= 0.5),
        "empathy": empathy[reading.empathy.kind] if reading.empathy else 0.0,
        "check_in": float(reading.check_in is not None),
        "understood": float(reading.heard("paraphrase") or (parts.framework == "none" and 0 < asked <= 3)),
        "blame": float(stance["blame"] >= 0.5),
        "fillers": 100 * len(reading.fillers) / words,
        "hedges": max(100 * len(reading.hedges) / words - 1, 0.0),
        "terms": float(min(sum(not term.explained for term in reading.terms), 8)),
        "short": float(words < 60),
        "many_questions": float(max(asked - 3, 0)),
    }


def _wanted(reading: Reading) -> tuple[str, ...]:
    framework = reading.parts.framework
    return () if framework == "none" else FRAMEWORKS[framework]
