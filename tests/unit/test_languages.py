"""The sandbox's languages, without building any: where hosts come from, and how generated Go packages are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox import engine, languages, tools
from sandbox.errors import SandboxError
from sandbox.languages import HostLanguage


@pytest.fixture
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an engine that is there already; nothing can be built, since nothing is on PATH."""
    folder = tmp_path / "engine"
    folder.mkdir()
    monkeypatch.setattr(engine, "ensure", lambda: folder)
    monkeypatch.setattr(tools, "cache", lambda: tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return folder


@pytest.mark.parametrize("language", ["yaml", "nodejs", "go"])
def test_the_host_beside_the_engine_is_used(language: HostLanguage, engines: Path) -> None:
    (engines / f"pulumi-language-{language}").touch()
    assert languages.ensure(language) == engines


def test_a_host_that_was_built_before_is_used(engines: Path) -> None:
    folder = tools.cache() / "language-yaml-v1.25.0"
    folder.mkdir(parents=True)
    assert languages.ensure("yaml") == folder


def test_without_go_a_host_is_one_error_message_and_leaves_nothing(engines: Path) -> None:
    with pytest.raises(SandboxError, match=r"^go is not on PATH: install .* and try again$"):
        languages.ensure("go")
    assert [path.name for path in tools.cache().iterdir()] == [".language-go-v3.60.0.lock"]


def test_without_go_an_sdk_is_one_error_message(engines: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^go is not on PATH: install .* and try again$"):
        languages.sdk(tmp_path / "schema.json", "go", tmp_path / "sdk")
    assert not (tmp_path / "sdk").exists()


def test_without_npm_a_typescript_program_is_one_error_message(engines: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^npm is not on PATH: install Node.js .* and try again$"):
        languages.compile_typescript(tmp_path)


def test_the_environment_has_the_host_and_not_this_python(engines: Path, tmp_path: Path) -> None:
    (engines / "pulumi-language-yaml").touch()
    path = languages.environment(tmp_path / "box", "yaml")["PATH"].split(os.pathsep)
    assert path[0] == str(engines)
    assert languages.python_folder() not in path


def test_the_import_path_is_that_of_the_internal_package() -> None:
    source = 'package kafka\n\nimport (\n\t"fmt"\n\t"example.org/kafka/sdk/internal"\n)\n'
    assert languages.import_path(source) == "example.org/kafka/sdk"
    with pytest.raises(SandboxError, match="does not import its `internal` package"):
        languages.import_path('package kafka\n\nimport "fmt"\n')
