"""Objects that are made once for each key and shared by all threads, bounded in number."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST: Final = 16
MOST_ALIKE: Final = 2
"""Objects that are kept, in all and of keys that are alike: a rotated login makes a new key for the same workers."""


@dataclass
class Registry(Generic[K, V]):
    """Makes an object for a key when it is first asked for, and drops those that were not used for longest.

    Attributes:
        make: makes the object for a key; called under a lock, so once.
        close: frees what a dropped object holds; whoever still works with it may go on.
        kind: what keys that are alike have in common; unset: no two keys are alike.
    """

    make: Callable[[K], V]
    close: Callable[[V], None] | None = None
    kind: Callable[[K], Hashable] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _values: dict[K, V] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self._values)

    def of(self, key: K) -> V:
        """The one object of this key."""
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
        """Close and forget all."""
        with self._lock:
            values = list(self._values.values())
            self._values.clear()
        self._close(values)

    def _close(self, values: list[V]) -> None:
        if self.close is not None:
            for value in values:
                self.close(value)
