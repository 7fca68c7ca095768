"""`pulumi-kafka-connectors export` against a worker that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_kafka_connectors.cli import main
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, fake_worker


def export(worker: FakeWorker, folder: Path, *arguments: str) -> str:
    assert main(["export", "--url", worker.url, "--output", str(folder), *arguments]) == 0
    return "".join(path.read_text() for path in sorted(folder.iterdir()))


def exists(worker: FakeWorker, name: str = "a", **config: str) -> None:
    worker.connectors[name] = {"config": {**faulty(**config), "name": name}, "state": "RUNNING"}


@pytest.mark.parametrize("version", ["4.3.0", "2.8.2"])
def test_passwords_by_type_are_in_no_file_without_secrets(version: str, tmp_path: Path) -> None:
    with fake_worker(version) as worker:
        exists(worker, pin="hunter2", ssl_keystore_key="hunter2")
        assert "hunter2" not in export(worker, tmp_path / "made")
        assert "a.pin" in (tmp_path / "made" / "__main__.py").read_text()


def test_without_definitions_it_is_told_what_to_look_through(
    worker: FakeWorker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exists(worker)
    worker.faults = [Fault(".* /connector-plugins.*", 403, {"error_code": 403, "message": "no"}, times=9)]
    export(worker, tmp_path / "made")
    assert "testing.FaultySource" in capsys.readouterr().out


def test_what_is_printed_steers_no_terminal(worker: FakeWorker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exists(worker, "\x1b[31m\u202ea", db_password="********")
    worker.connectors["b"] = {"config": {**faulty(), "name": "b"}, "state": "RUNNING", "broken": "org.Oops: no"}
    export(worker, tmp_path / "a: #b\x1b", "--secrets")
    shown = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "\x1b" not in (tmp_path / "a: #b\x1b" / "Pulumi.yaml").read_text()
    assert "wait=False" in shown


def test_a_failed_connector_is_taken_over_without_a_write(worker: FakeWorker, tmp_path: Path) -> None:
    exists(worker)
    worker.failing = lambda config: "org.Oops: no"
    assert "wait=False" in export(worker, tmp_path / "made")
    assert worker.writes() == []


def test_only_the_named_connectors_are_exported(worker: FakeWorker, tmp_path: Path) -> None:
    for name in "abc":
        exists(worker, name)
    written = export(worker, tmp_path / "made", "a", "c")
    assert ('    "a",' in written, '    "b",' in written, '    "c",' in written) == (True, False, True)


def test_a_name_that_does_not_exist_is_an_error_and_nothing_is_written(
    worker: FakeWorker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exists(worker, "a")
    assert main(["export", "--url", worker.url, "--output", str(tmp_path / "made"), "a", "nope\x1b", "no"]) == 2
    assert "there is no connector nope\ufffd and no connector no: " in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_a_yaml_program_is_one_file(worker: FakeWorker, tmp_path: Path) -> None:
    exists(worker, pin="hunter2", file_path="${file:/a:b}")
    written = export(worker, tmp_path / "made", "--language", "yaml")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["Pulumi.yaml", "README.md"]
    assert "runtime: yaml" in written
    assert "hunter2" not in written
    assert 'file.path: "$${file:/a:b}"' in written


def test_json_files_have_placeholders_for_secrets(worker: FakeWorker, tmp_path: Path) -> None:
    exists(worker, "a", pin="hunter2", token="********")
    exists(worker, "b")
    assert "hunter2" not in export(worker, tmp_path / "made", "--format", "json")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["a.json", "b.json"]
    body = json.loads((tmp_path / "made" / "a.json").read_text())
    assert body["name"] == "a"
    assert (body["config"]["pin"], body["config"]["token"]) == ("${config:a.pin}", "${config:a.token}")
    written = export(worker, tmp_path / "private", "--format", "json", "--secrets")
    assert "--secret a.pin=hunter2" in written
    assert "***" not in written


def test_json_output_lists_what_was_written(worker: FakeWorker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exists(worker, "a", db_password="********")
    export(worker, tmp_path / "made", "--json", "--secrets", "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "folder": str(tmp_path / "made"),
        "connectors": 1,
        "files": ["a.json", "secrets.sh"],
        "messages": ["a.db.password is masked by the workers: set it manually"],
    }


@pytest.mark.parametrize("options", [["--language", "yaml"], ["--project", "x"]])
def test_json_files_have_no_language_and_no_project(options: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--url", "http://127.0.0.1:1", "--output", str(tmp_path / "made"), "--format", "json", *options])
