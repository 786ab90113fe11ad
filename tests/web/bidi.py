"""Firefox, driven over WebDriver BiDi (w3c.github.io/webdriver-bidi): what the tests use of it.

Playwright drives a Firefox of its own, which is no Debian package; its channel for others asks for commands
that the ESR doesn't know yet.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.harness.firefox import executable
from tests.harness.page import PATIENCE_S
from tests.harness.sound_server import sound_server

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.startup.page": 0,
    "app.update.auto": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "extensions.update.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
}
"""A fake microphone that needs no yes, sound without a press, and nothing asked of any other host."""

LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)\n")


FOUND = """[...document.querySelectorAll("button")].find((one) => one.checkVisibility()
  && (one.getAttribute("aria-label") ?? one.innerText).trim() === args[0])"""

PLACE = """
button.scrollIntoView({ block: "center", behavior: "instant" });
const { left, top, width, height } = button.getBoundingClientRect();
return [Math.round(left + width / 2), Math.round(top + height / 2)];
"""


class Firefox:
    """A browser without a window, and its one BiDi session."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked = 0
        self.errors: list[str] = []
        """Errors that nobody caught in any page."""
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])

    def send(self, method: str, **params: Any) -> Any:
        """Do one command and give its result; events that come meanwhile are noted.

        Raises
        ------
        RuntimeError
            The browser refused.
        """
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE_S))
            if message.get("id") == self._asked:
                break
            entry = message.get("params", {})
            if message.get("method") == "log.entryAdded" and entry.get("type") == "javascript":
                self.errors.append(entry["text"])
        if message["type"] == "error":
            raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
        return message["result"]

    def open(self, address: str, script: str = "") -> Tab:
        """Open a page with storage of its own; ``script`` runs in it before its own scripts."""
        person = self.send("browser.createUserContext")["userContext"]
        context = self.send("browsingContext.create", type="window", userContext=person)["context"]
        tab = Tab(self, context)
        tab.resize(1280, 720)
        if script:
            declaration = f"() => {{ {script} }}"
            self.send("script.addPreloadScript", functionDeclaration=declaration, contexts=[context])
        self.send("browsingContext.navigate", context=context, url=address, wait="interactive")
        return tab


class Tab:
    """One page."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    def resize(self, width: int, height: int) -> None:
        """Give the page a window of another size, in px."""
        viewport = {"width": width, "height": height}
        self._firefox.send("browsingContext.setViewport", context=self._context, viewport=viewport)

    def reload(self) -> None:
        """Load the page anew."""
        self._firefox.send("browsingContext.reload", context=self._context, wait="interactive")

    def run(self, body: str, *arguments: Any) -> Any:
        """Value of a function's body in the page, which may await; ``arguments`` and value go as JSON.

        Raises
        ------
        AssertionError
            It threw.
        """
        got = self._firefox.send(
            "script.callFunction",
            functionDeclaration=f"async (json) => {{ const args = JSON.parse(json);"
            f" return JSON.stringify(await (async () => {{ {body} }})()); }}",
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        if got["type"] == "exception":
            raise AssertionError(got["exceptionDetails"]["text"])
        value = got["result"].get("value")
        return None if value is None else json.loads(value)

    def until(self, condition: str, *arguments: Any) -> Any:
        """Wait until an expression over ``args`` is true in the page; gives its value.

        Raises
        ------
        AssertionError
            It isn't within that time: says what the page shows.
        """
        until = time.monotonic() + PATIENCE_S
        while not (value := self.run(f"return {condition};", *arguments)):
            if time.monotonic() > until:
                shown = self.run(
                    "return [document.body.dataset.state, document.querySelector('main').innerText];"
                )
                raise AssertionError(f"{condition} is not so within {PATIENCE_S:g} s: {arguments}, {shown}")
            time.sleep(0.1)
        return value

    def state(self, *names: str) -> str:
        """Wait until the page is in one of these states; says which."""
        found: str = self.until(
            "args.includes(document.body.dataset.state) && document.body.dataset.state",
            *names,
        )
        return found

    def press(self, name: str) -> None:
        """Press the button of this name, with the pointer, as soon as it is there."""
        self.until(f"Boolean({FOUND})", name)
        x, y = self.run(f"const button = {FOUND};" + PLACE, name)
        move = {"type": "pointerMove", "x": x, "y": y}
        actions = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        pointer = {"type": "pointer", "id": "mouse", "actions": actions}
        self._firefox.send("input.performActions", context=self._context, actions=[pointer])

    def key(self, value: str) -> None:
        """Press a key; those without a character have one of WebDriver's code points."""
        actions = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        keys = {"type": "key", "id": "keyboard", "actions": actions}
        self._firefox.send("input.performActions", context=self._context, actions=[keys])

    def text(self, selector: str) -> str:
        """What an element shows."""
        return str(self.run("return document.querySelector(args[0]).innerText;", selector))

    def shows(self, selector: str, text: str) -> None:
        """Wait until an element shows a text."""
        shown = "document.querySelector(args[0])?.innerText.includes(args[1])"
        self.until(shown, selector, text)

    def click(self, selector: str) -> None:
        """Click what has no name as a button has one."""
        self.run("document.querySelector(args[0]).click();", selector)

    def choose(self, selector: str, value: str) -> None:
        """Choose in a list, or fill a field."""
        self.run(
            "const field = document.querySelector(args[0]); field.value = args[1];"
            " for (const kind of ['input', 'change'])"
            " field.dispatchEvent(new Event(kind, { bubbles: true }));",
            selector,
            value,
        )


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """A browser of its own folder, with loudspeakers: without any, no AudioContext of it runs."""
    with sound_server(folder) as environment:
        yield from _running(folder, environment)


def _running(folder: Path, environment: dict[str, str]) -> Iterator[Firefox]:
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines))
    command = [
        executable(),
        "--headless",
        "--no-remote",
        "--profile",
        str(folder),
        "--remote-debugging-port",
        "0",
    ]
    log = folder / "log.txt"
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
    try:
        until = time.monotonic() + PATIENCE_S
        while not (found := LISTENING.search(log.read_text("utf-8", "replace"))):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Firefox did not start: {log.read_text('utf-8', 'replace')}")
            time.sleep(0.05)
        with connect(
            f"{found[1]}/session", max_size=None, open_timeout=PATIENCE_S, ping_interval=None
        ) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
