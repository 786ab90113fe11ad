"""Measures of a take that skills are made of: each a number, or None where it isn't known.

What was not heard is None, not 0: a measure that the take calls unsure, that rests on too little speech, or
that the take's kind can't have. A finding in the words is 0 only where enough words were heard to miss it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from engine.protocol.measures import ChannelMeasures, Exchange
from engine.protocol.review import WordMeasures
from engine.protocol.take import Take
from engine.protocol.terms import Framework

LEAST_SPEECH_S = 20.0
"""Speech from which its measures count for a skill. Not measured."""

LEAST_WORDS = 40
"""Words from which something counts as not said; as in :mod:`engine.language.findings`."""

LEAST_ENDINGS = 5
"""Phrases with a known ending from which their share counts. Not measured."""

LEAST_PRONOUNS = 5
"""Uses of "we" and "I" from which their share counts. Not measured."""

LEAST_CONFIDENCE = 0.5
"""Confidence from which a part of a framework counts as heard."""

FRAMEWORKS: Mapping[Framework, Sequence[str]] = MappingProxyType(
    {
        "PEP": ("problem", "evidence", "proposal"),
        "STAR": ("situation", "task", "action", "result"),
        "CAR": ("context", "problem", "action", "result"),
        "growth": ("struggle", "turning_point", "new_practice"),
    }
)
"""Parts of each way to build an answer, in their order."""


class Measure(Struct, frozen=True, kw_only=True):
    """A measure: what it is called, its unit, and how it is read from a take."""

    title: str
    unit: str
    """Empty for a share of 1, a count, or something that is there (1) or isn't (0)."""

    source: str
    """``voice``, ``words`` or ``drill``."""

    meaning: str
    """A phrase for the documentation."""

    read: Callable[[Take], float | None]
    whole: str = ""
    """What 1, the most that there is, means as a target; empty for what can be more."""


def _voice(name: str, change: Callable[[float], float] = float) -> Callable[[Take], float | None]:
    """Read a field of the voice's measures, unless it is unsure."""

    def read(take: Take) -> float | None:
        measures = _measures(take)
        if measures is None or name in measures.unsure:
            return None
        value: float | None = getattr(measures, name)
        return None if value is None else change(value)

    return read


def _measures(take: Take) -> ChannelMeasures | None:
    measures = take.measures
    return None if measures is None or measures.speech_s < LEAST_SPEECH_S else measures


def _exchange(take: Take) -> Exchange | None:
    """Return what went on between two; None where the other side is a drill's, or isn't there."""
    measures = _measures(take)
    return None if measures is None or take.card is not None else measures.exchange


def _words(take: Take) -> WordMeasures | None:
    measures = take.word_measures
    return None if measures is None or measures.words < LEAST_WORDS else measures


def _pace(take: Take) -> float | None:
    """Words a minute: by the words where they are the better count, else by syllables."""
    words = _words(take)
    if words is not None and words.pace is not None and words.pace.sure and words.pace.better == "words":
        return words.pace.by_words
    return _voice("pace_wpm")(take)


def median_f0(take: Take) -> float | None:
    """Return the median F0 of a take, in Hz; None where it isn't known."""
    return _voice("f0_median_hz")(take)


def _pause_share(take: Take) -> float | None:
    measures = _measures(take)
    if measures is None or measures.exchange is not None or take.card is not None:
        return None  # silence is then also listening
    return measures.pause_total_s / (measures.speech_s + measures.pause_total_s)


def _rising(take: Take) -> float | None:
    measures = _measures(take)
    if measures is None or measures.endings < LEAST_ENDINGS or {"rises", "endings"} & set(measures.unsure):
        return None
    return measures.rises / measures.endings


def _talk_share(take: Take) -> float | None:
    return None if _exchange(take) is None else _voice("talk_share")(take)


def _interruptions(take: Take) -> float | None:
    exchange = _exchange(take)
    if exchange is None or take.measures is None or "interruptions" in take.measures.unsure:
        return None
    return 600.0 * take.measures.interruptions / max(take.duration_s, 60.0)


