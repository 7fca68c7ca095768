"""A bounded cache of objects, one per key, shared by all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST: Final = 16
MOST_ALIKE: Final = 2
"""Objects that are kept, in total and for keys of the same kind: a rotated login is a new key for the same workers."""


@dataclass
class Registry(Generic[K, V]):
    """Creates the object for a key on first use, and drops the least recently used ones.

    Attributes:
        make: creates the object for a key; called under a lock, so only once.
        close: frees the resources of a dropped object; callers that still use the object may continue.
        kind: the kind of a key; by default every key is its own kind.
    """

    make: Callable[[K], V]
    close: Callable[[V], None] | None = None
    kind: Callable[[K], Hashable] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _values: dict[K, V] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self._values)

    def of(self, key: K) -> V:
        """The object for this key."""
        with self._lock:
            value = self._values.pop(key) if key in self._values else self.make(key)
            self._values[key] = value
            dropped = [self._values.pop(old) for old in self._superfluous(key)]
        self._close(dropped)
        return value

    def _superfluous(self, new: K) -> list[K]:
        kind = self.kind or (lambda key: key)
        alike = [key for key in self._values if kind(key) == kind(new)][:-MOST_ALIKE]
        others = [key for key in self._values if key not in alike]
        return alike + others[: max(len(others) - MOST, 0)]

    def clear(self) -> None:
        """Close and drop all objects."""
        with self._lock:
            values = list(self._values.values())
            self._values.clear()
        self._close(values)

    def _close(self, values: list[V]) -> None:
        if self.close is not None:
            for value in values:
                self.close(value)
