"""The package: built, installed into an empty environment, and used there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from sandbox.cluster import Sandbox, Worker
from tests.support.engine import Project

ROOT = Path(__file__).resolve().parents[2]


def run(*argv: object, cwd: Path) -> str:
    # setuptools warns if Python does not write bytecode.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    result = subprocess.run([str(part) for part in argv], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    source = tmp_path_factory.mktemp("source") / "project"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\n")
    for name in filter(None, listed):
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    output = run(sys.executable, "-m", "build", source, cwd=source)
    assert not re.search("warning|deprecat", output, re.IGNORECASE), output
    return source / "dist"


def test_wheel_and_sdist_contain_the_required_files(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    (source,) = built.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {"pulumi_kafka_connectors/py.typed", "pulumi_kafka_connectors/pulumi-plugin.json"} <= set(names)
    assert all(name.startswith(("pulumi_kafka_connectors/", "pulumi_kafka_connectors-")) for name in names)
    for field in ("Summary", "Author", "License", "Keywords", "Requires-Python", "Description-Content-Type", "License-File"):
        assert re.search(f"^{field}: .", metadata, re.MULTILINE), field
    assert "Provides-Extra: topics" in metadata
    with tarfile.open(source) as archive:
        assert any(name.endswith("/LICENSE") for name in archive.getnames())


def test_the_quickstart_runs_in_a_clean_environment(built: Path, box: Sandbox, single: Worker, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    run(programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    assert "export" in run(programs / "pulumi-kafka-connectors", "--help", cwd=tmp_path)
    (tmp_path / "input.txt").write_text("line\n")
    project = Project(tmp_path / "quickstart", box.folder / "package", single.url, ROOT / "examples" / "quickstart")
    project.environment["PATH"] = f"{programs}{os.pathsep}{project.environment['PATH']}"
    project.run("config", "set", "folder", str(tmp_path))
    project.run("up", "--yes", "--skip-preview")
    assert project.outputs()["tasks"] == [{"id": 0.0, "state": "running"}]
    project.environment["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:1"
    # Without the extra, a topic fails with an error that names it.
    result = project.preview('kc.Topic("t", partitions=1, replication_factor=1)')
    assert "pip install pulumi-kafka-connectors[topics]" in result.output
    project.destroy()
