"""Every message on the page is in the code."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import DOCS, package_text

PAGE = (DOCS / "troubleshooting.md").read_text()
MESSAGES = [line.removeprefix("### ").strip("` ") for line in PAGE.splitlines() if line.startswith("### ")]
PACKAGE_TEXT = package_text()


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_in_the_code(message: str) -> None:
    pieces = [piece.strip(" ;:") for piece in re.split("…", message)]
    assert any(len(piece) > 8 for piece in pieces)
    for piece in pieces:
        assert piece in PACKAGE_TEXT, piece


def test_there_are_messages() -> None:
    assert len(MESSAGES) > 20
