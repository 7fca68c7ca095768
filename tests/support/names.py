"""Unique names of connectors and topics, and the default configuration of the test source."""

from __future__ import annotations

import itertools
import os

_COUNT = itertools.count()


class Names:
    """`names("sink")` returns a name that no other test or run uses."""

    def __call__(self, kind: str) -> str:
        return f"{kind}-{os.getpid()}-{next(_COUNT)}"


def faulty(**config: str | int) -> dict[str, str]:
    """A configuration of the test source; in keywords, `_` stands for `.`."""
    overrides = {key.replace("_", "."): str(value) for key, value in config.items()}
    return {"connector.class": "testing.FaultySource", "tasks.max": "1", "rate": "1", **overrides}
