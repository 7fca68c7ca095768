"""Every message that the page quotes is one that the code can say."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
MESSAGES = [line.removeprefix("### ").strip("` ") for line in PAGE.splitlines() if line.startswith("### ")]


def said() -> str:
    """All literal text of the package."""
    texts = []
    for file in (ROOT / "provider").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else _name(part) for part in node.values]
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\0".join(texts)


def _name(part: ast.expr) -> str:
    shown = ast.unparse(part)
    return "kafka-connectors" if "NAMESPACE" in shown else "\0"


SAID = said()


@pytest.mark.parametrize("message", MESSAGES)
def test_a_quoted_message_is_in_the_code(message: str) -> None:
    pieces = [piece.strip(" ;:") for piece in re.split("…", message)]
    assert any(len(piece) > 8 for piece in pieces)
    for piece in pieces:
        assert piece in SAID, piece


def test_there_are_messages() -> None:
    assert len(MESSAGES) > 20
