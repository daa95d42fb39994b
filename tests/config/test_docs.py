"""The schema of the API is made once, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from config import docs


def test_of_many_who_ask_at_once_after_a_start_one_makes_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    made, together, second = [], Barrier(8), Barrier(2)

    def get_schema(self: SchemaGenerator, **_how: Any) -> dict[str, Any]:
        made.append(self)
        # Stays here until a second thread comes, which it must not.
        with suppress(BrokenBarrierError):
            second.wait(timeout=0.3)
        return {"openapi": "3.0.3"}

    def ask(_number: int) -> object:
        together.wait()
        return docs.KeptSchema(api_version="v1").get_schema()  # type: ignore[no-untyped-call]

    monkeypatch.setattr(SchemaGenerator, "get_schema", get_schema)
    docs._schema.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [{"openapi": "3.0.3"}] * 8
    docs._schema.cache_clear()
    assert len(made) == 1
