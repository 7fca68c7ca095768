"""The matrix without running it: which Pythons are found, and the table for the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import matrix
from sandbox.errors import SandboxError
from sandbox.matrix import Result

ROOT = Path(__file__).resolve().parents[2]
README = """\
## Versions

| | supported | tested |
|---|---|---|
| Kafka Connect workers | 2.8 and newer | 2.8.2 |
| Pulumi Python SDK | 3.219 and newer | 3.272 |
| Python | 3.10 and newer | 3.11 |

Licence.
"""


def python(path: Path, version: str, code: int = 0) -> Path:
    """A program that prints a version as Python does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{version}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `bin`, which is PATH, and `pyenv`."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def test_versions_are_those_of_the_classifiers_and_the_oldest_sdk_is_that_of_the_requirement() -> None:
    setup = (ROOT / "setup.py").read_text()
    assert matrix.supported(setup) == [f"3.{minor}" for minor in range(10, 15)]
    assert f'"{matrix.oldest_sdk(setup).replace("==", ">=")},<4"' in setup
    with pytest.raises(SandboxError, match=r"^setup.py has no requirement"):
        matrix.oldest_sdk("setup()")


def test_the_python_on_the_path_comes_first(machine: Path) -> None:
    found = python(machine / "bin" / "python3.12", "3.12")
    python(machine / "pyenv" / "versions" / "3.12.9" / "bin" / "python", "3.12")
    assert matrix.interpreter("3.12") == found
    assert matrix.interpreter("3.13") is None


def test_the_newest_patch_of_pyenv_is_used_where_its_shim_does_not_start(machine: Path) -> None:
    python(machine / "bin" / "python3.12", "", code=127)
    for patch in (2, 10, 9):
        python(machine / "pyenv" / "versions" / f"3.12.{patch}" / "bin" / "python", "3.12")
    python(machine / "pyenv" / "versions" / "3.1.5" / "bin" / "python", "3.1")
    assert matrix.interpreter("3.12") == machine / "pyenv" / "versions" / "3.12.10" / "bin" / "python"


def test_the_table_lists_what_passed() -> None:
    results = [
        Result("3.9", "3.272", passed=True, summary="9 passed"),
        Result("3.10", "3.272", passed=True, summary="9 passed"),
        Result("3.11", "3.272", passed=False, summary="1 failed"),
        Result("3.10", "3.219", passed=True, summary="9 passed"),
    ]
    lines = matrix.readme_table(README, results).splitlines()
    assert lines[:3] == README.splitlines()[2:5]
    assert lines[3:] == [
        "| Pulumi Python SDK | 3.219 and newer | 3.219, 3.272 |",
        "| Python | 3.10 and newer | 3.9, 3.10 |",
    ]


def test_the_readme_has_the_table() -> None:
    page = (ROOT / "README.md").read_text()
    table = matrix.readme_table(page, [])
    assert f"\n{table}\n" in page
    changed = matrix.readme_table(page, [Result("3.99", "3.888", passed=True, summary="")]).splitlines()
    assert [line.rsplit("| ", 1)[1] for line in changed if line not in table.splitlines()] == ["3.888 |", "3.99 |"]
