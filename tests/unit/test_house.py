"""The picture of the module dependencies matches the source files."""

from __future__ import annotations

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


@pytest.fixture(scope="module")
def house() -> Any:
    spec = importlib.util.spec_from_file_location("house", PICTURES / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["house"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name, text in {
        "__init__.py": "def __getattr__(name):\n    from pulumi_kafka_connectors.dynamic import a",
        "native.py": "import pulumi_kafka_connectors.core.low as low",
        "dynamic/__init__.py": "",
        "dynamic/a.py": "import os\nfrom ..core import high\nfrom pulumi_kafka_connectors.connect import Client",
        "core/__init__.py": "",
        "core/high.py": "from . import low\nfrom .low import value",
        "core/low.py": "from pulumi_kafka_connectors import connect",
        "connect/__init__.py": "from .client import Client",
        "connect/client.py": "import pulumi_kafka_connectors_else",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_the_picture_is_that_of_the_files_as_they_are(house: Any) -> None:
    assert house.PICTURE.exists(), "`make house` draws it"
    assert house.PICTURE.read_text() == house.House(house.imports(house.SOURCES)).svg(), "`make house` draws it again"


def test_late_relative_and_absolute_imports_are_seen(house: Any, sources: Path) -> None:
    assert house.imports(sources) == {
        "": {"dynamic.a"},
        "native": {"core.low"},
        "dynamic": set(),
        "dynamic.a": {"core.high", "connect"},
        "core": set(),
        "core.high": {"core.low"},
        "core.low": {"connect"},
        "connect": {"connect.client"},
        "connect.client": set(),
    }


def test_a_folder_stands_above_all_that_it_imports(house: Any, sources: Path) -> None:
    arrows = house.between(house.imports(sources))
    assert arrows == {house.TOP: {"dynamic", "core"}, "dynamic": {"core", "connect"}, "core": {"connect"}, "connect": set()}
    assert house.rows(arrows) == [[house.TOP], ["dynamic"], ["core"], ["connect"]]


def test_a_cycle_does_not_hang(house: Any) -> None:
    assert len(house.rows({"a": {"b"}, "b": {"a"}})) == 2


def test_every_folder_and_file_is_drawn_and_every_arrow_once(house: Any, sources: Path) -> None:
    svg = house.House(house.imports(sources)).svg()
    root = ET.fromstring(svg)
    words = " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert {house.TOP, "dynamic", "core", "connect", "native", "a", "high", "low", "client"} <= set(words.split())
    assert len(re.findall(r"marker-end", svg)) == 5
    assert svg == house.House(house.imports(sources)).svg()