def _backchannels(take: Take) -> float | None:
    exchange = _exchange(take)
    return None if exchange is None else exchange.backchannels_per_min


def _response_gap(take: Take) -> float | None:
    exchange = _exchange(take)
    return None if exchange is None else exchange.response_gap_s


def _composure(take: Take) -> float | None:
    return None if take.card is None else take.card.composure


def _thread(take: Take) -> float | None:
    """Share of the events after which the thread was taken up, of those of which it is known."""
    if take.card is None:
        return None
    known = [step.thread for step in take.card.events if step.thread != "unsure"]
    return known.count("resumed") / len(known) if len(known) >= 2 else None


def _headline(take: Take) -> float | None:
    words = _words(take)
    return None if words is None else words.headline_s


def _per_100(name: str) -> Callable[[Take], float | None]:
    def read(take: Take) -> float | None:
        words = _words(take)
        return None if words is None else 100.0 * float(getattr(words, name)) / words.words

    return read


def _filler_words(take: Take) -> float | None:
    words = _words(take)
    if words is None:
        return None
    return 50.0 * (words.fillers.least + words.fillers.most) / words.words


def _hedges(take: Take) -> float | None:
    words = _words(take)
    if words is None or words.words_per_min is None:
        return None
    return words.hedges * words.words_per_min / words.words


def _count(name: str) -> Callable[[Take], float | None]:
    def read(take: Take) -> float | None:
        words = _words(take)
        return None if words is None else float(getattr(words, name))

    return read


def _unexplained(take: Take) -> float | None:
    words = _words(take)
    return None if words is None else float(words.terms - words.terms_explained)


def _we_share(take: Take) -> float | None:
    words = _words(take)
    if words is None or words.we + words.i < LEAST_PRONOUNS:
        return None
    return words.we / (words.we + words.i)


def _found(what: str, good: bool) -> Callable[[Take], float | None]:
    """1 where a sure finding says so, 0 where enough words were heard without it."""

    def read(take: Take) -> float | None:
        if any(one.what == what and one.sure and one.good is good for one in take.found):
            return 1.0
        return None if _words(take) is None else 0.0

    return read


def _asked_first(take: Take) -> float | None:
    """Whether a vague task was asked about: by what the drill listened for, or by the questions found."""
    if take.card is not None and take.card.listened is not None:
        listened = take.card.listened
        return float(listened.heard) if listened.what == "question" and listened.heard is not None else None
    return _found("questions", True)(take)


def _other_view(take: Take) -> float | None:
    if take.card is not None and take.card.listened is not None:
        listened = take.card.listened
        if listened.what == "other_view" and listened.heard is not None:
            return float(listened.heard)
    return _found("other_view", True)(take)


def heard_share(take: Take, framework: Framework) -> float:
    """Share of a framework's parts that were heard in their order, 0..1."""
    first: dict[str, float] = {}
    for one in take.parts:
        if one.confidence >= LEAST_CONFIDENCE:
            first[one.part] = min(one.start_s, first.get(one.part, one.start_s))
    wanted = FRAMEWORKS[framework]
    longest: list[int] = []  # parts in order that end with each part heard
    heard = [part for part in wanted if part in first]
    for place, part in enumerate(heard):
        before = [longest[i] for i in range(place) if first[heard[i]] <= first[part]]
        longest.append(1 + max(before, default=0))
    return max(longest, default=0) / len(wanted)


def _complete(*frameworks: Framework) -> Callable[[Take], float | None]:
    """Share of the parts, of the framework of which most was heard."""

    def read(take: Take) -> float | None:
        if _words(take) is None:
            return None
        return max(heard_share(take, framework) for framework in frameworks)

    return read


def _any(title: str, read: Callable[[Take], float | None], meaning: str, whole: str = "there") -> Measure:
    return Measure(title=title, unit="", source="words", meaning=meaning, read=read, whole=whole)


