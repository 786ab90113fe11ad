"""Helper processes: what they cost is counted, and their work is refused before packets suffer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.protocol import messages
from engine.server.sessions.helpers import MAX_QUEUE, HelperLoad, HelperMonitor
from tests.harness.calls import browser, noise, running, until
from tests.harness.drills import ASKS, Listening
from tests.server.http.test_metrics import read, value


class Recogniser:
    """A helper in made-up time."""

    name = "recognition"

    def __init__(self) -> None:
        self.now = HelperLoad(0.0, 0)

    def load(self) -> HelperLoad:
        return self.now


def test_what_helpers_use_is_averaged_and_added_up() -> None:
    one, other = Recogniser(), Recogniser()
    other.name = "rendering"
    monitor = HelperMonitor(one, other, server_refusal=lambda: None, window_s=2.0)
    for tick in range(40):
        one.now = HelperLoad(0.25 * 0.5 * tick, 3)
        other.now = HelperLoad(0.25 * 0.1 * min(tick, 20), 0)
        monitor.look(1000 + 0.25 * tick)
        if tick == 20:
            assert monitor.cpu == pytest.approx({"recognition": 0.5, "rendering": 0.1})
    assert monitor.cpu == pytest.approx({"recognition": 0.5, "rendering": 0.0})
    assert monitor.total_cpu == pytest.approx(0.5)
    assert monitor.loads["recognition"].queue == 3


def test_work_is_refused_while_the_server_has_nothing_to_spare_or_too_much_waits() -> None:
    helper, why = Recogniser(), ["this server is too busy"]
    monitor = HelperMonitor(helper, server_refusal=lambda: why[0] if why else None, window_s=2.0)
    assert monitor.refusal(helper) == "this server is too busy"
    why.clear()
    helper.now = HelperLoad(0.0, MAX_QUEUE)
    assert monitor.refusal(helper) is None
    helper.now = HelperLoad(0.0, MAX_QUEUE + 1)
    assert "waiting" in (monitor.refusal(helper) or "")
    assert monitor.refused == {"recognition": 2}


async def test_a_server_at_its_limit_renders_nothing_new_and_plays_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "asks.toml").write_text(ASKS)
    (tmp_path / "tells.toml").write_text(
        ASKS.replace("Asks", "Tells").replace("What did you", "Tell us, what did they")
    )
    async with running(drills=str(tmp_path)) as server, browser() as client:
        pages = [Listening(), Listening()]
        for page in pages:
            await page.call(server.address, query="?hear=1")
        talking = [asyncio.create_task(page.speak(noise(120.0, n))) for n, page in enumerate(pages)]
        page = pages[0]
        page.say(type="prepare_drill", drill="asks", level="gentle", seed=3)
        await page.next(messages.DrillReady)
        loads = server.hub.helpers.loads
        await until(lambda: loads["rendering"].cpu_s > 0.1 and loads["rendering"].queue == 0)
        await until(lambda: server.hub.load.helpers_cpu > 0)
        metrics = read((await client.get(f"{server.address}metrics")).text)
        assert value(metrics, "helper_cpu_seconds_total", helper="rendering") > 0.1
        assert value(metrics, "helper_queue", helper="rendering") == 0
        server.hub.load._max_cpu = 0.0001
        await until(lambda: server.hub.load.helper_refusal() is not None)
        page.say(type="prepare_drill", drill="tells", level="gentle", seed=3)
        error = await page.next(messages.Error)
        assert error.code == "failed"
        assert "No new audio can be prepared now: this server is busy" in error.message
        assert "Try again in a minute" in error.message
        page.say(type="prepare_drill", drill="asks", level="gentle", seed=3)
        assert (await page.next(messages.DrillReady)).drill == "asks"
        metrics = read((await client.get(f"{server.address}metrics")).text)
        assert value(metrics, "helper_refused_total", helper="rendering") == 1
        for task in talking:
            task.cancel()
        for page in pages:
            await page.close()
