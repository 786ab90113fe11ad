"""The page's modules by themselves: the table of states, the words, the record, the trace."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from clients.cli.report import SIGNAL
from engine.cues import CUES
from engine.protocol.drill_results import Card, Listened
from engine.protocol.terms import Role, Sound
from tests.harness.page import Served


def run(page: Page, body: str) -> Any:
    """Value of a function's body that may use the page's modules."""
    return page.evaluate(f"async () => {{ {body} }}")


def test_every_state_can_be_reached_and_left(page: Page) -> None:
    table = run(page, "return (await import('/page/states.js')).TRANSITIONS")
    reached, todo = set(), ["opening"]
    while todo:
        reached.add(name := todo.pop())
        todo += [target for target in table[name].values() if target not in reached]
    assert reached == set(table)
    assert all(table.values()), "no dead end"


def test_every_state_has_its_words(page: Page) -> None:
    table, words = run(
        page,
        """const { TRANSITIONS } = await import('/page/states.js');
        return [TRANSITIONS, (await import('/words/words.js')).words.status];""",
    )
    assert set(words) == {*table, "muted"}, "muted is shown in several of them"


def test_every_state_has_its_view(page: Page) -> None:
    table, views, regions = run(
        page,
        """const { TRANSITIONS } = await import('/page/states.js');
        const { VIEWS, REGIONS } = await import('/app/views.js');
        const found = REGIONS.map((id) => document.getElementById(id) !== null);
        return [TRANSITIONS, Object.keys(VIEWS), found];""",
    )
    assert set(views) == set(table)
    assert regions == [True] * 6, "each region of a view is a part of the page"


def test_a_link_leads_to_where_others_reach_the_server(page: Page) -> None:
    """By the name that the server has for others, where the page's own is this machine's."""
    links = run(
        page,
        """const { Room } = await import('/calls/room.js');
        const { linkBase } = await import('/page/config.js');
        const lan = { url: 'https://192.168.1.20:8443/' };
        const told = [{ link_host: 'coach.example.com' }, { link_host: '[2001:db8::1]' }, { lan }, {}];
        return told.map((config) => {
          const room = Object.assign(new Room({ id: 'abc' }), { base: linkBase(config) });
          return [room.link, room.reaches];
        });""",
    )
    here = run(page, "return location.port")
    assert links == [
        [f"http://coach.example.com:{here}/#room=abc", True],
        [f"http://[2001:db8::1]:{here}/#room=abc", True],
        ["https://192.168.1.20:8443/#room=abc", True],
        [f"http://127.0.0.1:{here}/#room=abc", False],
    ]
    hosts = ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]
    hosts += ["127.evil.test", "192.0.2.1", "x.test"]
    local = run(page, f"return {hosts}.map((await import('/page/config.js')).isThisMachine)")
    assert local == [True] * 5 + [False] * 3


def test_an_event_without_meaning_changes_nothing(page: Page) -> None:
    assert run(
        page,
        """const { StateMachine } = await import('/page/states.js');
        const heard = [];
        const machine = new StateMachine((...change) => heard.push(change));
        machine.send('open');
        return [machine.send('clear'), machine.send('toString'), machine.state, heard];""",
    ) == [False, False, "ready", [["ready", "open", "opening"]]]


def test_every_cue_has_its_own_drawing(page: Page) -> None:
    drawn = run(
        page,
        f"""const {{ icon }} = await import('/ui/icons.js');
        return {list(CUES)!r}.map((cue) => icon(cue).innerHTML);""",
    )
    other = run(page, "return (await import('/ui/icons.js')).icon('attention').innerHTML")
    assert len({*drawn, other}) == len(CUES) + 1


@pytest.mark.parametrize("said", ["You asked: “what do you mean by better”.", None])
def test_a_card_says_what_the_drill_listened_for(page: Page, said: str | None) -> None:
    card = Card(
        drill="vague-question", title="A", level="gentle", seed=1, duration_s=60.0, events=[], composure=None,
        try_next="Next.",
        listened=Listened(what="question", heard=True, by="words", quote="what", text=said) if said else None,
    )  # fmt: skip
    ended = msgspec.json.encode({"card": card, "stopped": False}).decode()
    shown = run(
        page,
        f"""const {{ cardParts }} = await import('/drills/card.js');
        const {{ drillCards }} = await import('/summary/summary.js');
        const box = document.createElement('div');
        box.append(...cardParts({ended}).filter(Boolean));
        const asides = (of) => [...of.querySelectorAll('.aside')].map((one) => one.textContent);
        return [asides(box), asides(drillCards([{ended}]))];""",
    )
    assert shown == ([[said], [said]] if said else [[], []])


def test_a_record_of_another_version_is_dropped(page: Page) -> None:
    assert run(
        page,
        """const { SessionRecord } = await import('/session/record.js');
        sessionStorage.setItem('sottovoce.session', '{broken');
        const record = new SessionRecord();
        return [record.restore(), record.keptMs, sessionStorage.length];""",
    ) == ["nothing", 0, 0]


def test_settings_of_another_version_are_the_defaults(page: Page) -> None:
    assert run(
        page,
        """const { Settings } = await import('/page/settings.js');
        localStorage.setItem('sottovoce.settings', '[');
        const { echoCancellation, noiseSuppression, autoGainControl } = new Settings().values;
        localStorage.clear();
        return [echoCancellation, noiseSuppression, autoGainControl];""",
    ) == [True, False, False]


def test_a_cue_kept_under_its_earlier_name_stays_off(page: Page) -> None:
    assert run(
        page,
        """const { Settings } = await import('/page/settings.js');
        localStorage.setItem('sottovoce.settings', '{"cuesOff": ["pace", "voice"], "tick": true}');
        const { cuesOff, tick } = new Settings().values;
        const kept = JSON.parse(localStorage.getItem('sottovoce.settings'));
        localStorage.clear();
        return [cuesOff, tick, kept];""",
    ) == [["pace", "creak"], True, {"cuesOff": ["pace", "creak"], "tick": True}]


def test_a_profile_has_cues_off_that_a_person_may_have_on_and_the_other_way_round(page: Page) -> None:
    assert run(
        page,
        """const { Settings } = await import('/page/settings.js');
        const settings = new Settings();
        const kept = () => [settings.values.cuesOn, settings.values.cuesOff];
        const seen = [[settings.isOn("pace", true), settings.isOn("ask_first", false)]];
        settings.setCue("ask_first", true, false);
        settings.setCue("pace", false, true);
        seen.push([settings.isOn("pace", true), settings.isOn("ask_first", false)], kept());
        settings.setCue("ask_first", false, false);
        settings.setCue("pace", true, true);
        seen.push(kept());
        localStorage.clear();
        return seen;""",
    ) == [[True, False], [False, True], [["ask_first"], ["pace"]], [[], []]]


def test_every_sound_and_voice_has_its_caption(page: Page) -> None:
    """Of all that a drill or an interviewer can play."""
    shown = run(
        page,
        f"""const {{ Captions }} = await import('/drills/captions.js');
        const {{ people }} = (await import('/words/words.js')).words.drills;
        const root = document.createElement('div');
        const captions = new Captions(root);
        const one = {{ turn: 0, breaks_up: false, length_s: 0 }};
        {list(get_args(Sound))!r}.forEach((sound, step) => captions.show(
          {{ ...one, step, kind: 'distraction', sound, role: null, say: null }}, people));
        {list(get_args(Role))!r}.forEach((role, step) => captions.show(
          {{ ...one, step: 100 + step, kind: 'voice', sound: null, role, say: 'Wait.' }}, people));
        captions.show(
          {{ ...one, step: 200, kind: 'voice', role: 'client', say: 'Hm', breaks_up: true }}, people);
        const shown = [...root.children].map(({{ textContent }}) => textContent);
        captions.clear();
        return [...shown, root.children.length];""",
    )
    assert len(set(shown)) == len(get_args(Sound)) + len(get_args(Role)) + 2
    assert not [line for line in shown[:-1] if "undefined" in line]
    assert shown[-2:] == ["A client: “Hm” [on a bad line]", 0]


def test_lost_sound_is_hatched_and_not_drawn_as_silence(page: Page) -> None:
    lossy = run(
        page,
        """const { Trace } = await import('/session/trace.js');
        const ten = { f0_hz: Array(10).fill(120), level_dbfs: Array(10).fill(-30) };
        const hops = (start_s, known) => ({ ...ten, start_s, known });
        const trace = new Trace();
        const seen = [];
        trace.addTrace(hops(0, true));
        seen.push(trace.lossy);
        trace.addTrace(hops(0.1, false));
        seen.push(trace.lossy);
        trace.clear();
        trace.startAt(60);
        trace.addTrace(hops(60, true));
        seen.push(trace.lossy);
        trace.addTrace(hops(62, true)); // what lies between was left out: nobody says that it was lost
        seen.push(trace.lossy);
        trace.addLoss({ start_s: 60, end_s: 62.1 }); // what was heard is there all the same
        seen.push(trace.lossy);
        trace.addTrace(hops(62.1, true));
        for (let second = 63; second < 75; second++) trace.addTrace(hops(second, true));
        seen.push(trace.lossy);
        for (let second = 75; second < 79; second++) trace.addTrace(hops(second, true));
        seen.push(trace.lossy);
        trace.addLoss({ start_s: 10, end_s: 100 }); // longer than the picture
        seen.push(trace.lossy);
        trace.addTrace(hops(100.1, true));
        seen.push(trace.lossy);
        return seen;""",
    )
    assert lossy == [False, True, False, False, True, True, False, True, True]


def test_the_picture_flows_although_traces_come_in_batches(page: Page) -> None:
    shown = run(
        page,
        """const { Trace } = await import('/session/trace.js');
        const still = performance.now;
        let clock = 5000;
        performance.now = () => clock;
        const trace = new Trace();
        const seen = [];
        let told = 0;
        const ten = { f0_hz: Array(10).fill(120), level_dbfs: Array(10).fill(-30) };
        for (let ms = 0; ms < 10000; ms += 10, clock += 10) {
          while (ms % 250 === 0 && told < Math.floor(ms / 100)) {
            trace.addTrace({ ...ten, start_s: told++ / 10, known: true });
          }
          if (ms % 30 === 0) seen.push(trace.now);
        }
        performance.now = still;
        return [seen, told / 10];""",
    )
    seen, end_s = shown
    steps_ms = [1000 * (after - before) for before, after in itertools.pairwise(seen[50:])]
    assert all(20 < step < 40 for step in steps_ms), "even steps of 30 ms"
    assert 0 <= end_s - seen[-1] < 0.6, "not far behind what has arrived"


def test_runs_of_another_level_or_formula_are_no_comparison(page: Page) -> None:
    earlier = run(
        page,
        """const { rememberRun } = await import('/drills/runs.js');
        const card = (level, composure, formula = 2) =>
          ({ card: { drill: 'interruptions', level, formula, composure, events: [] } });
        const found = [card('hard', 4), card('gentle', 9), card('hard', 6.7, null), card('hard', 5)];
        const earlier = found.map((ended) => rememberRun(ended).map(({ composure }) => composure));
        localStorage.clear();
        return earlier;""",
    )
    assert earlier == [[], [], [], [4]]


def test_no_negative_time_reaches_a_person(page: Page) -> None:
    said = run(
        page,
        """const { drills } = (await import('/words/words.js')).words;
        return [[0, -0.6], [0.3, 2], [1.2, 0.01], [null, -0.04], [0.5, null]]
          .map((both) => drills.median(...both));""",
    )
    assert said == [
        "You stopped at once and resumed 0.6 s before they finished.",
        "You stopped after 0.3 s and resumed 2.0 s after they finished.",
        "You stopped after 1.2 s and resumed as they finished.",
        "You resumed as they finished.",
        "You stopped after 0.5 s.",
    ]


def test_a_call_is_no_drill(page: Page) -> None:
    """What an interviewer plays is told of by the same events as a drill's."""
    room, echo = run(
        page,
        """const { call, notices } = (await import('/words/words.js')).words;
        return [call, notices.echo];""",
    )
    assert "drill" not in f"{room} {echo} {SIGNAL['echo']}"