def _of_voice(title: str, unit: str, read: Callable[[Take], float | None], meaning: str) -> Measure:
    return Measure(title=title, unit=unit, source="voice", meaning=meaning, read=read)


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "pace": _of_voice("pace", "words/min", _pace, "words a minute, pauses in up to 1 s each"),
        "fillers": _of_voice("fillers", "/min", _voice("fillers_per_min"), "filled pauses by ear"),
        "pauses": _of_voice("pauses", "", _pause_share, "share of silence when talking alone"),
        "stretch": _of_voice(
            "longest time without a break",
            "s",
            _voice("longest_stretch_s"),
            "talk without an opening",
        ),
        "rising_endings": _of_voice(
            "endings that rise", "", _rising, f"share of at least {LEAST_ENDINGS} phrases"
        ),
        "pitch_range": _of_voice("pitch range", "st", _voice("f0_sd_st"), "standard deviation of F0"),
        "trailing_off": _of_voice(
            "endings trail off", "dB", _voice("trailing_db"), "fall of level at the end, beyond 5 dB"
        ),
        "creak": _of_voice("creak", "", _voice("creak_share"), "share of creaky voice"),
        "talk_share": _of_voice("share of talk", "", _talk_share, "in a call of two"),
        "interruptions": _of_voice("interruptions", "/10 min", _interruptions, "made, in a call of two"),
        "backchannels": _of_voice(
            "backchannels", "/min", _backchannels, "given, a minute of the other side's talk"
        ),
        "response_gap": _of_voice("pause before answers", "s", _response_gap, "median, in a call of two"),
        "composure": Measure(
            title="composure", unit="of 10", source="drill", meaning="of a drill's card", read=_composure
        ),
        "thread": Measure(
            title="thread taken up",
            unit="",
            source="drill",
            meaning="share of a drill's events, of at least 2 of which it is known",
            read=_thread,
            whole="each time",
        ),
        "headline": Measure(
            title="headline",
            unit="s",
            source="words",
            meaning="when the point came; not known where none was heard",
            read=_headline,
        ),
        "framework": _any(
            "parts of the answer",
            _complete("PEP", "STAR", "CAR"),
            "share of the parts heard in order, of PEP, STAR or CAR, whichever is most complete",
            "all, in order",
        ),
        "pep": _any(
            "problem, evidence, proposal",
            _complete("PEP"),
            "share of the three heard in order",
            "all, in order",
        ),
        "growth": _any(
            "struggle, turning point, new practice",
            _complete("growth"),
            "share of the three heard in order",
            "all, in order",
        ),
        "figures": _any("figures", _count("figures"), "figures said", ""),
        "terms": Measure(
            title="technical terms",
            unit="per 100 words",
            source="words",
            meaning="different ones, by the words",
            read=_per_100("terms"),
        ),
        "unexplained_terms": _any("terms not explained", _unexplained, "different ones", ""),
        "hedges": Measure(
            title="hedges", unit="/min", source="words", meaning="“sort of”, “maybe”", read=_hedges
        ),
        "filler_words": Measure(
            title="filler words",
            unit="per 100 words",
            source="words",
            meaning="“um”, “like”, “you know”: middle of the range that ears and words give",
            read=_filler_words,
        ),
        "restarts": Measure(
            title="restarts",
            unit="per 100 words",
            source="words",
            meaning="words said again or begun anew",
            read=_per_100("restarts"),
        ),
        "we_share": _any("“we” of “we” and “I”", _we_share, f"of at least {LEAST_PRONOUNS} of both", ""),
        "asked_first": _any("asked what was meant", _asked_first, "a question before a vague task is begun"),
        "paraphrase": _any("task said again", _found("paraphrase", True), "in own words"),
        "check_in": _any("check-in at the end", _found("check_in", True), "“does that answer it?”"),
        "other_view": _any("other side's view named", _other_view, "as they see it"),
        "blame": _any("others to blame", _found("blame", False), "1 where it sounds so"),
        "unknown": _any("the unknown named", _found("unknown", True), "what isn't known"),
        "assumption": _any("an assumption said", _found("assumption", True), "what is assumed, aloud"),
        "own_fault": _any("own part named", _found("own_fault", True), "in what went wrong"),
        "empathy": _any(
            "feeling with an act", _found("empathy", True), "another's state with what was done about it"
        ),
    }
)
"""Every measure that a programme's skills may be made of."""
