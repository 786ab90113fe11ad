"""The review of an answer for a terminal: its words with marks and parts, findings with quotes, figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.protocol.advice import Advice
from engine.protocol.review import AnswerReview, MarkKind, ReviewFinding, UnknownSpan, WordMeasures, WordSpan
from engine.protocol.words import MissedReason, Word

PAUSE_S = 1.0
"""A silence from this length on is shown between words."""

ROW_PAUSE_S = 2.0
"""A silence from this length on begins a new row."""

ROW_WORDS = 30
"""A row ends with the first sentence that ends after so many words."""

PALE = 0.5
"""A word of less confidence is paler."""

QUOTED_WORDS = 25
"""A longer quote is cut."""

SIGNS: dict[MarkKind, tuple[str, str]] = {"filler": ("‹", "›"), "restart": ("~", "~")}
"""What stands around words of a kind, so that it is seen without colours too."""

STYLES: dict[MarkKind, str] = {
    "filler": "yellow",
    "restart": "yellow strike",
    "term": "underline",
    "hedge": "italic",
    "figure": "bold",
}

LEGEND = "‹filler›  ~started again~  (1.5 s) pause  underlined: a term  bold: a figure  pale: heard unsurely"

HEARD_BY = "A machine heard these words: some may be wrong."

WHY: dict[MissedReason, str] = {
    "lost": "its sound was lost",
    "busy": "there was no time to recognise it",
    "failed": "the recogniser failed",
    "unclear": "it was too unclear to recognise",
}


class Row(NamedTuple):
    """Words of one part of the answer, or of a stretch of it."""

    at_s: float
    part: str
    text: Text


def render_review(review: AnswerReview, who: str = "") -> RenderableType:
    """All of a review, one under the other.

    Parameters
    ----------
    review : of one speaker.
    who : what the speaker is called; empty where there is only one.
    """
    title = Text(f"What was said{f': {who}' if who else ''}", style="bold")
    title.append(f"   {HEARD_BY}", style="not bold dim")
    parts: list[RenderableType] = [title]
    if review.question:
        parts.append(Text(f"  Question: {review.question}"))
    if not review.words:
        parts.append(Text("  no words were heard", style="dim"))
        parts.extend(Text(f"  {_missing(span)}", style="dim") for span in review.unknown)
        return Padding(Group(*parts), (1, 0, 0, 0))
    table = Table(box=None, show_header=False, pad_edge=True, padding=(0, 2, 0, 2))
    table.add_column(justify="right", style="dim")
    table.add_column(style="cyan")
    table.add_column(overflow="fold")
    for row in transcript_rows(review):
        table.add_row(clock(row.at_s), row.part, row.text)
    parts += [table, _indented(Text(LEGEND, style="dim"), 2), Text("")]
    parts += [_indented(Text(line), 2) for line in figures(review)]
    for finding in review.findings:
        parts += _finding(finding, review.words)
    if review.try_next:
        parts.append(_indented(Text(f"Next time: {review.try_next}", style="bold"), 2))
    return Padding(Group(*parts), (1, 0, 0, 0))


def render_advice(advice: Advice, words: Sequence[Word]) -> RenderableType:
    """Advice of an assistant, with what of the words it refers to."""
    title = Text(f"Advice of {advice.model} at {advice.host}", style="bold")
    title.append("   A language model wrote this: it may be wrong.", style="not bold dim")
    parts: list[RenderableType] = [title, _indented(Text(advice.advice), 2)]
    if advice.example:
        parts.append(_indented(Text(f"For example: {advice.example}"), 2))
    for span in advice.quotes:
        parts.append(_evidence(span, words))
    for question in advice.follow_ups:
        parts.append(_indented(Text(f"? {question}", style="cyan"), 2))
    if advice.cut:
        parts.append(Text("  It saw only the first part of what was said.", style="dim"))
    return Padding(Group(*parts), (1, 0, 0, 0))


def transcript_rows(review: AnswerReview) -> Iterator[Row]:
    """Cut the words into rows: at the parts of the answer, at long pauses, and at ends of sentences."""
    words = review.words
    starts = {part.start: part.part.replace("_", " ") for part in review.parts}
    ends = {part.end for part in review.parts}
    text, at_s, part, count = Text(), 0.0, "", 0
    for place, word in enumerate(words):
        pause_s = word.start_s - words[place - 1].end_s if place else 0.0
        unknown = _unknown_before(review, place)
        sentence_over = place > 0 and words[place - 1].text[-1:] in ".?!"
        begins = place in starts or place in ends or pause_s >= ROW_PAUSE_S
        if place == 0 or begins or (count >= ROW_WORDS and sentence_over):
            if count:
                yield Row(at_s, part, text)
            part = starts.get(place, "")
            text, at_s, count = Text(), word.start_s, 0
        for span in unknown:
            text.append(f"{' ' if text else ''}[{_missing(span)}]", style="red")
        if place and pause_s >= PAUSE_S and not unknown:
            text.append(f"{' ' if text else ''}({pause_s:.1f} s)", style="dim")
        if text:
            text.append(" ")
        text.append_text(_marked(review, place, word))
        count += 1
    for span in _unknown_before(review, len(words)):
        text.append(f" [{_missing(span)}]", style="red")
    if count:
        yield Row(at_s, part, text)


def figures(review: AnswerReview) -> Iterator[str]:
    """Lines of figures; when the headline came is told by its finding, which knows how sure it is."""
    m = review.measures
    pace = _pace(m)
    least, most = m.fillers.least, m.fillers.most
    fillers = _count(most, "filler") if least == most else f"{least} to {most} fillers"
    explained = f" ({m.terms_explained} explained)" if m.terms else ""
    restarts, hedges = _count(m.restarts, "restart"), _count(m.hedges, "hedge")
    yield f"{_count(m.words, 'word')}{pace}; {fillers}, {restarts}, {hedges}"
    yield f"“we” {_times(m.we)}, “I” {_times(m.i)}"
    questions, terms = _count(m.questions, "question"), _count(m.terms, "term")
    yield f"{_count(m.figures, 'figure')}, {questions}, {terms}{explained}"


def quote(words: Sequence[Word], span: WordSpan) -> str:
    """Words of a span as they were heard, the middle of many left out."""
    texts = [word.text for word in words[span.start : span.end]]
    if len(texts) > QUOTED_WORDS:
        half = QUOTED_WORDS // 2
        texts = [*texts[:half], "…", *texts[-half:]]
    return " ".join(texts)


def clock(at_s: float) -> str:
    """``1:02`` for 62.5 seconds."""
    return f"{int(at_s) // 60}:{int(at_s) % 60:02d}"


def _finding(finding: ReviewFinding, words: Sequence[Word]) -> Iterator[RenderableType]:
    """A finding, and below it what it rests on."""
    mark, style = {True: ("+", "green"), False: ("→", "yellow"), None: ("·", "")}[finding.good]
    if not finding.sure:
        mark, style = "?", "dim"
    yield _indented(Text(f"{mark} {finding.text}", style=style), 2)
    for span in finding.quotes:
        yield _evidence(span, words)


def _evidence(span: WordSpan, words: Sequence[Word]) -> RenderableType:
    """A quote with its time."""
    return _indented(Text(f"{clock(words[span.start].start_s)}  “{quote(words, span)}”", style="dim"), 6)


def _indented(text: Text, columns: int) -> RenderableType:
    """Text of which the lines that are wrapped are indented too."""
    return Padding(text, (0, 0, 0, columns))


def _marked(review: AnswerReview, place: int, word: Word) -> Text:
    """A word with the signs and styles of its marks."""
    text = Text(word.text, style="dim" if word.confidence < PALE else "")
    for mark in review.marks:
        if mark.start <= place < mark.end:
            text.stylize(STYLES.get(mark.kind, ""))
            before, after = SIGNS.get(mark.kind, ("", ""))
            if place == mark.start:
                text = Text.assemble((before, "yellow"), text)
            if place == mark.end - 1:
                text = Text.assemble(text, (after, "yellow"))
    return text


def _unknown_before(review: AnswerReview, place: int) -> list[UnknownSpan]:
    """Unknown spans between the word before and this one."""
    words = review.words
    since_s = words[place - 1].start_s if place else -1.0
    until_s = words[place].start_s if place < len(words) else float("inf")
    return [span for span in review.unknown if since_s <= span.start_s < until_s]


def _missing(span: UnknownSpan) -> str:
    return f"{span.end_s - span.start_s:.1f} s unknown: {WHY[span.why]}"


def _pace(m: WordMeasures) -> str:
    """Pace with what it was counted by; empty where it isn't known."""
    per_min, by = m.words_per_min, ""
    if m.pace is not None:
        by_words = m.pace.better == "words"
        per_min = m.pace.by_words if by_words else m.pace.by_syllables
        by = " (counted in words)" if by_words else " (counted in syllables)"
        by = by if m.pace.sure else f"{by[:-1]}, uncertain)"
    return "" if per_min is None else f", {per_min:.0f} a minute{by}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(count, f"{count} times")
