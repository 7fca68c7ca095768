from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.cluster import Sandbox
from tests.support.engine import Project

MakeProject = Callable[[str], Project]


@pytest.fixture
def front_end() -> str:
    """Through which front end programs declare resources; modules with `both_front_ends` run through each."""
    return "dynamic"


@pytest.fixture
def project_at(box: Sandbox, tmp_path: Path, front_end: str) -> MakeProject:
    """Creates Pulumi projects for the worker at an address."""
    count = 0

    def make(url: str) -> Project:
        nonlocal count
        count += 1
        return Project(tmp_path / f"project{count}", box.folder / "engine" / tmp_path.name, url, front_end=front_end)

    return make
