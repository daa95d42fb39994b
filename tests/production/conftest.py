"""One image and one set of services for all tests of production."""

import fcntl
import os
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
    """The image, built once, by whichever worker comes first."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "image"
    folder.mkdir(exist_ok=True)
    image, built = Image(folder), folder / "built"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            image.build()
            built.touch()
    return image


@pytest.fixture(scope="session")
def compose(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """The servers and the database, migrated as the owner."""
    compose = Compose(image, tmp_path_factory.mktemp("compose"))
    try:
        compose.start_servers()
        compose.once("migrate")
        yield compose
    finally:
        compose.stop()