def test_a_clock_and_figures_for_people(page: Page) -> None:
    assert run(
        page,
        """const { clock, figure } = await import('/ui/format.js');
        return [clock(0), clock(75.9), clock(3600), figure(0.256, 'share'), figure(181.6, 'words/min'),
                figure(2, 's'), figure(1.25, 'st')];""",
    ) == ["0:00", "1:15", "60:00", "26 %", "182 words/min", "2 s", "1.3 st"]


def test_nothing_is_loaded_from_elsewhere(rushing: Browser) -> None:
    with Served() as served:
        page = rushing.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served.address)
        page.wait_for_selector("body[data-state=ready]")
        page.close()
    assert asked
    assert [url for url in asked if not url.startswith(served.address)] == []


def test_a_measure_that_is_a_guess_is_called_so_and_held_against_no_target(page: Page) -> None:
    said = run(
        page,
        """const { showSummary } = await import('/summary/summary.js');
        const measures = {pace_wpm: 150, creak_share: 0.65, fillers_per_min: null, unsure: ["creak_share"],
            pause_count: 0, longest_pause_s: 0, longest_stretch_s: 5, rises: 0, endings: 0, phrases: 3,
            lost_s: 0};
        const summary = {duration_s: 9, profile: "conversation", measures: [measures], findings: [[]],
            nudges: []};
        const words = {heard: {words: [], unknown: []}, review: null};
        showSummary({summary, parts: [], cards: [], ...words, target: () => [null, 200]}, () => {});
        const rows = [...document.querySelectorAll("#summary tbody tr")].map((row) => [
            row.children[0].textContent, row.children[1].textContent, Boolean(row.querySelector(".judged")),
        ]);
        const last = document.querySelector("#summary section:last-of-type p").textContent;
        document.getElementById("summary").replaceChildren();
        return [Object.fromEntries(rows.map(([name, ...rest]) => [name, rest])), last];""",
    )
    rows, nudges = said
    assert rows["Creaky voice"] == ["65 %, a guess", False]
    assert rows["Pace"][1] is True
    assert rows["Filled pauses"] == ["Too little heard", False]
    assert nudges == "None."


