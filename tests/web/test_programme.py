"""The programme in the page, over four simulated weeks: consent, baseline, daily practice, validation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.protocol.kept import Kept
from engine.protocol.take import Take
from engine.shipped.programmes import load
from engine.store.record import Record
from tests.harness.page import Open, Served, hears, press, says, state, tab_to
from tests.harness.record_routes import place
from tests.programme.people import START, Level, Person, rising, steady

from .test_access import suits_everyone

SHIPPED = load()
MIDDLE = START + timedelta(days=15)
LAST = START + timedelta(days=35)
"""The day after four weeks and the guided takes that follow them."""


class Simulated:
    """A server whose record is one person's, and whose wall clock the test sets."""

    def __init__(self, folder: Path) -> None:
        self.on(START)
        self.served = Served(record="me", store=str(folder), now=lambda: self.now)

    def on(self, day: date) -> None:
        """Make it eight in the morning of a day."""
        self.now = datetime.combine(day, time(8), UTC)

    def holds(self, takes: Sequence[Take]) -> None:
        """Let the record hold these takes and no others; figures and words may be kept."""

        def write(record: Record) -> None:
            record.forget("me")
            for take in takes:
                record.put("me", take)

        self.served.run(lambda: self.served.hub.record.call(write, 60))
        kept = Kept(figures=True, words=True)
        self.served.run(lambda: self.served.hub.record.allow("me", kept, past=False))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    simulated = Simulated(tmp_path_factory.mktemp("record"))
    with simulated.served:
        yield simulated


@pytest.fixture(scope="module")
def weeks() -> dict[str, list[Take]]:
    """What people made who followed the plan for five weeks, by what became of them."""
    levels: dict[str, Level] = {
        "improved": rising(0.3, 0.8),
        "the same": steady(0.5),
        "worse": rising(0.8, 0.3),
    }
    return {
        name: Person(5, level, day_noise=0.04, take_noise=0.04).follow(SHIPPED, 35, misses=0.1)
        for name, level in levels.items()
    }


