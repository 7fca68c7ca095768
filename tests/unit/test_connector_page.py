"""The page about the resource, compared with the class."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

from pulumi_kafka_connectors import spec
from pulumi_kafka_connectors.connector import _OBSERVED, Connector

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "connector.md").read_text()
DEFAULTS = {
    "sensitive": "`[]`",
    "adopt": "`False`",
    "validate": "`True`",
    "wait": "`True`",
    "rollback": "`True`",
    "timeouts": "`300` each",
    "forget": "`False`",
    "name": "the resource's name",
}


def table(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_input_is_on_the_page_with_its_default() -> None:
    rows = {row[0].strip("`"): row for row in table("Inputs")}
    parameters = [
        name for name in inspect.signature(Connector.__init__).parameters if name not in ("self", "resource_name", "opts")
    ]
    assert list(rows) == parameters == list(spec.INPUTS)
    assert {name: row[2] for name, row in rows.items() if row[2]} == DEFAULTS
    read = spec.spec_of({"name": "a", "config": {}})
    flags = {name: f"`{getattr(read, name)}`" for name in ("adopt", "validate", "wait", "rollback", "forget")}
    assert flags == {name: DEFAULTS[name] for name in flags}
    assert read.timeouts.create == read.timeouts.update == read.timeouts.delete == 300


def test_every_output_is_on_the_page() -> None:
    assert tuple(row[0].strip("`") for row in table("Outputs")) == _OBSERVED


def test_every_attribute_of_the_class_is_an_input_or_an_output() -> None:
    declared = [node.target for node in ast.walk(ast.parse(inspect.getsource(Connector))) if isinstance(node, ast.AnnAssign)]
    assert {name.id for name in declared if isinstance(name, ast.Name)} == {*spec.INPUTS, *_OBSERVED}


def test_the_messages_on_the_page_are_those_of_the_code() -> None:
    sources = [path.read_text() for path in (ROOT / "provider").rglob("*.py")]
    code = re.sub(r'"\s*\n\s*f?"', "", "".join(sources))
    for message, *_ in table("When it fails"):
        words = re.sub(r"\b(X|N|0|HOST)\b", "|", message.strip("`")).split("|")
        for part in words:
            assert part.strip(" :") in code, part
