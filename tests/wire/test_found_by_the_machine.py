"""What the state machine and the chaos found."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.core import connectors, topics
from pulumi_kafka_connectors.core.operation import OperationFailed
from pulumi_kafka_connectors.core.values import UNKNOWN, reveal
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn
from tests.support.worker import FakeWorker, Fault, connect_error


def exists(worker: FakeWorker, **config: str) -> None:
    worker.connectors["a"] = {"config": {**faulty(**config), "name": "a"}, "state": "RUNNING"}


def recorded(operation: OperationOn, olds: dict[str, Any], news: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The error of an update that leaves something, and the outputs that are recorded."""
    with pytest.raises(OperationFailed) as caught:
        connectors.update(operation, olds, news)
    assert caught.value.remains is not None
    return str(caught.value), caught.value.remains.outputs


def test_a_refresh_hides_what_the_plugin_types_as_password_in_traces(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, pin="pl4nted")
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['pin']}"
    connectors.read(operation, "a", {})
    assert operation.listener.warnings == [
        "connector a: task 0 failed on 127.0.0.1:8083: java.lang.Boom: no login with [hidden]"
    ]


def test_a_trace_that_may_hold_a_masked_password_of_others_is_withheld(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, db_password="hunter2")
    worker.connectors["a"]["state"] = "PAUSED"
    worker.masks, worker.config_delay = {"db.password"}, 1000
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['db.password']}"
    config = faulty(rate=2, db_password="ours")
    with pytest.raises(
        OperationFailed, match=r"withheld, since it may hold the value of db\.password, which the workers mask"
    ):
        connectors.create(operation, {"name": "a", "config": config, "adopt": True, "timeouts": {"create": 3}})


def test_an_odd_answer_to_the_look_for_what_a_lost_answer_created_leaves_no_orphan(
    worker: FakeWorker, operation: OperationOn
) -> None:
    worker.faults = [Fault("POST /connectors", close="now", act=True), Fault("GET /connectors/a", 403, b"no")]
    assert connectors.create(operation, {"name": "a", "config": faulty()}).id == "a"
    assert worker.writes() == ["POST /connectors"]


def test_a_trace_of_a_failed_connector_taken_over_behind_a_mask_is_withheld(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker, db_password="hunter2")
    worker.masks = {"db.password"}
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['db.password']}"
    with pytest.raises(OperationFailed, match="the trace is withheld"):
        connectors.create(operation, {"name": "a", "config": faulty(db_password="ours"), "adopt": "same"})


def test_a_lost_post_whose_outcome_nobody_can_see_says_so(worker: FakeWorker, operation: OperationOn) -> None:
    worker.faults = [Fault("POST /connectors", close="now", act=True), Fault("GET /connectors/a", 403, b"no", times=1000)]
    with pytest.raises(
        OperationFailed,
        match=r"closed without an answer.*; connector a may have been created: it was left as it is, since nobody",
    ):
        connectors.create(operation, {"name": "a", "config": faulty()})


@pytest.mark.parametrize("times", [1, 3])
def test_an_odd_answer_at_the_end_of_the_look_for_what_a_lost_answer_created_leaves_no_orphan(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock, times: int
) -> None:
    worker.faults = [Fault("POST /connectors", 500, connect_error(500, "boom"), act=True)]
    worker.faults += [Fault("GET /connectors/a", 500, connect_error(500, "boom"), times=times)]
    assert connectors.create(operation, {"name": "a", "config": faulty()}).id == "a"
    assert worker.writes() == ["POST /connectors"]


@pytest.mark.parametrize(
    "odd",
    [
        {"status": 403, "body": b"no"},
        {"status": 200, "body": b"<html>"},
        {"status": 500, "body": connect_error(500, "boom")},
    ],
)
def test_an_odd_answer_to_the_look_after_a_delete_does_not_end_the_wait(
    worker: FakeWorker, operation: OperationOn, odd: dict[str, Any]
) -> None:
    exists(worker)
    worker.faults = [Fault("GET /connectors/a/status", **odd)]
    connectors.delete(operation, "a", {})
    assert not worker.connectors


@pytest.mark.parametrize("answer", [{"status": 500, "body": connect_error(500, "boom")}, {"status": 200, "body": b"<html>"}])
def test_a_delete_that_was_acted_on_in_spite_of_its_answer_is_a_success(
    worker: FakeWorker, operation: OperationOn, answer: dict[str, Any]
) -> None:
    exists(worker)
    worker.faults = [Fault("DELETE /connectors/a", **answer, act=True)]
    connectors.delete(operation, "a", {})
    assert not worker.connectors


def test_a_delete_that_was_refused_and_not_acted_on_fails_with_the_refusal(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker)
    worker.faults = [Fault("DELETE /connectors/a", 500, connect_error(500, "boom"))]
    with pytest.raises(OperationFailed, match=r"DELETE .*: 500 boom"):
        connectors.delete(operation, "a", {})
    assert worker.connectors.keys() == {"a"}


