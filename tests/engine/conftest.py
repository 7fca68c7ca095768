from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.cluster import Sandbox
from tests.support.engine import Project

MakeProject = Callable[[str], Project]


@pytest.fixture
def project_at(box: Sandbox, tmp_path: Path) -> MakeProject:
    """Creates Pulumi projects for the worker at an address."""
    count = 0

    def make(url: str) -> Project:
        nonlocal count
        count += 1
        return Project(tmp_path / f"project{count}", box.folder / "engine" / tmp_path.name, url)

    return make
