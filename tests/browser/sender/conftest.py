"""The model in a browser: one page that runs the real script among stand-ins for network, clock, server."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, CDPSession, Page, Route

SCRIPT = Path(settings.BASE_DIR) / "static" / "js" / "attempt" / "sender.js"
MODEL = Path(__file__).parent / "model"
ORIGIN = "http://model.example"
FRAME = """<!doctype html><title>Model</title>
<script type="module">import * as model from '/model.js'; globalThis.model = model;</script>"""
# What a script would find in its window; the model gives each window its own.
GLOBALS = (
    "localStorage, addEventListener, fetch, setTimeout, clearTimeout, performance, document, AbortSignal,"
    " Math"
)
EXPORT = re.compile(r"^export (?=(?:async )?function (\w+)|const (\w+))", re.MULTILINE)
BRANCH = re.compile(
    r"\?\?=?|&&|\|\||\?(?![.?])|\b(?:if|else(?! if)|for|while|catch|finally)\b|=>|\bfunction\b"
)


@dataclass(frozen=True)
class Patch:
    """A fault that is put into the script: the text that is there, and the one that was better not."""

    good: str
    bad: str

    def applied(self, script: str) -> str:
        """Return the script with the fault. Fails when the text is not there exactly once."""
        assert script.count(self.good) == 1, f"not there exactly once: {self.good}"
        return script.replace(self.good, self.bad)


def wrapped(patches: Sequence[Patch] = ()) -> str:
    """Return a module whose `load` runs the real script with the globals of one window."""
    script = SCRIPT.read_text()
    for patch in patches:
        script = patch.applied(script)
    exported = ", ".join(first or second for first, second in EXPORT.findall(script))
    return (
        f"export function load({{ {GLOBALS} }}) {{\n{EXPORT.sub('', script)}\nreturn {{ {exported} }};\n}}\n"
    )


@dataclass
class Model:
    """The page of the model. `sources.js` is the real code; the rest stands beside this file."""

    page: Page
    served: str
    cdp: CDPSession
    problems: list[str] = field(default_factory=list)

    def call(self, name: str, *values: Any) -> Any:
        """Call a function of `model.js`."""
        return self.page.evaluate("([name, values]) => model[name](...values)", [name, list(values)])

    def watch(self) -> None:
        """Count from now on which blocks run."""
        self.cdp.send("Profiler.enable")
        self.cdp.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": True})

    def unseen(self) -> list[str]:
        """Return the blocks of the real scripts that never ran, the outermost of each."""
        result = self.cdp.send("Profiler.takePreciseCoverage")["result"]
        functions = next(one for one in result if one["url"].endswith("/sources.js"))["functions"]
        ranges = [part for one in functions for part in one["ranges"]]
        never = sorted((part["startOffset"], -part["endOffset"]) for part in ranges if not part["count"])
        outer: list[tuple[int, int]] = []
        for start, end in ((start, -end) for start, end in never):
            if not outer or start >= outer[-1][1]:
                outer.append((start, end))
        return [self.served[start:end] for start, end in outer]


type OpenModel = Callable[..., Model]


@pytest.fixture
def open_model(browser: Browser) -> Iterator[OpenModel]:
    """Return a maker of models, with faults when some are given."""
    context = browser.new_context()
    problems: list[str] = []

    def make(*patches: Patch) -> Model:
        served = wrapped(patches)

        def answer(route: Route) -> None:
            name = route.request.url.rpartition("/")[2]
            text = served if name == "sources.js" else (MODEL / name).read_text() if name else ""
            kind = "text/javascript" if name else "text/html"
            route.fulfill(body=text or FRAME, content_type=kind)

        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.route("**/*", answer)
        page.goto(ORIGIN + "/")
        page.wait_for_function("globalThis.model")
        return Model(page, served, context.new_cdp_session(page), problems)

    yield make
    context.close()
