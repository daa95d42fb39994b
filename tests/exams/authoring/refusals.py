"""What a refusal says, for tests: its code, whatever the sentence is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from accounts.base.errors import Refused


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Expect a refusal by this code."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code