def at_programme(opened: Open, browser: Browser, simulated: Simulated, place: str = "programme") -> Page:
    page = opened(browser, f"{simulated.served.address}#{place}", timezone_id="UTC")
    state(page, "place")
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Wait until the place is all there."""
    page.wait_for_selector("#place[aria-busy=false] #place-title")


# The first day


def test_the_first_visit_leads_from_consent_to_a_take_that_counts(
    opened: Open, rushing: Browser, simulated: Simulated
) -> None:
    simulated.on(START)
    page = opened(rushing, simulated.served.address, timezone_id="UTC")
    state(page, "ready")
    place(page, "Programme")
    expect(page.locator("#place")).to_contain_text("Three guided takes show where you are.")
    press(page, "Begin: choose what may be kept")
    page.get_by_role("switch", name="Figures").click()
    press(page, "Keep figures")
    todo = page.locator(".plan").first.locator(".items > li")
    expect(todo).to_have_count(3)
    assert todo.locator("h4").all_inner_texts() == [task.title for task in SHIPPED.task]
    expect(todo.first).to_contain_text("Part of your baseline: what you do later is compared with it.")
    expect(page.locator("#place").get_by_role("button", name="Begin: ")).to_have_count(3)
    press(page, "Begin: Your background")
    state(page, "listening", "nudge")
    expect(page.locator("#asked-text")).to_have_text(SHIPPED.task[0].say)
    hears(page, simulated.served, 4)
    press(page, "End")
    state(page, "finished")
    expect(page.locator("#summary")).to_contain_text("Kept: figures.")
    page.get_by_role("link", name="Today's plan").click()
    expect(todo.first.locator(".done-mark")).to_have_text("Done")
    expect(todo.nth(1).get_by_role("button", name="Begin: ")).to_have_class("primary")
    place(page, "Takes")
    page.locator(".takes > li a").first.click()
    expect(page.get_by_role("heading", name="Walk me through your background")).to_be_visible()
    purposes = simulated.served.run(
        lambda: simulated.served.hub.record.call(lambda record: [take.purpose for take in record.all("me")])
    )
    assert purposes == ["baseline:background"]


def test_what_is_due_tomorrow_is_said_once_today_is_done(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds([take for take in weeks["improved"] if take.begun_at.date() == START])
    simulated.now = datetime.combine(START, time(22), UTC)
    page = at_programme(opened, rushing, simulated)
    expect(page.locator(".plan .lead")).to_have_text("That is all for today. Well done.")
    titles = [task.title for task in SHIPPED.task]
    expect(page.locator(".tomorrow")).to_have_text(f"Tomorrow: {titles[0]}, {titles[1]} and {titles[2]}.")


# Daily practice


def figures_shown(page: Page) -> dict[str, tuple[str, str, str]]:
    """Baseline, now, and place of each skill in the gap table."""
    found = {}
    for row in page.locator(".gap-table tbody tr").all():
        title, *said = row.get_by_role("rowheader").inner_text().split("\n")
        baseline, now = row.get_by_role("cell").all_inner_texts()[:2]
        found[title] = (baseline, now, said[0] if said else "")
    return found


def reasons_are_gaps(page: Page, who: str) -> None:
    """The reasons of the plan are what the gap table says."""
    rows = figures_shown(page)
    reasons = page.locator(".plan").first.locator(".why").all_inner_texts()
    assert reasons
    measured = 0
    for reason in reasons:
        title = next(title for title in rows if reason.startswith(f"Why: {title} "))
        baseline, now, comes = rows[title]
        if found := re.search(r"([\d.]+), target 7", reason):
            assert found[1] == (baseline if now.startswith("–") else now)
            assert ("your largest gap" in reason) == (comes == "Comes first")
            measured += 1
        else:
            assert f"{title} has reached its target" in reason
            assert comes == "Reached"
        assert "so far." in reason or "New to you." in reason
    assert measured or who == "improved"
    places = [comes for _, _, comes in rows.values() if comes.startswith("No.")]
    assert places == [f"No. {number + 2}" for number in range(len(places))]


def test_an_item_is_done_swapped_left_out_and_taken_back(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds(weeks["the same"])
    simulated.on(MIDDLE)
    page = at_programme(opened, rushing, simulated)
    todo = page.locator(".plan").first.locator(".items > li")
    titles = todo.locator("h4").all_inner_texts()
    press(page, f"Mark as done: {titles[0]}")
    says(page, f"Done: {titles[0]}.")
    expect(todo.first.locator(".done-mark")).to_be_visible()
    press(page, f"Something else: {titles[1]}")
    expect(page.locator(".left-out").first).to_contain_text(titles[1])
    assert titles[1] not in todo.locator("h4").all_inner_texts()
    count = todo.count()
    other = todo.locator("h4").all_inner_texts()[1]
    press(page, f"Not today: {other}")
    expect(todo).to_have_count(count - 1)
    press(page, f"Take back: {titles[1]}")
    says(page, f"Back in your plan: {titles[1]}.")
    expect(todo.filter(has_text=titles[1])).to_have_count(1)


def test_a_figure_opens_what_it_rests_on_and_the_target_can_be_ones_own(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds(weeks["the same"])
    simulated.on(MIDDLE)
    page = at_programme(opened, rushing, simulated)
    row = page.locator(".gap-table tbody tr[data-skill=fluency]")
    now = row.get_by_role("cell").nth(1).inner_text()
    row.get_by_role("link", name="now").click()
    expect(page.get_by_role("heading", name="Fluency", exact=True)).to_be_focused()
    expect(page.get_by_role("heading", name=f"Now: {now} of 10")).to_be_visible()
    parts = page.get_by_role("table", name=f"Now: {now} of 10")
    pace = parts.get_by_role("row", name="Pace")
    expect(pace).to_contain_text("130 to 170 words/min (P)")
    page.get_by_text("Takes that it comes from").first.click()
    takes = page.get_by_role("region", name=f"Now: {now} of 10").get_by_role("listitem")
    expect(takes).to_have_count(5)
    page.get_by_label("Figure to reach, 0 to 10").fill("11")
    press(page, "Set")
    says(page, "Give a figure from 0 to 10.")
    page.get_by_label("Figure to reach, 0 to 10").fill("9.5")
    press(page, "Set")
    says(page, "Your target is 9.5 now.")
    page.go_back()
    expect(row.get_by_role("cell").nth(2)).to_contain_text("9.5 your own")
    page.go_forward()
    press(page, "Back to the programme's")
    says(page, "The programme's target holds again.")
    page.get_by_text("Takes that it comes from").first.click()
    takes.first.get_by_role("link").click()
    expect(page.get_by_role("heading", name=re.compile("Practice|Drill")).first).to_be_focused()


def told_as_they_were(page: Page, outcome: str, sentence: str) -> None:
    """Before and after are compared, with intervals."""
    page.get_by_role("link", name="Before and after").click()
    expect(page.locator("#place .lead")).to_contain_text(sentence)
    overall = page.locator("tr[data-skill=all]")
    expect(overall.get_by_role("rowheader")).to_contain_text(outcome)
    before, after, difference, interval = overall.get_by_role("cell").all_inner_texts()
    shown = float(difference.replace("−", "-"))
    assert shown == pytest.approx(float(after) - float(before), abs=0.11)
    low, high = (float(edge) for edge in interval.replace("−", "-").split(" to "))
    assert low < shown < high
    assert {"Improved": low > 0, "Worse": high < 0}.get(outcome, low <= 0 <= high)
    others = {row.get_attribute("data-outcome") for row in page.locator("tr[data-skill]").all()}
    told = {"Improved": "improved", "Worse": "worse"}.get(outcome, "no more than your spread")
    assert others <= {told, "no more than your spread", "not told"}


@pytest.mark.parametrize(
    ("who", "outcome", "sentence"),
    [
        ("improved", "Improved", "Over all skills you improved."),
        ("the same", "No more than your spread", "No change that is more than your own takes vary"),
        ("worse", "Worse", "Over all skills you got worse."),
    ],
)
def test_plans_have_reasons_and_four_weeks_are_told_as_they_were(
    opened: Open,
    rushing: Browser,
    simulated: Simulated,
    weeks: dict[str, list[Take]],
    who: str,
    outcome: str,
    sentence: str,
) -> None:
    simulated.holds(weeks[who])
    simulated.on(MIDDLE)
    page = at_programme(opened, rushing, simulated)
    reasons_are_gaps(page, who)
    simulated.on(LAST)
    told_as_they_were(page, outcome, sentence)


# Charts


def test_each_chart_has_its_table(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds(weeks["improved"])
    simulated.on(LAST)
    page = at_programme(opened, rushing, simulated, "progress")
    expect(page.locator("#place .lead")).to_contain_text("of practice in this run")
    charts = page.get_by_role("region", name="Skills").get_by_role("img")
    assert charts.count() >= 7
    page.get_by_role("link", name="Fluency: larger, with its table").click()
    chart = page.get_by_role("img", name="Chart of Fluency")
    dots = chart.locator("circle").count()
    expect(chart.locator("rect.target")).to_have_count(1)
    expect(chart.locator("rect.spread")).to_have_count(1)
    expect(chart.locator("line.baseline")).to_have_count(1)
    page.get_by_text("As a table").click()
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(dots + 1)
    page.reload()
    expect(page.get_by_role("heading", name="Fluency", exact=True)).to_be_visible()
    page.goto(f"{simulated.served.address}#measure=composure")
    expect(page.get_by_role("img", name="Chart of composure")).to_be_visible()


# Reminders


def test_reminders_are_a_file_and_a_word_on_the_page(
    opened: Open, rushing: Browser, simulated: Simulated
) -> None:
    simulated.holds([])
    page = opened(rushing, f"{simulated.served.address}#programme", clock=True)
    drawn(page)
    page.get_by_text("Reminders").click()
    page.get_by_label("Time of day").fill("07:30")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download for your calendar").click()
    assert downloading.value.suggested_filename == "practice.ics"
    text = Path(downloading.value.path()).read_text("utf-8")
    assert "T073000" in text
    page.get_by_role("switch", name="Remind me on this page").click()
    says(page, "shown on the page alone", whole=False)
    page.clock.fast_forward("24:00:00")
    says(page, "Time to practise", whole=False)


# For everyone


def test_the_programme_suits_everyone(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds(weeks["the same"])
    simulated.on(MIDDLE)
    page = at_programme(opened, rushing, simulated)

    def look(name: str) -> None:
        for details in page.locator("#place details").all():
            details.evaluate("element => { element.open = true; }")
        suits_everyone(page, name)

    look("programme")
    for name in ("gap=fluency", "progress=fluency", "validation"):
        page.evaluate(f"location.hash = '#{name}'")
        page.wait_for_selector(f"#place[aria-busy=false][data-address='#{name}']")
        look(name)
    simulated.served.run(lambda: simulated.served.hub.record.call(lambda record: record.forget("me"), 60))
    simulated.served.hub.record.forgotten("me")
    page.evaluate("location.hash = '#programme'")
    page.get_by_role("heading", name="Practise with a plan").wait_for()
    look("first visit")


def test_without_figures_it_says_so(opened: Open, rushing: Browser, simulated: Simulated) -> None:
    simulated.holds([])
    nothing = Kept(figures=False, words=False, sound=False)
    simulated.served.run(lambda: simulated.served.hub.record.allow("me", nothing, past=False))
    page = at_programme(opened, rushing, simulated)
    expect(page.locator("#place .notice")).to_contain_text("Figures aren't kept")
    press(page, "Change what is kept")
    page.get_by_role("switch", name="Figures").click()
    press(page, "Keep figures")
    expect(page.locator("#place .notice")).to_have_count(0)


def test_the_plan_with_the_keyboard_alone(
    opened: Open, rushing: Browser, simulated: Simulated, weeks: dict[str, list[Take]]
) -> None:
    simulated.holds(weeks["the same"])
    simulated.on(MIDDLE)
    page = opened(rushing, simulated.served.address, timezone_id="UTC")
    state(page, "ready")

    tab_to(page, "Programme")
    page.keyboard.press("Enter")
    drawn(page)
    title = page.locator(".items h4").first.inner_text()
    tab_to(page, f"Mark as done: {title}")
    page.keyboard.press("Enter")
    expect(page.locator(".done-mark").first).to_be_visible()
    expect(page.get_by_role("heading", name="Programme", exact=True)).to_be_focused()
    tab_to(page, f"Once more: {title}")
    page.keyboard.press("Enter")
    drawn(page)
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_focused()
    tab_to(page, "Begin")
    page.keyboard.press("Enter")
    state(page, "connecting", "listening", "preparing", "countdown", "nudge")
