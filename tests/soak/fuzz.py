"""The long run of the fuzzer: `python -m tests.soak --fuzz EXAMPLES`, so many for each kind of request."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.support import fuzz


def run(examples: int, number: int, kinds: Sequence[str] = ()) -> int:
    """Make the requests; the first that is answered wrongly ends the run and is shown in its smallest form."""
    for what in kinds or fuzz.REQUESTS:
        began = time.monotonic()
        counts = fuzz.run(what, examples, number)
        took = time.monotonic() - began
        print(f"fuzz: {what}: answered: {counts.answered}, refused: {counts.refused}, seconds: {took:.0f}", flush=True)
    return 0
