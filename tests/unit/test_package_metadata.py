"""The package metadata that setuptools generates from setup.py and the README."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/pulumi-kafka-connectors/pulumi-kafka-connectors"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the metadata; built from a copy, since setuptools leaves files behind."""
    folder = tmp_path_factory.mktemp("metadata") / "project"
    forgotten = shutil.ignore_patterns("*.egg-info", "__pycache__")
    shutil.copytree(ROOT / "provider", folder / "provider", ignore=forgotten)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    argv = [sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base", "provider"]
    ran = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder / "provider" / "pulumi_kafka_connectors.egg-info"


@pytest.fixture(scope="module")
def metadata(made: Path) -> Message:
    return message_from_string((made / "PKG-INFO").read_text())


@pytest.fixture(scope="module")
def links(metadata: Message) -> list[tuple[str, str]]:
    """For every link of the long description: whether it is an image ("!"), and its target."""
    text = metadata.get_payload()
    assert isinstance(text, str)
    found = re.findall(r"(!?)\[[^\]]*\]\(([^)\s]+)\)", text)
    assert len(found) > 10
    return found


def test_no_relative_link_is_left(links: list[tuple[str, str]]) -> None:
    assert not [target for _, target in links if not target.startswith(("https://", "#"))]


def test_every_link_into_the_repository_leads_to_a_file(links: list[tuple[str, str]]) -> None:
    inner = [(image, target.removeprefix(REPOSITORY)) for image, target in links if target.startswith(REPOSITORY)]
    assert inner
    for image, target in inner:
        start = "/raw/main/" if image else "/blob/main/"
        assert target.startswith(start), target
        assert (ROOT / target.removeprefix(start).partition("#")[0]).is_file(), target


def test_the_addresses_of_the_project_are_given(metadata: Message) -> None:
    urls = dict(entry.split(", ") for entry in metadata.get_all("Project-URL") or [])
    assert urls.keys() == {"Documentation", "Source", "Issues", "Changelog"}
    assert all(url.startswith(REPOSITORY) for url in urls.values())
    for url in (urls["Documentation"], urls["Changelog"]):
        assert (ROOT / url.removeprefix(REPOSITORY).split("/", 3)[3]).exists(), url


def test_every_module_of_the_provider_is_packaged(made: Path) -> None:
    packaged = set((made / "SOURCES.txt").read_text().splitlines())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "provider").rglob("*.py")}
    assert sorted(modules - packaged) == [], "a folder without __init__.py is no package"


def test_the_console_command_is_the_command_line(made: Path) -> None:
    assert "pulumi-kafka-connectors = pulumi_kafka_connectors.cli:main" in (made / "entry_points.txt").read_text()


def test_the_python_versions_of_the_classifiers_match_requires_python(metadata: Message) -> None:
    named = [line for line in metadata.get_all("Classifier") or [] if re.search(r":: 3\.\d+$", line)]
    assert [line.rpartition("3.")[2] for line in named] == [str(minor) for minor in range(10, 15)]
    assert metadata["Requires-Python"] == ">=3.10"
