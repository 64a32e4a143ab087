"""Headless Chromium over its own debugging pipe: nothing to install but the browser, no port, no driver.

Commands and events are those of the Chrome DevTools Protocol: JSON, each ended by a zero byte, on descriptors 3 and 4.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", "--hide-scrollbars",
)  # fmt: skip

# The browser wants its pipes at these two numbers; put them aside first, for they may be there crosswise.
ON_3_AND_4 = """
import os, sys
ends = os.dup2(int(sys.argv[1]), 100), os.dup2(int(sys.argv[2]), 101)
for number, end in zip((3, 4), ends): os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Chromium:
    """One browser with one tab."""

    def __init__(self, path: str, *switches: str) -> None:
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._read, theirs_out = os.pipe()
        theirs_in, self._write = os.pipe()
        command = (path, *SWITCHES, *switches, f"--user-data-dir={self._home.name}", "about:blank")
        self._process = subprocess.Popen(
            [sys.executable, "-c", ON_3_AND_4, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer, self._number, self.events = b"", 0, list[dict[str, Any]]()
        self._tab = ""
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._tab = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)
        self._home.cleanup()

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command; its result. What happens meanwhile is kept in `events`."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._tab:
            message["sessionId"] = self._tab
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._read, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        event: dict[str, Any] = json.loads(message)
        return event

    def open(self, url: str, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """The page at `url`, loaded."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.do("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def wait(self, event: str) -> None:
        while not any(each.get("method") == event for each in self.events):
            self.events.append(self._next())

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited when it is a promise."""
        answer = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """A key, as from the keyboard: Tab, Enter, or a letter."""
        codes = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
        code, text = codes.get(key, (ord(key.upper()[0]), key))
        event: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code}
        self.do("Input.dispatchKeyEvent", type="keyDown", **event, **({"text": text} if text else {}))
        self.do("Input.dispatchKeyEvent", type="keyUp", **event)

    def requested(self) -> list[str]:
        """The addresses asked for since the page was opened."""
        asked = [each for each in self.events if each.get("method") == "Network.requestWillBeSent"]
        return [each["params"]["request"]["url"] for each in asked]

    def complaints(self) -> list[str]:
        """What stands in the console: violations of the content policy among it."""
        found = [
            each["params"]
            for each in self.events
            if each.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")
        ]
        return [str(each.get("entry", each)) for each in found]

    def picture(self, whole: bool = True) -> bytes:
        """The page as PNG."""
        size = self.do("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        more = {"clip": clip, "captureBeyondViewport": True} if whole else {}
        return base64.b64decode(self.do("Page.captureScreenshot", format="png", **more)["data"])
