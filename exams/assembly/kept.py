"""What a process keeps of frozen content, bounded by bytes: what was unused for longest goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable


class ByteCache[Key, Value]:
    """Values by key, at most `most` bytes of them as `size` counts them; safe between threads.

    Only for what never changes: nothing here is ever looked up again.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How many bytes are kept."""
        return self._bytes

    def get(self, key: Key) -> Value | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def found(self, keys: Iterable[Key]) -> dict[Key, Value]:
        """Return what is kept of several keys."""
        return {key: value for key in keys if (value := self.get(key)) is not None}

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value and return the one that is kept: of two that come at once the first stays."""
        size = self._size(value)
        with self._lock:
            if key in self._kept:
                return self._kept[key][0]
            self._kept[key] = (value, size)
            self._bytes += size
            while self._bytes > self._most and len(self._kept) > 1:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone
        return value

    def clear(self) -> None:
        """Forget everything: for tests, whose databases begin their numbers anew."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0
