"""The Kafka versions that the tests run on, without running them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox import versions

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_a_version_is_added_in_its_place_once() -> None:
    assert versions.with_version(["2.8.2", "3.9.1", "4.3.1"], "3.10.0") == ["2.8.2", "3.9.1", "3.10.0", "4.3.1"]
    assert versions.with_version(["2.8.2", "4.3.1"], "4.3.1") == ["2.8.2", "4.3.1"]


@pytest.mark.parametrize("added", ["4.1", "latest", "4.1.x", ""])
def test_what_is_no_version_is_refused(added: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(added)} is not a version of Kafka"):
        versions.with_version(["2.8.2"], added)


def test_the_oldest_supported_and_several_newer_versions_are_listed_in_order() -> None:
    assert versions.WORKERS[0].startswith("2.8.")
    assert {version.partition(".")[0] for version in versions.WORKERS} == {"2", "3", "4"}
    assert list(versions.WORKERS) == versions.with_version(versions.WORKERS, versions.WORKERS[0])


def test_the_readme_lists_them() -> None:
    assert versions.readme_with(README, versions.WORKERS) == README
    assert "| 2.8.2, 9.9.9 |\n" in versions.readme_with(README, ["2.8.2", "9.9.9"])


def test_the_newest_of_a_major_version() -> None:
    assert versions.newest(2).startswith("2.8.")
    assert versions.newest(4) == versions.KAFKA_VERSION
