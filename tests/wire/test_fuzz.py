"""The short run of the fuzzer; `python -m tests.soak --fuzz 10000` is the long one."""

from __future__ import annotations

import pytest

from tests.support import fuzz


@pytest.mark.timeout(120)
@pytest.mark.parametrize("what", fuzz.REQUESTS)
@pytest.mark.parametrize("examples", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_no_request_is_answered_with_a_defect(what: str, examples: int) -> None:
    counts = fuzz.run(what, examples, 1)
    assert counts.answered
    assert counts.refused or what in ("CheckConfig", "DiffConfig", "Configure")
