"""A release: one version in setup.py, the schema and the changelog, and workflows that do no more than they need to."""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

import pytest

from pulumi_kafka_connectors import installation
from sandbox import actionlint, matrix, release, tools
from sandbox.errors import SandboxError

ROOT = Path(__file__).resolve().parents[2]
SETUP = (ROOT / "setup.py").read_text()
WORKFLOWS = {path.stem: path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}
NOTES = "### Added\n- Something."


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files with a version, as they are when version 0.2.0rc1 is released."""
    (tmp_path / release.SCHEMA).parent.mkdir(parents=True)
    (tmp_path / release.SCHEMA).write_text('{"version": "0.2.0-rc.1"}')
    (tmp_path / "setup.py").write_text('setup(\n    name="x",\n    version="0.2.0rc1",\n)\n')
    text = f"# Changelog\n\nText.\n\n## 0.2.0rc1 - 2026-12-01\n\n{NOTES}\n\n## 0.1.0 - 2026-11-01\n\n### Added\n- All.\n"
    (tmp_path / "CHANGELOG.md").write_text(text)
    return tmp_path


# The version


def test_the_schema_has_the_version_of_setup_py() -> None:
    assert json.loads((ROOT / release.SCHEMA).read_text())["version"] == release.engine_version(release.version())


def test_the_changelog_starts_with_what_is_unreleased_or_with_the_version_of_setup_py() -> None:
    names = list(release.sections())
    dates = {name: date for name, (date, _) in release.sections().items()}
    assert names[0] in ("Unreleased", release.version())
    assert all(text for _, text in release.sections().values())
    assert [name for name, date in dates.items() if not date] == [name for name in names if name == "Unreleased"]
    released = [date for date in dates.values() if date]
    assert released == sorted(released, reverse=True)


def test_the_changelog_has_no_heading_that_is_not_understood() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## (\S+)", text, re.MULTILINE) == list(release.sections())


def test_no_module_has_a_version_of_its_own() -> None:
    sources = (ROOT / "provider").rglob("*.py")
    assert [path.name for path in sources if "__version__" in path.read_text()] == []


@pytest.mark.parametrize("version", ["0.1.0", "1.2.3", "0.2.0rc1", "0.2.0.dev4", "1.0.0b2"])
def test_a_version_is_spelled_as_the_plugin_spells_it(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    assert release.engine_version(version) == installation.plugin_version()


# The tag


def test_the_notes_of_a_release_are_its_section_of_the_changelog(tree: Path) -> None:
    assert release.check("v0.2.0-rc.1", tree) == NOTES


@pytest.mark.parametrize("tag", ["v0.2.0", "v0.2.0rc1", "0.2.0-rc.1", "v0.1.0", ""])
def test_another_tag_is_refused(tag: str, tree: Path) -> None:
    with pytest.raises(SandboxError, match=r"^the tag is .*, but setup.py has version 0.2.0rc1: its tag is v0.2.0-rc.1$"):
        release.check(tag, tree)


def test_a_schema_that_was_not_generated_again_is_refused(tree: Path) -> None:
    (tree / release.SCHEMA).write_text('{"version": "0.1.0"}')
    with pytest.raises(SandboxError, match=r"^schema.json has version 0.1.0: run `python -m"):
        release.check("v0.2.0-rc.1", tree)


@pytest.mark.parametrize(
    "heading",
    ["## Unreleased", "## 0.2.0rc1", "## 0.1.9 - 2026-12-01", "## 0.2.0rc1 - soon", "## 0.2.0rc1 - 2026-12-01\n\n## x"],
)
def test_a_changelog_without_the_section_of_the_version_is_refused(heading: str, tree: Path) -> None:
    page = tree / "CHANGELOG.md"
    page.write_text(page.read_text().replace("## 0.2.0rc1 - 2026-12-01", heading))
    with pytest.raises(
        SandboxError, match=r"^the first section of CHANGELOG.md is not `## 0.2.0rc1 - YYYY-MM-DD` with text"
    ):
        release.check("v0.2.0-rc.1", tree)


def test_a_setup_py_without_a_version_is_refused(tree: Path) -> None:
    (tree / "setup.py").write_text("setup()\n")
    with pytest.raises(SandboxError, match=r"^setup.py has no line"):
        release.check("v0.2.0-rc.1", tree)


# The workflows


def test_every_action_is_pinned_to_one_commit_and_names_its_version() -> None:
    used = {line for text in WORKFLOWS.values() for line in re.findall(r"uses: (.*)", text) if not line.startswith("./")}
    assert len(used) > 5
    assert [line for line in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []
    assert len({line.partition("@")[0] for line in used}) == len(used), "one action in two versions"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_job_has_only_the_permissions_that_it_lists(name: str) -> None:
    text = WORKFLOWS[name]
    assert "\npermissions: {}\n" in text
    jobs = re.split(r"^  (?=[\w-]+:$)", text.partition("\njobs:\n")[2], flags=re.MULTILINE)[1:]
    assert jobs
    assert [job.partition(":")[0] for job in jobs if job.count("    permissions:\n") != 1] == []
    assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")


def test_only_a_release_may_write() -> None:
    found = {name: sorted(re.findall(r"^      ([\w-]+): write$", text, re.MULTILINE)) for name, text in WORKFLOWS.items()}
    assert found == {
        "checks": [],
        "nightly": [],
        "release": ["attestations", "contents", "id-token", "id-token"],
    }


def test_the_checks_run_on_every_python_of_the_classifiers() -> None:
    (listed,) = re.findall(r"^        python: \[(.*)\]$", WORKFLOWS["checks"], re.MULTILINE)
    assert listed.replace('"', "").split(", ") == matrix.supported(SETUP)
    assert f'- python: "{matrix.supported(SETUP)[0]}"\n            sdk: oldest\n' in WORKFLOWS["checks"]


# actionlint


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and nothing on PATH."""
    monkeypatch.setattr(tools, "cache", lambda: tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return tmp_path / "cache"


def test_actionlint_that_was_built_before_is_used(empty_cache: Path) -> None:
    folder = empty_cache / f"actionlint-{actionlint.VERSION}"
    folder.mkdir(parents=True)
    assert actionlint.ensure() == folder / "actionlint"


def test_without_go_actionlint_is_one_error_message(empty_cache: Path) -> None:
    with pytest.raises(SandboxError, match=r"^go is not on PATH: install .* and try again$"):
        actionlint.ensure()


def test_a_folder_without_workflows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^there is no workflow in "):
        actionlint.check(tmp_path)


def test_every_workflow_is_checked_without_the_linters_that_happen_to_be_installed(
    empty_cache: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = empty_cache / f"actionlint-{actionlint.VERSION}" / "actionlint"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@"\nexit 1\n')
    program.chmod(0o755)
    for name in ("b.yml", "a.yml", "notes.md"):
        (tmp_path / name).touch()
    assert actionlint.check(tmp_path) == 1
    assert capfd.readouterr().out == f"-shellcheck= -pyflakes= {tmp_path / 'a.yml'} {tmp_path / 'b.yml'}\n"
