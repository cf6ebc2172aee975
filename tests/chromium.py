"""A headless Chromium in tests: pages opened, looked at and used, over the DevTools protocol.

It speaks by a pipe (`--remote-debugging-pipe`): JSON, each message ended by a NUL byte. So nothing
but the browser is needed, of any version.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-extensions", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE = 60.0

Json = dict[str, Any]


def program() -> str | None:
    """The browser on the PATH, if there is one."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One process; each page is a tab of its own."""

    def __init__(self, profile: Path) -> None:
        found = program()
        assert found
        ours, theirs = os.pipe(), os.pipe()  # what it reads, what it writes
        words = f'exec "$0" "$@" 3<&{ours[0]} 4>&{theirs[1]}'
        command = ["bash", "-c", words, found, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            command,
            pass_fds=(ours[0], theirs[1]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._to, self._from = ours[1], theirs[0]
        self._rest, self._number = b"", 0
        self.events: list[Json] = []

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._to)
        os.close(self._from)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Json:
        """The answer to a command; events that come before it are kept."""
        self._number += 1
        message: Json = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": session} if session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read(PATIENCE)
            assert answer is not None, f"no answer to {method}"
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                result: Json = answer["result"]
                return result
            self.events.append(answer)

    def _read(self, patience: float) -> Json | None:
        until = time.monotonic() + patience
        while b"\0" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._from], [], [], left)[0]:
                return None
            data = os.read(self._from, 1 << 20)
            assert data, "the browser has ended"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: Json = json.loads(line)
        return message

    def wait(self, session: str, method: str) -> Json:
        """The next event of that name, seen already or not."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for event in self.events:
                if event.get("sessionId") == session and event.get("method") == method:
                    self.events.remove(event)
                    return event
            message = self._read(1)
            if message is not None:
                self.events.append(message)
        raise AssertionError(f"no {method}")

    @contextmanager
    def page(self, width: int = 1280, height: int = 900, dark: bool = False) -> Iterator[Page]:
        """An empty tab of that size."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.resize(width, height)
        page.prefer(dark)
        try:
            yield page
        finally:
            self.call("Target.closeTarget", targetId=target)


class Page:
    """A tab. `complaints` is what a console would show, `requests` what was asked for."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Json:
        return self._browser.call(method, self._session, **parameters)

    def resize(self, width: int, height: int = 900) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def prefer(self, dark: bool, media: str = "") -> None:
        """A scheme of colours; and a medium such as `print`."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def open(self, address: str) -> None:
        """Loads a page to the end."""
        self.call("Page.navigate", url=address)
        self._browser.wait(self._session, "Page.loadEventFired")
        self.settle()

    def settle(self) -> None:
        """Until timers of filters have run, and the page has been painted."""
        self.run("new Promise(done => setTimeout(() => requestAnimationFrame(() => done(0)), 200))")

    def run(self, script: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """A press of the left button on the middle of an element."""
        where = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent",
                type=kind, x=where[0], y=where[1], button="left", clickCount=1,
            )  # fmt: skip
        self.settle()

    def press(self, key: str, code: int) -> None:
        """A key such as Tab (9), Enter (13) or Space (32)."""
        words = {"Enter": "\r", "Space": " "}.get(key)
        more = {"text": words} if words else {}
        base = {"key": words or key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **base, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", **base)

    def type(self, words: str) -> None:
        self.call("Input.insertText", text=words)
        self.settle()

    def choose(self, name: str, value: str) -> None:
        """What the user chooses from a list of the form."""
        self.run(
            f"(() => {{ const e = document.querySelector('select[name={name}]');"
            f" e.value = {json.dumps(value)};"
            " e.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        self.settle()

    @property
    def complaints(self) -> list[Json]:
        """Errors and warnings of scripts, of the policy for content, and of the browser."""
        names = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [e for e in self._events() if e["method"] in (*names, "Audits.issueAdded")]

    @property
    def requests(self) -> list[str]:
        """All addresses that were asked for."""
        sent = (e for e in self._events() if e["method"] == "Network.requestWillBeSent")
        return [event["params"]["request"]["url"] for event in sent]

    def _events(self) -> list[Json]:
        self.run("0")
        return [e for e in self._browser.events if e.get("sessionId") == self._session]

    def picture(self, path: Path, whole: bool = True) -> None:
        """A screenshot as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **(
            {"clip": self._whole()} if whole else {}
        ))  # fmt: skip
        path.write_bytes(base64.b64decode(shot["data"]))

    def _whole(self) -> Json:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}

    def pdf(self) -> bytes:
        """The page as it is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])

    def labels(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader can stop at."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored")
        ]
