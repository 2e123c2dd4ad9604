"""A headless Chromium that is asked and looked at over its own protocol, by a pipe: nothing else can reach it.

It finds no machine but this one: a page that needs the network shows it by failing.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--headless", "--no-sandbox", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars", "--mute-audio",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--remote-debugging-pipe",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
PATIENCE = 90.0  # seconds that a page may take, on a machine that is busy


class Browser:
    """One page in Chromium."""

    def __init__(self, to: int, of: int) -> None:
        """`to` and `of`: the ends of the pipes that are ours."""
        self._to, self._of = to, of
        self._count, self._rest = 0, b""
        self._session: str | None = None
        self.fetched: list[str] = []  # every address that was asked for
        self.complaints: list[str] = []  # exceptions and console.error
        self._answers: list[
            tuple[str, str]
        ] = []  # the addresses that were answered, and by what name the answer is known
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "Network"):
            self._call(f"{part}.enable")

    def open(self, url: str, width: int = 1400, height: int = 1000) -> None:
        """Goes to that address in a window of that size."""
        self.resize(width, height)
        self._call("Page.navigate", url=url)

    def resize(self, width: int, height: int) -> None:
        """Gives the window that size in pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)

    def ask(self, script: str) -> Any:
        """What a JavaScript expression is in the page, awaited."""
        told = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, script: str, patience: float = PATIENCE) -> Any:
        """What the expression is as soon as it is true; fails if it never becomes so."""
        deadline = time.monotonic() + patience
        while not (value := self._asked(script)):
            assert time.monotonic() < deadline, f"in vain: {script}\n{self._asked('document.body.innerText')}"
            time.sleep(0.2)
        return value

    def was_told(self, part: str, content: str, patience: float = PATIENCE) -> None:
        """Waits until an answer from an address with that part in it has that content."""
        seen = 0
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self.ask("0")  # reads what happened since
            for url, name in self._answers[seen:]:
                if part in url and content in self._call("Network.getResponseBody", errors=True, requestId=name).get(
                    "body", ""
                ):
                    return
            seen = max(0, len(self._answers) - 3)  # the last ones may not have been there as a whole
            time.sleep(0.3)
        raise AssertionError(f"nothing from {part} has {content}")

    def settle(self) -> None:
        """Waits until nothing moves any more and every picture is there."""
        self.wait("[...document.images].every(each => each.complete)")
        before, same = b"", 0
        deadline = time.monotonic() + PATIENCE
        while same < 4 and time.monotonic() < deadline:
            now = self._shot()
            before, same = now, same + 1 if now == before else 0
            time.sleep(0.5)

    def picture(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(self._shot())

    def _shot(self) -> bytes:
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _asked(self, script: str) -> Any:
        """`ask`, and None while the page is on its way to another address."""
        told = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True, errors=True)
        return None if "exceptionDetails" in told else told.get("result", {}).get("value")

    def _call(self, method: str, *, errors: bool = False, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._count:
                assert errors or "error" not in answer, answer
                result: dict[str, Any] = answer.get("result", {})
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        told = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.fetched.append(told["request"]["url"])
        elif event.get("method") == "Network.responseReceived":
            self._answers.append((told["response"]["url"], told["requestId"]))
        elif event.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif event.get("method") == "Runtime.consoleAPICalled" and told["type"] == "error":
            self.complaints.append(json.dumps(told["args"]))

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._of], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "Chromium does not answer"
            read = os.read(self._of, 1 << 20)
            assert read, "Chromium ended"
            self._rest += read
        message, _, self._rest = self._rest.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own with an empty profile, ended with the block."""
    its_in, our_out = os.pipe()
    our_in, its_out = os.pipe()
    profile = tempfile.mkdtemp(prefix="chromium-")
    words = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}"]
    # It reads from 3 and writes to 4, whatever the pipes are called here.
    shell = ["bash", "-c", f'exec 3<&{its_in} 4>&{its_out}; exec "$@"', "bash", *words]
    process = subprocess.Popen(
        shell, pass_fds=(its_in, its_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Browser(our_out, our_in)
    finally:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, 9)
        process.wait()
        os.close(our_out)
        os.close(our_in)
        shutil.rmtree(profile, ignore_errors=True)
