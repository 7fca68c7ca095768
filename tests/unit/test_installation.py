"""The plugin where the engine looks for plugins, and the command that puts it there."""

from __future__ import annotations

import importlib.metadata
import os
import stat
import subprocess
from pathlib import Path

import pytest

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.installation import EXECUTABLE, can_be_found, install, installed, plugin_version, uninstall


@pytest.mark.parametrize(("own", "engines"), [
    ("0.1.0", "0.1.0"),
    ("1.20.300", "1.20.300"),
    ("0.2.0rc1", "0.2.0-rc.1"),
    ("0.2.0a12", "0.2.0-a.12"),
    ("0.2.0b1", "0.2.0-b.1"),
    ("0.2.0.dev3", "0.2.0-dev.3"),
])  # fmt: skip
def test_the_version_is_spelled_as_the_engine_spells_it(monkeypatch: pytest.MonkeyPatch, own: str, engines: str) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: own)
    assert plugin_version() == engines


@pytest.mark.parametrize("name", ["plugins", "with spaces", 'it\'s $HOME; `x` "y" ü'])
def test_what_is_installed_starts_the_plugin_of_this_environment(tmp_path: Path, name: str) -> None:
    folder = install(tmp_path / name)
    assert folder == tmp_path / name / f"resource-kafka-connectors-v{plugin_version()}"
    script = folder / EXECUTABLE
    assert script.stat().st_mode & stat.S_IXUSR
    (tmp_path / "pulumi_kafka_connectors.py").write_text("raise SystemExit('a module of the program was imported')")
    with subprocess.Popen([str(script), "127.0.0.1:1"], stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        port = process.stdout.readline()
        process.terminate()
        assert int(port) > 0


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    folder = install(tmp_path)
    before = {path.name: (path.read_text(), path.stat().st_mode) for path in folder.iterdir()}
    (folder / EXECUTABLE).write_text("broken")
    assert install(tmp_path) == folder
    assert {path.name: (path.read_text(), path.stat().st_mode) for path in folder.iterdir()} == before
    assert installed(tmp_path) == [folder]


def test_uninstalling_removes_every_version_and_nothing_else(tmp_path: Path) -> None:
    now = install(tmp_path)
    older = tmp_path / "resource-kafka-connectors-v0.0.1"
    others = [tmp_path / "resource-kafka-v1.0.0", tmp_path / "language-python-v3.1.0"]
    for path in (older, *others):
        path.mkdir()
    locks = [path.with_name(f"{path.name}.lock") for path in (now, older, *others)]
    for lock in locks:
        lock.touch()
    assert uninstall(tmp_path) == sorted([now, older])
    assert sorted(tmp_path.iterdir()) == sorted([*others, *locks[2:]])
    assert uninstall(tmp_path) == []


def test_nothing_is_installed_where_there_is_no_folder(tmp_path: Path) -> None:
    assert installed(tmp_path / "nothing") == uninstall(tmp_path / "nothing") == []


@pytest.mark.parametrize(("environment", "expected"), [
    ({"PULUMI_HOME": "/p"}, Path("/p/plugins")),
    ({}, Path.home() / ".pulumi" / "plugins"),
    ({"PULUMI_HOME": ""}, Path.home() / ".pulumi" / "plugins"),
])  # fmt: skip
def test_the_folder_is_the_one_of_the_engine(environment: dict[str, str], expected: Path) -> None:
    assert installation.plugins_folder(environment) == expected


def test_the_plugin_can_be_found_where_the_engine_finds_it(tmp_path: Path) -> None:
    nothing = {"PULUMI_HOME": str(tmp_path / "home"), "PATH": str(tmp_path)}
    assert not can_be_found(nothing)
    assert can_be_found({**nothing, "PULUMI_DEBUG_PROVIDERS": "aws:1234,kafka-connectors:1235"})
    assert not can_be_found({**nothing, "PULUMI_DEBUG_PROVIDERS": "aws:1234"})
    install(tmp_path / "home" / "plugins")
    assert can_be_found(nothing)
    uninstall(tmp_path / "home" / "plugins")
    assert not can_be_found(nothing)
    executable = tmp_path / EXECUTABLE
    executable.touch()
    assert not can_be_found(nothing)
    executable.chmod(0o755)
    assert can_be_found(nothing)


# The command


def test_the_command_installs_and_uninstalls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "PULUMI_HOME", str(tmp_path))
    folder = tmp_path / "plugins" / f"resource-kafka-connectors-v{plugin_version()}"
    assert main(["plugin", "install"]) == 0
    assert capsys.readouterr().out == f"installed {folder}\n"
    assert (folder / EXECUTABLE).exists()
    assert main(["plugin", "install", "--uninstall"]) == 0
    assert capsys.readouterr().out == f"removed {folder}\n"
    assert not folder.exists()
    assert main(["plugin", "install", "--uninstall"]) == 0
    assert capsys.readouterr().out == ""


def test_a_folder_that_cannot_be_written_is_one_error_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plugins").touch()
    monkeypatch.setitem(os.environ, "PULUMI_HOME", str(tmp_path))
    assert main(["plugin", "install"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("pulumi-kafka-connectors: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["plugin"], ["plugin", "remove"], ["plugin", "install", "--url", "http://a"]])
def test_a_wrong_command_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "usage: pulumi-kafka-connectors" in capsys.readouterr().err
