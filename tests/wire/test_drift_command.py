"""`pulumi-kafka-connectors drift` against a worker that is none, with a `pulumi` that is a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import main
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault
from tests.unit.test_stack import Pulumi
from tests.unit.test_state import DYNAMIC, MARK, PLUGIN

Captured = pytest.CaptureFixture[str]
NONE, CANNOT_RUN, DRIFT, NO_WORKER = 0, 1, 2, 3


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    return Pulumi(tmp_path, monkeypatch)


def stored(name: str, type_: str = PLUGIN, *, observed: dict[str, Any] | None = None, **inputs: Any) -> dict[str, Any]:
    """A resource in the state whose connector runs as declared, unless the inputs say otherwise."""
    declared = {"name": name, "config": faulty(), **inputs}
    seen = {"status": "running", "type": "source", "tasks": [{"id": 0, "state": "running"}], **(observed or {})}
    urn = f"urn:pulumi:prod::app::{type_}::the-{name}"
    return {"urn": urn, "type": type_, "id": name, "inputs": declared, "outputs": {**declared, **seen}}


def runs(worker: FakeWorker, name: str, state: str = "RUNNING", broken: str = "", **config: str) -> None:
    worker.connectors[name] = {
        "config": {**faulty(**config), "name": name},
        "state": state,
        **({"broken": broken} if broken else {}),
    }


def drift(worker: FakeWorker, pulumi: Pulumi, *resources: dict[str, Any], options: tuple[str, ...] = ()) -> int:
    pulumi.says(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    return main(["drift", "--url", worker.url, *options])


def test_without_a_difference_the_exit_code_is_0(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    runs(worker, "a")
    runs(worker, "b")
    assert drift(worker, pulumi, stored("a", DYNAMIC), stored("b", PLUGIN)) == NONE
    assert capsys.readouterr().out == "2 connectors compared, 0 with differences\n"
    assert pulumi.calls == ["--non-interactive --color never stack export --show-secrets"]
    assert not worker.writes()


@pytest.mark.parametrize("type_", [DYNAMIC, PLUGIN])
def test_keys_that_differ_are_named_without_their_values(
    type_: str, worker: FakeWorker, pulumi: Pulumi, capsys: Captured
) -> None:
    runs(worker, "a", rate="7", added="new-value")
    config = {**faulty(), "gone.key": "old-value"}
    assert drift(worker, pulumi, stored("a", type_, config=config)) == DRIFT
    assert capsys.readouterr().out == (
        'connector a: config["gone.key"] was removed; config.added was added; config.rate was changed\n'
        "1 connector compared, 1 with differences\n"
    )


def test_secrets_are_compared_and_never_shown(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    def secret(value: str) -> dict[str, Any]:
        return {**faulty(), "pin": {**MARK, "plaintext": json.dumps(value)}}

    runs(worker, "same", pin="hunter2")
    runs(worker, "other", pin="hunter3")
    for form in ((), ("--json",)):
        resources = stored("same", config=secret("hunter2")), stored("other", config=secret("hunter2"))
        assert drift(worker, pulumi, *resources, options=form) == DRIFT
    told = capsys.readouterr()
    assert told.out.startswith("connector other: config.pin was changed\n2 connectors compared, 1 with")
    assert "hunter" not in told.out + told.err


def test_a_mask_is_equal_to_any_secret(worker: FakeWorker, pulumi: Pulumi) -> None:
    runs(worker, "a", pin="********")
    config = {**faulty(), "pin": {**MARK, "plaintext": '"hunter2"'}}
    assert drift(worker, pulumi, stored("a", config=config)) == NONE


@pytest.mark.parametrize(("declared", "code"), [({}, NONE), ({"state": "running"}, DRIFT), ({"state": "paused"}, NONE)])
def test_a_state_counts_only_where_it_is_declared(
    declared: dict[str, Any], code: int, worker: FakeWorker, pulumi: Pulumi, capsys: Captured
) -> None:
    runs(worker, "a", "PAUSED")
    assert drift(worker, pulumi, stored("a", **declared)) == code
    assert ("connector a: state was changed" in capsys.readouterr().out) is (code == DRIFT)


def test_a_connector_that_is_gone_is_a_difference(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    assert drift(worker, pulumi, stored("a")) == DRIFT
    assert capsys.readouterr().out.startswith("connector a does not exist\n")
    never_seen = stored("a")
    del never_seen["outputs"]["status"]
    assert drift(worker, pulumi, never_seen) == DRIFT


def test_a_failed_task_is_a_difference_with_its_root_cause(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    runs(worker, "a", pin="hunter2", broken="org.Oops: no\n\tat x\nCaused by: java.lang.Boom: hunter2 is wrong")
    config = {**faulty(), "pin": {**MARK, "plaintext": '"hunter2"'}}
    assert drift(worker, pulumi, stored("a", config=config)) == DRIFT
    told = capsys.readouterr()
    assert "connector a: task 0 failed on 127.0.0.1:8083: org.Oops: no (caused by java.lang.Boom: [hidden] is" in told.out
    assert told.err == ""
    assert drift(worker, pulumi, stored("a", config=config, wait=False)) == NONE


def test_connectors_that_no_resource_declares_count_when_asked_for(
    worker: FakeWorker, pulumi: Pulumi, capsys: Captured
) -> None:
    runs(worker, "a")
    runs(worker, "extra")
    assert drift(worker, pulumi, stored("a")) == NONE
    assert drift(worker, pulumi, stored("a"), options=("--unmanaged",)) == DRIFT
    assert "connector extra is declared by no resource of the stack\n1 connector compared, 0 with" in capsys.readouterr().out
    runs(worker, "extra")
    assert drift(worker, pulumi, stored("a"), stored("extra"), options=("--unmanaged",)) == NONE


def test_connectors_of_other_clusters_are_left_out(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    runs(worker, "a")
    here = stored("a", observed={"cluster": worker.kafka_cluster_id})
    assert drift(worker, pulumi, here, stored("b", observed={"cluster": "other"})) == NONE
    assert capsys.readouterr().out == "1 connector compared, 0 with differences, 1 of other clusters left out\n"


def test_json_names_resources_and_keys(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    runs(worker, "a", rate="7")
    runs(worker, "extra")
    assert drift(worker, pulumi, stored("a"), stored("gone"), options=("--json", "--unmanaged")) == DRIFT
    urn = f"urn:pulumi:prod::app::{PLUGIN}::the-"
    assert json.loads(capsys.readouterr().out) == {
        "drift": True,
        "compared": 2,
        "leftOut": 0,
        "connectors": [
            {"name": "a", "urn": f"{urn}a", "exists": True, "keys": {"config.rate": "changed"}, "failures": []},
            {"name": "gone", "urn": f"{urn}gone", "exists": False, "keys": {}, "failures": []},
        ],
        "unmanaged": ["extra"],
    }


def test_a_stack_can_be_named(worker: FakeWorker, pulumi: Pulumi) -> None:
    assert drift(worker, pulumi, options=("--stack", "prod")) == NONE
    assert pulumi.calls == ["--non-interactive --color never stack export --show-secrets --stack prod"]


def test_what_cannot_be_read_is_no_difference(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    pulumi.says(error="error: no stack selected", code=1)
    assert main(["drift", "--url", worker.url]) == CANNOT_RUN
    assert "`pulumi stack export` failed: no stack is selected" in capsys.readouterr().err
    pulumi.says("{}")
    assert main(["drift", "--url", worker.url]) == CANNOT_RUN


def test_a_refused_request_is_no_difference(worker: FakeWorker, pulumi: Pulumi) -> None:
    runs(worker, "a")
    worker.faults = [Fault("GET /connectors.*", 403, b"", times=99)]
    assert drift(worker, pulumi, stored("a")) == CANNOT_RUN


def test_without_a_worker_the_exit_code_is_3(worker: FakeWorker, pulumi: Pulumi) -> None:
    worker.stop()
    assert drift(worker, pulumi, stored("a"), options=("--timeout", "0.1")) == NO_WORKER


def test_outside_of_a_project_it_cannot_run(
    worker: FakeWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["drift", "--url", worker.url]) == CANNOT_RUN
    assert "run this in the folder of a project" in capsys.readouterr().err


def test_without_pulumi_it_cannot_run(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    assert main(["drift", "--url", worker.url]) == CANNOT_RUN
    assert "no `pulumi` is on PATH" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--bogus"], ["--timeout", "x"], ["extra"]])
def test_a_mistyped_option_is_no_difference(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["drift", *arguments])
    assert ended.value.code == CANNOT_RUN
    with pytest.raises(SystemExit) as ended:
        main(["status", "--bogus"])
    assert ended.value.code == DRIFT


def test_no_name_steers_a_terminal(worker: FakeWorker, pulumi: Pulumi, capsys: Captured) -> None:
    runs(worker, "\x1b[31m\u202ea\nb", rate="7")
    drift(worker, pulumi, stored("gone\x1b"), options=("--unmanaged",))
    shown = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(shown)
    assert len(shown.splitlines()) == 3
