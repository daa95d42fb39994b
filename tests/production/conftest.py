"""One image and one set of services for all tests of production."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.production.image import Compose, Image

WAIT_SECONDS = 30.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if "tests/production/" in str(item.path):
            item.add_marker(pytest.mark.production)


def until(compose: Compose, name: str, true: Callable[[], Any]) -> None:
    """Wait until something is so of a service. Fails with its log when it ended or the time is over."""
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert compose.children[name].running, compose.log(name)[-4000:]
        assert time.monotonic() < end, compose.log(name)[-4000:]
        time.sleep(0.2)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built once."""
    image = Image(tmp_path_factory.mktemp("image"))
    image.build()
    return image


@pytest.fixture(scope="session")
def compose(image: Image) -> Iterator[Compose]:
    """The servers and the database, migrated as the owner."""
    compose = Compose(image)
    try:
        compose.start_servers()
        compose.once("migrate")
        yield compose
    finally:
        compose.stop()
