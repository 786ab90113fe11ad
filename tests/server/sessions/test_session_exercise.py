"""An exercise in a session: what is said to the speaker, how their pitch is told, and the score."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from dsp.frame import RATE_HZ
from engine.core.pitch_curves import curve_of
from engine.errors import UsageError
from engine.media.resample import Samples
from engine.programme.steps import spoken_lines
from engine.protocol import messages
from engine.protocol.exercise import MOST_STEPS
from engine.protocol.pitch_curve import StatementPitch
from engine.protocol.take import Take
from engine.server.sessions.drill_library import DrillLibrary
from engine.server.sessions.live_core import SoloCore
from engine.server.sessions.session_drill import SessionDrill
from engine.server.sessions.session_exercise import MODEL_FALL_ST, SessionExercise
from engine.shipped import profiles, programmes
from tests.harness.calls import running, until
from tests.harness.drills import Listening, correlation
from tests.programme.people import START, at, measures, take
from tests.programme.test_exercise_scores import said as review_of

LAND_IT, PARAPHRASE, STEADY = "exercise:land_it", "exercise:paraphrase", "exercise:steady_pitch"
STATEMENTS = ("That was my mistake.", "We lost two days.", "We will try it for a week.")

PROGRAMME = programmes.load()


def lines_of(name: str) -> list[str]:
    """Texts that an exercise has a voice say."""
    return [text for one in PROGRAMME.exercise if one.name == name for text in spoken_lines(one)]


class Session:
    """A session without a connection."""

    hears = True

    def __init__(self, library: DrillLibrary) -> None:
        self.core = SoloCore(profiles.load("conversation"))
        self.drill = SessionDrill(self.core, library)
        self.told: list[messages.ToClient] = []
        self.exercise = SessionExercise(self, PROGRAMME)

    def tell_speaker(self, message: messages.ToClient) -> None:
        self.told.append(message)

    def hear(self, samples: Samples) -> None:
        """Hear the speaker, and half a second of silence."""
        quiet = np.random.default_rng(1).normal(0.0, 1e-4, RATE_HZ // 2).astype(np.float32)
        self.core.hear(0, np.concatenate([samples, quiet]), self.core.now)
        for event in self.core.poll():
            self.exercise.observe(event)

    def take(self, purpose: str) -> Take:
        return take("t", at(START), purpose=purpose, measures=measures())


@pytest.fixture(scope="module")
def library() -> Iterator[DrillLibrary]:
    library = DrillLibrary()
    yield library
    library.clips.close()


@pytest.fixture
def session(library: DrillLibrary) -> Session:
    return Session(library)


def line(library: DrillLibrary, text: str, fall_st: float = MODEL_FALL_ST) -> Samples:
    return library.clips.speech("interviewer", text, fall_st=fall_st)


@pytest.mark.parametrize("text", lines_of("land_it"))
def test_every_example_ends_on_a_clear_fall(library: DrillLibrary, text: str) -> None:
    curve = curve_of(line(library, text), profiles.load("conversation"))
    assert curve is not None
    assert curve.fall_st is not None
    assert 3.0 <= curve.fall_st <= 8.0


async def test_an_example_is_said_with_its_curve_and_only_what_the_exercise_has(session: Session) -> None:
    session.exercise.begin_step(0, speaks=False, pitch=True)
    await session.exercise.say(LAND_IT, 0, STATEMENTS[0], pitch=True)
    said, pitch = session.told
    assert isinstance(said, messages.StepSaid)
    assert 0.5 < said.seconds < 3.0
    assert isinstance(pitch, StatementPitch)
    assert pitch.voice == "packaged"
    with pytest.raises(UsageError, match="only what the exercise 'land_it' has"):
        await session.exercise.say(LAND_IT, 0, "Anything else.", pitch=False)


async def test_a_line_that_is_ready_after_its_step_is_not_said(session: Session) -> None:
    session.exercise.begin_step(0, speaks=False)
    session.exercise.begin_step(1, speaks=True)
    await session.exercise.say(LAND_IT, 0, STATEMENTS[1], pitch=True)
    assert session.told == []


def test_ends_that_fall_are_told_one_by_one_and_scored(session: Session, library: DrillLibrary) -> None:
    for place, text in enumerate(STATEMENTS):
        session.exercise.begin_step(2 * place, speaks=True, pitch=True)
        session.hear(line(library, text))
        session.exercise.begin_step(2 * place + 1, speaks=False)
    curves = [one.curve for one in session.told if isinstance(one, StatementPitch) and one.voice == "own"]
    assert [curve.fall_st is not None and curve.fall_st > 3.0 for curve in curves] == [True] * 3
    result = session.exercise.scored(session.take(LAND_IT)).exercise
    assert result is not None
    assert result.score == 10.0
    assert result.measured["landed_share"] == 1.0
    assert [step.speaks for step in result.steps] == [True, False] * 3


def test_a_client_that_goes_round_and_round_fills_no_memory(session: Session, library: DrillLibrary) -> None:
    for place in range(2 * MOST_STEPS):
        session.exercise.begin_step(place % 2, speaks=True, pitch=True)
    session.hear(line(library, STATEMENTS[0]))
    assert session.told == []
    result = session.exercise.scored(session.take(LAND_IT)).exercise
    assert result is not None
    assert len(result.steps) == MOST_STEPS
    assert len(session.exercise._pitch._steps) == MOST_STEPS


def test_steady_pitch_is_against_the_usual_of_earlier_takes(session: Session, library: DrillLibrary) -> None:
    session.exercise.begin_step(0, speaks=True)
    session.hear(line(library, next(iter(lines_of("paraphrase"))), 0.0))
    heard = session.take(STEADY)
    without = session.exercise.scored(heard).exercise
    assert without is not None
    assert without.score is None
    own_hz = session.exercise._pitch.median_hz
    assert own_hz is not None
    earlier = [
        take(f"e{k}", at(START), measures=measures(f0_median_hz=own_hz * 2 ** (-2 / 12))) for k in range(3)
    ]
    result = session.exercise.scored(heard, earlier).exercise
    assert result is not None
    assert result.measured == {"pitch_from_usual_st": 2.0}
    assert result.score == pytest.approx(4.0)


async def test_a_view_is_compared_with_how_it_was_said_back(session: Session) -> None:
    view = next(iter(lines_of("paraphrase")))
    session.exercise.begin_step(0, speaks=False)
    await session.exercise.say(PARAPHRASE, 0, view, pitch=False)
    session.exercise.begin_step(1, speaks=True)
    session.hear(np.zeros(20 * RATE_HZ, np.float32))
    back = "So you want to be asked before a new tool is bought, you would have told us. Is that right?"
    result = session.exercise.scored(
        take("t", at(START), purpose=PARAPHRASE, measures=measures(), review=review_of((back, 0.5)))
    ).exercise
    assert result is not None
    assert result.measured["kept_share"] > 0.3
    assert (result.measured["point_first_share"], result.measured["checked_share"]) == (1.0, 1.0)
    assert result.score is not None
    assert result.score > 8.0


async def test_an_example_is_heard_over_a_connection(library: DrillLibrary) -> None:
    async with running() as server:
        page = Listening()
        await page.call(server.address, query="?hear=1")
        speaking = asyncio.create_task(page.speak(np.full(20 * RATE_HZ, 1e-4, np.float32)))
        page.say(type="set_question", question="", purpose=LAND_IT)
        page.say(type="set_step", place=0, say=STATEMENTS[0], pitch=True)
        assert (await page.next(messages.StepSaid)).place == 0
        assert (await page.next(StatementPitch)).voice == "packaged"
        clip = line(library, STATEMENTS[0])
        await until(lambda: sum(part.size for part in page.heard) > 0.8 * clip.size)
        assert correlation(np.concatenate(page.heard), clip) > 0.9
        page.say(type="set_step", place=1, say="Not in it.")
        assert "only what the exercise" in (await page.next(messages.Error)).message
        speaking.cancel()
        await page.close()