@pytest.mark.parametrize("rollback", [True, False])
def test_what_is_left_is_named_also_where_the_answer_does_not(
    worker: FakeWorker, operation: OperationOn, rollback: bool
) -> None:
    olds = connectors.create(operation, {"name": "a", "config": faulty()}).outputs
    worker.faults = [Fault("PUT .*/config", 201, b"", act=True, times=100)]
    text, _ = recorded(operation, olds, {"name": "a", "config": faulty(rate=2), "rollback": rollback})
    assert ("undoing it failed too" in text) is rollback
    assert text.endswith("is not Kafka Connect's (at the top level); connector a was left as it is")


@pytest.mark.parametrize("masks", [set(), {"db.password"}])
def test_what_an_undo_that_failed_may_have_undone_is_not_recorded(
    worker: FakeWorker, operation: OperationOn, masks: set[str]
) -> None:
    olds = connectors.create(operation, {"name": "a", "config": faulty(db_password="hunter2-old")}).outputs
    worker.masks, worker.config_delay = masks, 1000
    news = {"name": "a", "config": faulty(db_password="hunter2-new"), "timeouts": {"update": 2}}
    worker.faults = [Fault("PUT .*/config"), Fault("PUT .*/config", 500, connect_error(500, "boom"), act=True)]
    text, outputs = recorded(operation, olds, news)
    assert "undoing it failed too" in text
    assert worker.connectors["a"]["config"]["db.password"] == "hunter2-old"
    worker.config_delay = 0
    connectors.update(operation, outputs, {**news, "timeouts": {"update": 60}})
    assert worker.connectors["a"]["config"]["db.password"] == "hunter2-new"


def test_more_time_for_a_connector_that_was_not_ready_waits_until_it_is(worker: FakeWorker, operation: OperationOn) -> None:
    worker.start_delay = 10
    props = {"name": "a", "config": faulty(), "rollback": False}
    with pytest.raises(OperationFailed, match="not ready after 2 s") as caught:
        connectors.create(operation, {**props, "timeouts": {"create": 2}})
    assert caught.value.remains is not None
    outputs = connectors.update(operation, caught.value.remains.outputs, {**props, "timeouts": {"update": 60}}).outputs
    assert outputs["tasks"] == [{"id": 0, "state": "running"}]


def test_the_state_that_a_connector_was_left_in_is_recorded_whatever_a_late_status_shows(
    worker: FakeWorker, operation: OperationOn
) -> None:
    olds = connectors.create(operation, {"name": "a", "config": faulty()}).outputs
    news = {"name": "a", "config": faulty(), "offsets": [{"partition": {"p": "1"}, "offset": {"o": 1}}], "rollback": False}
    stale = operation.client.status("a").model_dump(by_alias=True)
    worker.faults = [Fault("GET .*/status", times=2), Fault("GET .*/status", 200, stale, times=1000)]
    worker.faults += [Fault("PATCH .*/offsets", 500, connect_error(500, "boom"), times=1000)]
    _, outputs = recorded(operation, olds, news)
    assert (worker.connectors["a"]["state"], outputs["state"]) == ("STOPPED", "stopped")
    worker.faults = []
    connectors.update(operation, outputs, news)
    assert worker.connectors["a"]["state"] == "RUNNING"


# Found by requests of any shape


@pytest.mark.parametrize("name", [{"a": UNKNOWN}, [UNKNOWN], 5, True])
def test_a_name_that_is_no_text_is_one_failure(operation: OperationOn, name: object) -> None:
    problems = connectors.check(operation, {}, {"name": name, "config": faulty()}).problems
    assert [problem.text.startswith("name must be text") for problem in problems] == [True]


@pytest.mark.parametrize(
    "edit",
    [
        {"config": 5},
        {"state": 5},
        {"offsets": [5]},
        {"offsets": [{"partition": 5}]},
        {"timeouts": {"create": "soon"}},
        {"timeouts": {"later": 5}},
        {"timeouts": 5},
        {"adopt": "later"},
        {"settle": "soon"},
        {"sensitive": 5},
        {"name": None},
    ],
)
def test_a_state_that_was_edited_can_be_updated_and_read(
    worker: FakeWorker, operation: OperationOn, edit: dict[str, object]
) -> None:
    stored = {**connectors.create(operation, {"name": "a", "config": faulty(), "wait": False}).outputs, **edit}
    connectors.update(operation, stored, {"name": "a", "config": faulty(rate=2), "wait": False})
    assert worker.connectors["a"]["config"]["rate"] == "2"
    assert reveal(connectors.read(operation, "a", stored).outputs["config"])["rate"] == "2"


