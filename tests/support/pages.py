"""Pages: their tables, their code, and the text of the package with which their quotations are compared."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GAP = "\0"
"""Replaces the values that an f-string fills in."""


def table(page: str, heading: str) -> list[list[str]]:
    """The table rows below this heading whose first cell is code."""
    return [row for row in rows(section(page, heading)) if row[0].startswith("`")]


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of tables, headings included."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if re.match(r"\| *[^-\s]", line)]
    return [[cell.strip() for cell in line] for line in lines]


def section(page: str, heading: str) -> str:
    """The text between this heading of the second level and the next."""
    return page.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def blocks(page: str, language: str) -> list[str]:
    """The fenced code blocks in this language."""
    found = re.finditer(rf"^( *)```{language}\n(.*?)^\1```$", page, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block[2]) for block in found]


def package_text() -> str:
    """All string literals of the package, one per line."""
    texts = []
    for file in (ROOT / "provider" / "pulumi_kafka_connectors").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "config_problem":
                key, text = node.args
                texts.append(f"config['{_text(key)}']{_text(text)}")
            elif isinstance(node, ast.JoinedStr | ast.Constant):
                texts.append(_text(node))
    return "\n".join(texts)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "kafka-connectors" if "NAMESPACE" in ast.unparse(node) else GAP