def test_what_another_page_passes_on_may_be_anything(page: Page) -> None:
    """It is left out and said; nothing is thrown, and what comes right afterwards connects."""
    seen = run(
        page,
        """const { PeerCall } = await import('/calls/peer-call.js');
        const { words } = await import('/words/words.js');
        const thrown = [];
        addEventListener('unhandledrejection', (event) => thrown.push(String(event.reason)));
        const sound = () => new AudioContext().createMediaStreamDestination().stream;
        const far = [];
        const peer = new PeerCall({
          number: 1, iceServers: [], stream: sound(), offers: false, relay: (data) => far.push(data),
        });
        const bad = [
          { description: { type: 'offer', sdp: 'v=0\\r\\nm=audio what' } },
          { description: { type: 'answer', sdp: 'v=0\\r\\ns=-\\r\\n' } },
          { description: {} }, { candidate: { candidate: 'what', sdpMid: '9' } }, { candidate: {} }, {},
        ];
        const states = [];
        for (const signal of bad) {
          await peer.receiveSignal(signal);
          states.push(peer.state);
        }
        const other = new RTCPeerConnection();
        other.addTrack(sound().getAudioTracks()[0]);
        await other.setLocalDescription();
        await peer.receiveSignal({ description: other.localDescription.toJSON() });
        await peer.receiveSignal({ candidate: { candidate: 'candidate:what', sdpMid: '0' } });
        await new Promise((resolve) => setTimeout(resolve, 0));
        const answered = far.some(({ description }) => description?.type === 'answer');
        peer.close();
        await peer.receiveSignal(bad[0]);
        other.close();
        return [states, answered, thrown, states.every((state) => words.call.peer[state]('them'))];""",
    )
    assert seen[0][0] == "unusable"
    assert seen[1:] == [True, [], True]


@pytest.mark.parametrize("values", [[0.0, 10.0], [3.2], [-0.4, 0.9], [130.0, 171.5], [0.001, 0.0042]])
def test_an_axis_holds_its_values_at_round_figures(page: Page, values: list[float]) -> None:
    axis = run(page, f"return (await import('/programme/chart.js')).roundAxis({values})")
    assert axis["from"] <= min(values)
    assert axis["to"] >= max(values)
    steps = {round(b - a, 9) for a, b in itertools.pairwise(axis["ticks"])}
    assert len(steps) == 1
    assert 2 <= len(axis["ticks"]) <= 7
