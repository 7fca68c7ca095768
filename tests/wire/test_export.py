"""`pulumi-kafka-connectors export` against a worker that is none."""

from __future__ import annotations

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
