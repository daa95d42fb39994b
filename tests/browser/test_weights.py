"""What pages and their files weigh when they come over the network: budgets in bytes, in both languages."""

import gzip
import json
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Response

from tests import budgets
from tests.browser.cast import Cast
from tests.browser.house import House, Person
from tests.browser.states import LANGUAGES, PAGES

pytestmark = pytest.mark.browser

COLD = (
    "catalog",
    "landing",
    "start",
    "question without script",
    "result, passed",
    "review",
    "my exams",
    "drill",
    "drill, answers at the end",
    "sheet",
    "sign in",
    "taking",
)


def weight(*contents: bytes) -> int:
    return sum(len(gzip.compress(content, 6)) for content in contents)


def collected(house: House, *folders: str) -> dict[str, bytes]:
    """Return the files as they are served, by their names in templates."""
    root = house.folder / "collected"
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    return {name: (root / file).read_bytes() for name, file in names.items() if name.startswith(folders)}


def test_both_faces_stay_small(house: House) -> None:
    faces = [file for name, file in collected(house, "fonts/").items() if name.endswith(".woff2")]
    assert len(faces) == 2
    assert sum(map(len, faces)) <= budgets.FACES


class Loads:
    """What a window gets from the network, by address: what the browser has kept is no load."""

    def __init__(self, page: Page) -> None:
        self.replies: list[Response] = []
        self.fetched: set[str] = set()
        page.on("response", lambda reply: self.replies.append(reply))
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        in_memory: set[str] = set()
        devtools.on("Network.requestServedFromCache", lambda event: in_memory.add(event["requestId"]))
        devtools.on("Network.responseReceived", lambda event: self._received(event, in_memory))

    def _received(self, event: dict[str, Any], in_memory: set[str]) -> None:
        reply = event["response"]
        is_kept = reply.get("fromDiskCache") or reply.get("serviceWorkerResponseSource") == "cache-storage"
        if not (is_kept or event["requestId"] in in_memory):
            self.fetched.add(reply["url"])

    def weights(self) -> dict[str, int]:
        """Return the compressed size of each reply that came, and begin anew."""
        came = [reply for reply in self.replies if reply.request.method == "GET" and reply.ok]
        found: dict[str, int] = {}
        for reply in came:
            if reply.url in self.fetched:
                # The copy of an exam reads files again that came before, and nothing is told of those.
                found[reply.url] = max(found.get(reply.url, 0), weight(reply.body()))
        self.replies.clear()
        self.fetched.clear()
        return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COLD)
def test_a_page_is_light_when_nothing_is_kept_and_lighter_when_it_comes_again(
    browser: Browser, cast: Cast, name: str, language: str
) -> None:
    who, show = PAGES[name]
    context = browser.new_context()
    if who in cast.cookies:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cast.cookies[who], "url": cast.house.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    person = Person(cast.house, context, language)
    page = person.window()
    loads, weights = Loads(page), list[dict[str, int]]()
    for _ in range(2):
        show(person, page, cast)
        page.wait_for_load_state("networkidle")
        weights.append(loads.weights())
    context.close()
    cold, warm = weights
    assert len(cold) > 3
    assert any(address.endswith(".woff2") for address in cold)
    assert not any(address.endswith(".woff2") for address in warm)
    styles = {address: size for address, size in cold.items() if address.endswith(".css")}
    assert sum(styles.values()) <= budgets.STYLES, styles
    assert sum(cold.values()) <= budgets.COLD_OF.get(name, budgets.COLD), cold
    assert sum(warm.values()) <= budgets.WARM_OF.get(name, budgets.WARM), warm