@pytest.mark.parametrize("edit", [{"config": 5}, {"partitions": float("nan")}, {"partitions": "many"}, {"name": 5}])
def test_the_state_of_a_topic_that_was_edited_can_be_compared(operation: OperationOn, edit: dict[str, object]) -> None:
    declared = {"name": "t", "partitions": 2, "replication_factor": 1, "config": {"retention.ms": "5"}}
    assert topics.compare(operation, {**declared, **edit}, declared).inputs == frozenset(edit)


def test_a_worker_that_does_not_tell_its_cluster_fails_a_create_before_it_changes_anything(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker)
    operation.cluster.features()
    worker.faults = [Fault("GET /", 200, b"<html>")]
    with pytest.raises(OperationFailed, match="is this the address of a Kafka Connect worker"):
        connectors.create(operation, {"name": "a", "config": faulty(rate=2), "adopt": True})
    assert worker.writes() == []


def test_an_undo_says_that_it_does_not_put_offsets_back_and_records_that_they_are_not_as_before(
    worker: FakeWorker, operation: OperationOn
) -> None:
    props = {"name": "a", "config": faulty()}
    first, second = ([{"partition": {"p": "1"}, "offset": {"o": offset}}] for offset in (1, 2))
    olds = connectors.create(operation, {**props, "offsets": first}).outputs
    worker.failing = lambda config: "java.lang.Boom: no" if config["rate"] == "2" else None
    text, outputs = recorded(operation, olds, {"name": "a", "config": faulty(rate=2), "offsets": second})
    assert text.endswith("; connector a has its old configuration back; its offsets were not put back")
    assert worker.group.offsets["a"] == second
    connectors.update(operation, outputs, {**props, "offsets": first})
    assert worker.group.offsets["a"] == first


@pytest.mark.parametrize("acted", [True, False])
def test_a_change_without_a_wait_whose_answer_is_lost_is_named_and_not_recorded_as_done(
    worker: FakeWorker, operation: OperationOn, acted: bool
) -> None:
    olds = connectors.create(operation, {"name": "a", "config": faulty()}).outputs
    news = {"name": "a", "config": faulty(rate=2), "wait": False}
    worker.faults = [Fault("PUT .*/config", 200, b"<html>", act=acted)]
    text, outputs = recorded(operation, olds, news)
    assert text.endswith("is this the address of a Kafka Connect worker?; connector a was left as it is")
    connectors.update(operation, outputs, news)
    assert worker.connectors["a"]["config"]["rate"] == "2"


@pytest.mark.parametrize("version", ["4.3.0", "2.8.2"])
def test_an_update_hides_a_password_that_others_added(worker: FakeWorker, operation: OperationOn, version: str) -> None:
    worker.version = version
    olds = connectors.create(operation, {"name": "a", "config": faulty()}).outputs
    worker.connectors["a"]["config"]["pin"] = "pl4nted"
    worker.connectors["a"]["config"]["rate"] = "13"
    worker.config_delay = 1000
    worker.failing = lambda config: f"java.lang.Boom: no {config['pin']}" if "pin" in config else None
    with pytest.raises(OperationFailed) as caught:
        connectors.update(operation, olds, {"name": "a", "config": faulty(), "state": "running"})
    assert "pl4nted" not in str(caught.value)
    assert "java.lang.Boom: no [hidden]" in str(caught.value)


@pytest.mark.parametrize("version", ["4.3.0", "2.8.2"])
def test_taking_over_hides_the_passwords_of_what_was_there(worker: FakeWorker, operation: OperationOn, version: str) -> None:
    worker.version = version
    exists(worker, pin="pl4nted", rate="13")
    worker.config_delay = 1000
    worker.failing = lambda config: f"java.lang.Boom: no {config['pin']}" if "pin" in config else None
    with pytest.raises(OperationFailed) as caught:
        connectors.create(operation, {"name": "a", "config": faulty(), "adopt": True, "timeouts": {"create": 20}})
    assert "pl4nted" not in str(caught.value)


@pytest.mark.parametrize("answer", [{"status": 500, "body": connect_error(500, "boom")}, {"status": 200, "body": b"<html>"}])
def test_a_delete_that_was_refused_is_no_success_because_there_is_no_status_yet(
    worker: FakeWorker, operation: OperationOn, answer: dict[str, Any]
) -> None:
    exists(worker)
    no_status = connect_error(404, "No status found for connector a")
    worker.faults = [Fault("DELETE /connectors/a", **answer), Fault("GET /connectors/a/status", 404, no_status, times=1000)]
    with pytest.raises(OperationFailed, match=r"DELETE .*/connectors/a: "):
        connectors.delete(operation, "a", {})
    assert worker.connectors.keys() == {"a"}


def test_a_connector_whose_status_is_not_found_is_gone(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker)
    worker.faults = [Fault("GET /connectors/a/status", 404, connect_error(404, "Status for connector a not found"), times=9)]
    connectors.delete(operation, "a", {})
    assert not worker.connectors
    assert operation.cluster.clock.now() < 1001
