"""Names of connectors and topics that never meet those of another test or run."""

from __future__ import annotations

import itertools
import os

_COUNT = itertools.count()


class Names:
    """`names("sink")` is a fresh name."""

    def __call__(self, kind: str) -> str:
        return f"{kind}-{os.getpid()}-{next(_COUNT)}"


def faulty(**config: str | int) -> dict[str, str]:
    """Configuration of the test source; keywords use `_` for `.`."""
    given = {key.replace("_", "."): str(value) for key, value in config.items()}
    return {"connector.class": "testing.FaultySource", "tasks.max": "1", "rate": "1", **given}
