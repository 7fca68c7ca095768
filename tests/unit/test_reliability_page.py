from __future__ import annotations

import re

from tests.support.pages import DOCS, ROOT

TESTS = ROOT / "tests"
PAGE = (DOCS / "reliability.md").read_text()


def test_every_promise_names_a_test_that_exists() -> None:
    promised = re.findall(r"`(\w+/test_\w+\.py)::(test_\w+)`", PAGE)
    assert len(promised) == PAGE.count("\n| ") - PAGE.count("| promise |")
    for file, name in promised:
        assert f"def {name}(" in (TESTS / file).read_text(), name
