"""One image and one set of services for all tests of production."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import clusters
from tests.production.image import Compose, Image

WAIT_SECONDS = 120.0


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
    return Image(clusters.made_once(tmp_path_factory, "image", lambda folder: Image(folder).build()))


@pytest.fixture(scope="session")
def migrated(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cluster as the image's job `migrate` leaves it, once for all workers."""

    def migrate(folder: Path) -> None:
        compose = Compose(image, folder / "compose")
        try:
            compose.start_servers()
            compose.once("migrate")
            clusters.keep(compose.postgres, folder)
        finally:
            compose.stop()

    return clusters.made_once(tmp_path_factory, "migrated", migrate)


@pytest.fixture(scope="session")
def compose(image: Image, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """The servers and the database, migrated as the owner."""
    compose = Compose(image, tmp_path_factory.mktemp("compose"))
    try:
        clusters.give(migrated, compose.postgres)
        compose.start_servers()
        yield compose
    finally:
        compose.stop()
