"""The pages under docs/: their tables, and the text of the package with which their quotations are compared."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
GAP = "\0"
"""Replaces the values that an f-string fills in."""


def table(page: str, heading: str) -> list[list[str]]:
    """The table rows below this heading whose first cell is code."""
    section = page.split(f"## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


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
