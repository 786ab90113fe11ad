"""What comes late: answers that arrive when the person is elsewhere already, or out of their order."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

HELD = """
const asked = [];
const fetched = window.fetch;
window.fetch = (address, { method = 'GET', body } = {}) => new Promise((resolve) => asked.push({
  method, address, body: body && JSON.parse(body),
  answer: (json, status = 200) =>
    resolve(new Response(json === null ? null : JSON.stringify(json), { status })),
}));
const next = async () => {
  for (let looked = 0; !asked.length; looked++) {
    if (looked === 20000) throw new Error('nothing is asked for');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return asked.shift();
};
let done;
const visit = { current: true };
const said = [], begun = [], sent = [], failed = [];
const page = {
  visit, config: { link_host: null, lan: null, ice_servers: [] }, takes: { kept: null },
  machine: { state: 'finished', send: (event) => sent.push(event) },
  attempt: (work) => (done = work().catch((error) => said.push(error.detail))),
  begin: (task) => begun.push(task.purpose), fail: (error) => failed.push(error.id),
  act: () => {}, tell: () => {}, show: () => {}, showSummary: () => said.push('summary'),
};
const view = {
  name: 'shadowing', title: 'Shadowing', steps: [], scored: [], trains: [], keeps: '', drill: 'a', talk: true,
  runs: [{ take: 'a', at: '2026-01-01T00:00:00Z', score: { score: null, note: '' } }], best: 5, speaks: true,
};
"""
"""A page without its shell, and requests that wait until a test answers them."""


def run(page: Page, body: str) -> Any:
    """Value of a function's body that may use the page's modules, and what :data:`HELD` has."""
    late = "setTimeout(() => reject(new Error('it has no end')), 90000)"
    return page.evaluate(
        f"""async () => {{ {HELD}
          const work = async () => {{ {body} }};
          const late = new Promise((_, reject) => {late});
          try {{ return await Promise.race([work(), late]); }} finally {{ window.fetch = fetched; }}
        }}"""
    )


# The microphone


def test_a_microphone_that_is_closed_while_it_is_opened_stays_closed(page: Page) -> None:
    assert run(
        page,
        """const { Microphone } = await import('/session/microphone.js');
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        const streams = [];
        navigator.mediaDevices.getUserMedia = async (wanted) => {
          const stream = await ask(wanted);
          if (wanted.audio.autoGainControl === undefined) streams.push(stream); // the page's own says it
          return stream;
        };
        const microphone = new Microphone();
        const opening = microphone.open({});
        microphone.close();
        await opening;
        const left = microphone.live;
        await Promise.all([microphone.open({}), microphone.open({})]);
        const { live } = microphone;
        microphone.close();
        delete navigator.mediaDevices.getUserMedia;
        return [left, live, streams.map((one) => one.getTracks()[0].readyState)];""",
    ) == [False, True, ["ended"] * 3]


def test_what_the_microphone_refuses_concerns_only_who_still_waits_for_it(page: Page) -> None:
    assert run(
        page,
        """const { Input } = await import('/session/input.js');
        navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); };
        const input = new Input({ ...page, settings: { values: {} } }, () => {});
        await input.tryOut();
        const waits = input.tryOut();
        visit.current = false;
        await waits;
        delete navigator.mediaDevices.getUserMedia;
        return failed;""",
    ) == ["refused"]


def test_a_call_is_not_entered_by_who_has_left(page: Page) -> None:
    assert run(
        page,
        """const { Calls } = await import('/calls/calls.js');
        const stream = new AudioContext().createMediaStreamDestination().stream;
        navigator.mediaDevices.getDisplayMedia = async () => stream;
        const calls = new Calls(page, () => {});
        const sharing = calls.actions.coach_call();
        const making = calls.actions.as_candidate();
        visit.current = false;
        await sharing;
        (await next()).answer({ detail: 'full' }, 503);
        await making;
        delete navigator.mediaDevices.getDisplayMedia;
        return [stream.getTracks()[0].readyState, asked.length, sent, failed];""",
    ) == ["ended", 0, [], []]


# After a session


@pytest.mark.parametrize("state", ["finished", "talking", "place"])
def test_the_connection_closes_once_nothing_follows_the_summary(page: Page, state: str) -> None:
    assert run(
        page,
        f"""const {{ Session }} = await import('/session/session.js');
        page.machine.state = '{state}';
        const session = new Session({{ ...page, exercises: {{ showResult: () => true }} }}, {{}});
        const closed = [];
        session.connection = {{ close: ({{ remove }}) => closed.push(remove) }};
        session.wait.take = true;
        session.wait.begin();
        session.messages.ended({{ reason: 'asked', can_resume: false }});
        return [closed, session.connection, session.wait.open];""",
    ) == [[False], None, False]


# Exercises


RESULT = """
const { Exercises } = await import('/exercises/exercises.js');
const { SessionRecord } = await import('/session/record.js');
const { ExerciseRun } = await import('/exercises/run.js');
sessionStorage.clear();
const record = new SessionRecord();
const talk = { measures: null, techniques: ['a pause', 'a figure'] };
const run = { view, place: 0, talk, noted: false };
Object.assign(record.data, { session: 'a', summary: { measures: [{}] }, run });
page.session = { record, wait: { open: true, score: false, take: false } };
page.drills = { drill: { level: 'gentle' } };
const exercises = new Exercises(page);
const summary = document.getElementById('summary');
const shown = () => {
  exercises.showResult();
  const { textContent } = summary;
  summary.replaceChildren();
  return textContent;
};
"""


def test_an_exercise_does_not_begin_again_for_who_has_left(page: Page) -> None:
    assert run(
        page,
        f"""{RESULT}
        for (const current of [true, false]) {{
          page.visit = {{ current: true }};
          exercises.showResult();
          summary.querySelector('[data-act=exercise_again]').click();
          page.visit.current = current;
          (await next()).answer(view);
          await done;
        }}
        summary.replaceChildren();
        return begun;""",
    ) == ["exercise:shadowing"]


def test_an_exercise_does_not_begin_for_who_left_before_its_talk_was_measured(page: Page) -> None:
    assert run(
        page,
        """const { exerciseView } = await import('/exercises/exercise.js');
        page.exercises = { begin: ({ name }) => begun.push(name) };
        for (const current of [true, false]) {
          const visit = { current: true, onLeave: () => {} };
          const drawn = exerciseView({ ids: ['shadowing'] }, page, visit);
          (await next()).answer(view);
          const box = document.createElement('div');
          box.append(...(await drawn).filter(Boolean));
          box.querySelector('[data-act=exercise_begin]').click();
          visit.current = current;
          await done;
        }
        return begun;""",
    ) == ["shadowing"]


@pytest.mark.parametrize("answer", ["{}", "{ detail: 'full' }, 503"])
def test_techniques_are_said_to_be_kept_once_they_are(page: Page, answer: str) -> None:
    before, sent, after, said = run(
        page,
        f"""{RESULT}
        const line = (await import('/words/words.js')).words.shadowing.notedInTake;
        record.noteTaken({{ id: 'b', kept: {{}}, why: '' }});
        exercises.messages.take_kept({{ take: 'b' }});
        const {{ method, address, body, answer }} = await next();
        const before = shown().includes(line);
        answer({answer});
        await done;
        return [before, [method, address, body.note], shown().includes(line), said];""",
    )
    assert sent == ["PATCH", "record/takes/b", "• a pause\n• a figure"]
    assert before is False
    kept = answer == "{}"
    assert after is kept
    assert said == (["summary"] if kept else ["full"])


def test_scores_so_far_are_read_once_and_not_kept_in_the_tab(page: Page) -> None:
    kept, asked_for = run(
        page,
        f"""{RESULT}
        page.session.wait.open = false;
        for (let drawn = 0; drawn < 3; drawn++) exercises.showResult();
        (await next()).answer(view);
        await done;
        exercises.showResult();
        summary.replaceChildren();
        const steps = [{{ step: {{ seconds: 5 }} }}];
        return [new ExerciseRun({{ ...view, steps }}).kept.view, asked.length];""",
    )
    assert (kept["runs"], kept["best"]) == ([], None)
    assert asked_for == 0


# What is changed twice


def test_the_last_rating_holds(page: Page) -> None:
    assert run(
        page,
        """const { columnsSection } = await import('/people/columns.js');
        const row = { name: 'pace', title: 'Pace', asks: '', others: { count: 0, mean: null }, figure: null,
          figure_from: '', own: null };
        const table = { rows: [row], disagreements: [] };
        const slider = columnsSection(table, page).querySelector('input');
        for (const rating of [3, 8]) {
          slider.value = rating;
          slider.dispatchEvent(new Event('change'));
        }
        const seen = [];
        for (let i = 0; i < 4; i++) {
          const { method, body, answer } = await next();
          seen.push([method, body?.rating ?? null, asked.length]);
          if (method === 'PUT') answer(null, 204);
          else answer(table);
        }
        await done;
        return seen;""",
    ) == [["PUT", 3, 0], ["GET", None, 0], ["PUT", 8, 0], ["GET", None, 0]]


def test_each_use_of_an_analogy_counts(page: Page) -> None:
    assert run(
        page,
        """const { bankOf } = await import('/exercises/analogies.js');
        const kept = [{ id: 'a', thing: 'a cache', like: 'a drawer', rating: null, used: 0 }];
        const drawing = bankOf(page);
        (await next()).answer(kept);
        const bank = await drawing;
        const button = bank.querySelector('[data-act=analogy_used]');
        button.click();
        button.click();
        const counts = [];
        for (let i = 0; i < 4; i++) {
          const { method, body, answer } = await next();
          if (method === 'PUT') counts.push(body.used);
          answer(method === 'PUT' ? null : kept, method === 'PUT' ? 204 : 200);
        }
        await done;
        return counts;""",
    ) == [1, 2]


@pytest.mark.parametrize("left", ["[]", "[{ id: 'r', by: 'links', state: 'over' }]"])
def test_links_of_a_round_that_is_over_are_not_shown(page: Page, left: str) -> None:
    assert run(
        page,
        f"""const {{ askSection }} = await import('/people/ask.js');
        const box = document.createElement('div');
        document.body.append(box);
        const open = [{{ id: 'r', by: 'links', state: 'open' }}];
        const links = (rounds) => {{
          box.replaceChildren(askSection(rounds, page));
          return box.querySelectorAll('.one-link').length;
        }};
        page.places = {{ open: async () => links(open) }};
        links([]);
        box.querySelector('#feedback-asker').value = 'Ada';
        box.querySelector('form').dispatchEvent(new SubmitEvent('submit', {{ cancelable: true }}));
        (await next()).answer({{ round: open[0], links: ['feedback/a', 'feedback/b'], text: '' }});
        await done;
        const seen = [links(open), links({left}), links(open)];
        box.remove();
        return seen;""",
    ) == [2, 0, 0]
