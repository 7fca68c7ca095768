"""`pulumi-kafka-connectors graph` against a worker that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_kafka_connectors.cli import main
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, fake_worker

Captured = pytest.CaptureFixture[str]


def exists(worker: FakeWorker, name: str, *topics: str, broken: str = "") -> None:
    worker.connectors[name] = {
        "config": {**faulty(), "name": name},
        "state": "RUNNING",
        **({"broken": broken} if broken else {}),
    }
    worker.faults.append(Fault(f"GET /connectors/{name}/topics", 200, {name: {"topics": list(topics)}}, times=9))


def test_connectors_and_topics_are_drawn(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", "orders")
    exists(worker, "b", broken="org.Oops: hunter2")
    assert main(["graph", "--url", worker.url]) == 0
    shown = capsys.readouterr().out
    assert '    c1["a<br/>source, running, 1 task"]:::running\n' in shown
    assert '    c2["b<br/>source, FAILED: 1 of 1 task"]:::failed\n' in shown
    assert '    t1[("orders")]:::topic\n    c1 --> t1\n' in shown
    assert "Oops" not in shown


def test_a_file_is_written_instead(worker: FakeWorker, tmp_path: Path, capsys: Captured) -> None:
    exists(worker, "a", "orders")
    assert main(["graph", "--url", worker.url, "--format", "dot", "--output", str(tmp_path / "a.dot")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "a.dot").read_text().startswith("digraph connectors {\n")


def test_json_has_states_and_topics(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a", "orders", "people")
    assert main(["graph", "--url", worker.url, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["connectors"]
    assert (one["name"], one["type"], one["status"], one["topics"]) == ("a", "source", "running", ["orders", "people"])


def test_only_what_is_asked_for_is_drawn(worker: FakeWorker, capsys: Captured) -> None:
    for name in "abc":
        exists(worker, name, "orders")
    assert main(["graph", "--url", worker.url, "a", "c"]) == 0
    shown = capsys.readouterr().out
    assert '["a<br/>' in shown
    assert '["c<br/>' in shown
    assert '["b<br/>' not in shown
    assert worker.lines().count("GET /connectors/b/topics") == 0


def test_a_name_that_does_not_exist_is_an_error(worker: FakeWorker, capsys: Captured) -> None:
    exists(worker, "a")
    assert main(["graph", "--url", worker.url, "a", "nope\x1b"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "there is no connector nope\ufffd" in told.err


def test_without_topic_tracking_connectors_are_drawn_alone(capsys: Captured) -> None:
    with fake_worker("2.4.1") as worker:
        worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING"}
        assert main(["graph", "--url", worker.url]) == 0
    told = capsys.readouterr()
    assert '["a<br/>source, running, 1 task"]' in told.out
    assert "topics are not drawn: " in told.err
    assert "2.5" in told.err


def test_a_connector_that_was_deleted_meanwhile_has_no_topics(worker: FakeWorker, capsys: Captured) -> None:
    worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING"}
    worker.faults = [Fault("GET /connectors/a/topics", 404, {"error_code": 404, "message": "Connector a not found"})]
    assert main(["graph", "--url", worker.url]) == 0
    assert '["a<br/>' in capsys.readouterr().out
