"""Only connectors that this run created, or was allowed to take over, are overwritten, deleted or dropped from the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.operation import OperationFailed
from pulumi_kafka_connectors.core.values import UNKNOWN
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, Fault, connect_error, fake_worker

OLD_URN, NEW_URN = "urn:pulumi:s::p::C::old", "urn:pulumi:s::p::C::new"


def props(config: Mapping[str, Any] | None = None, **inputs: Any) -> dict[str, Any]:
    return {"name": "a", "config": dict(config or faulty()), **inputs}


@pytest.fixture
def operation(operation: OperationOn) -> OperationOn:
    operation.owner = NEW_URN
    return operation


def exists(worker: FakeWorker, config: Mapping[str, str] | None = None, state: str = "RUNNING") -> dict[str, Any]:
    """Add a connector that was created by somebody else."""
    worker.connectors["a"] = {"config": {**(config or faulty()), "name": "a"}, "state": state}
    return worker.connectors["a"]


# Adoption


def test_a_create_takes_nothing_over_by_default(worker: FakeWorker, operation: OperationOn) -> None:
    existing = exists(worker)
    with pytest.raises(OperationFailed) as caught:
        connectors.create(operation, props())
    assert str(caught.value) == (
        "connector a exists already with the same configuration: give the resource an alias if it was renamed or moved, set "
        'adopt="same" to take it over (KAFKA_CONNECT_ADOPT=same for one run, such as after an interrupted one), or import it'
    )
    assert worker.connectors["a"] is existing
    assert worker.writes() == []


@pytest.mark.parametrize("adopt", [None, False, "same"])
def test_another_configuration_is_taken_over_only_with_true(worker: FakeWorker, operation: OperationOn, adopt: Any) -> None:
    exists(worker, faulty(rate=9, other="x"))
    with pytest.raises(
        OperationFailed, match=r"with another configuration \(differing keys: other, rate\): give the resource"
    ):
        connectors.create(operation, props(adopt=adopt))
    assert worker.connectors["a"]["config"]["rate"] == "9"
    assert worker.writes() == []


@pytest.mark.parametrize(("adopt", "rate"), [("same", 1), (True, 1), (True, 9)])
def test_a_connector_is_taken_over_as_adopt_allows(
    worker: FakeWorker, operation: OperationOn, adopt: Any, rate: int
) -> None:
    exists(worker, faulty(rate=rate))
    connectors.create(operation, props(adopt=adopt))
    assert worker.connectors["a"]["config"]["rate"] == "1"
    assert worker.writes() == ([] if rate == 1 else ["PUT /connectors/a/config"])


def test_masked_values_count_as_equal(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, faulty(db_password="hunter2"))
    worker.masks = {"db.password"}
    connectors.create(operation, props(faulty(db_password="hunter2"), adopt="same"))
    assert worker.writes() == []


@pytest.mark.parametrize(
    ("setting", "variable", "adopt", "taken"),
    [
        ("same", None, None, True),
        (None, "same", None, True),
        ("false", "same", None, True),
        ("same", "false", None, False),
        ("same", None, False, False),
        (None, None, None, False),
    ],
)
def test_adopt_comes_from_the_resource_else_the_environment_else_the_setting(
    worker: FakeWorker, clock: FakeClock, setting: str | None, variable: str | None, adopt: Any, taken: bool
) -> None:
    exists(worker)
    environment = {} if variable is None else {"KAFKA_CONNECT_ADOPT": variable}
    with operation_on(worker.url, clock=clock, environment=environment, adopt=setting) as operation:
        if taken:
            connectors.create(operation, props(adopt=adopt))
        else:
            with pytest.raises(OperationFailed, match="exists already"):
                connectors.create(operation, props(adopt=adopt))


@pytest.mark.parametrize("value", ["yes", "none", 1.0])
def test_an_invalid_adopt_setting_is_reported(worker: FakeWorker, clock: FakeClock, value: Any) -> None:
    with operation_on(worker.url, clock=clock, adopt=value) as operation:
        checked = connectors.check(operation, {}, props())
    assert [problem.text for problem in checked.problems] == ['setting kafka-connectors:adopt must be False, "same" or True']


# Renaming


def test_a_connector_taken_over_by_one_resource_is_not_deleted_for_another_in_the_same_run(
    worker: FakeWorker, operation: OperationOn
) -> None:
    operation.owner = OLD_URN
    outputs = connectors.create(operation, props()).outputs
    with operation_on(worker.url, clock=operation.cluster.clock) as later:
        later.owner = NEW_URN
        connectors.create(later, props(adopt="same"))
        later.owner = OLD_URN
        connectors.delete(later, "a", outputs)
        assert later.listener.warnings == [
            f"connector a is now managed by {NEW_URN}, which created or took it over in this run: it stays"
        ]
    assert "a" in worker.connectors
    assert "DELETE /connectors/a" not in worker.writes()


def test_a_resource_may_delete_the_connector_that_it_created_in_the_same_run(
    worker: FakeWorker, operation: OperationOn
) -> None:
    outputs = connectors.create(operation, props()).outputs
    connectors.delete(operation, "a", outputs)
    assert worker.connectors == {}


def test_a_failed_create_owns_no_connector(worker: FakeWorker, operation: OperationOn) -> None:
    existing = exists(worker)
    with pytest.raises(OperationFailed):
        connectors.create(operation, props())
    operation.owner = OLD_URN
    connectors.delete(operation, "a", props())
    assert existing not in worker.connectors.values()


# Previews


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (faulty(), "connector a exists already with the same configuration"),
        (faulty(rate=2), r"connector a exists already with another configuration (differing keys: rate)"),
        ({**faulty(), "rate": UNKNOWN}, "connector a exists already with the same configuration"),
    ],
)
def test_a_preview_reports_that_a_name_is_taken(
    worker: FakeWorker, operation: OperationOn, config: Mapping[str, Any], words: str
) -> None:
    exists(worker)
    problems = connectors.check(operation, {}, props(config)).problems
    assert [problem.key for problem in problems] == ["name"]
    assert problems[0].text.startswith(words)


@pytest.mark.parametrize(("rate", "how"), [(1, "as it is"), (2, "and changed (differing keys: rate)")])
def test_a_preview_reports_what_will_be_taken_over(worker: FakeWorker, operation: OperationOn, rate: int, how: str) -> None:
    exists(worker)
    assert connectors.check(operation, {}, props(faulty(rate=rate), adopt=True)).problems == ()
    assert operation.listener.warnings == [f"connector a exists already and will be taken over {how}"]


def test_the_create_of_a_replacement_with_the_same_name_reports_no_taken_name(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker)
    other = faulty(**{"connector.class": "testing.IdleSink"})
    assert connectors.check(operation, props(), props(other)).problems == ()
    assert connectors.check(operation, {}, props(other)).problems == ()


def test_a_preview_reports_that_the_new_name_of_an_existing_resource_is_taken(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker)
    problems = connectors.check(operation, {**props(), "name": "b"}, props()).problems
    assert [problem.key for problem in problems] == ["name"]


def test_unchanged_and_new_resources_have_no_problem(worker: FakeWorker, operation: OperationOn) -> None:
    assert connectors.check(operation, {}, props()).problems == ()
    exists(worker)
    assert connectors.check(operation, props(), props()).problems == ()


def test_a_preview_succeeds_if_the_workers_cannot_report_whether_the_name_is_taken(
    worker: FakeWorker, operation: OperationOn
) -> None:
    worker.faults = [Fault("GET .*", 503, b"", times=1000)]
    assert connectors.check(operation, {}, props(validate="off")).problems == ()


def test_checks_between_creates_of_the_same_run_share_listings(worker: FakeWorker, clock: FakeClock) -> None:
    with operation_on(worker.url, clock=clock) as operation:
        for number in range(10):
            declared = {**props(validate="off"), "name": f"a{number}"}
            assert connectors.check(operation, {}, declared).problems == ()
            connectors.create(operation, declared)
    listings = [request for request in worker.requests if "info" in request.query.get("expand", ())]
    assert 1 <= len(listings) < 4


def test_a_name_that_this_run_has_freed_is_not_taken(worker: FakeWorker, clock: FakeClock) -> None:
    exists(worker)
    with operation_on(worker.url, clock=clock) as operation:
        assert [problem.key for problem in connectors.check(operation, {}, props()).problems] == ["name"]
        connectors.delete(operation, "a", props())
        assert connectors.check(operation, {}, props()).problems == ()


# Another cluster


@pytest.fixture
def outputs(worker: FakeWorker, operation: OperationOn) -> dict[str, Any]:
    """The outputs in the state of a connector on the cluster `k`."""
    found = connectors.create(operation, props()).outputs
    assert found["cluster"] == "k"
    assert found["workers"] == [worker.url]
    return found


@pytest.fixture
def elsewhere(clock: FakeClock) -> Iterator[tuple[FakeWorker, OperationOn]]:
    """An empty worker of another Kafka cluster, and an operation on it."""
    with fake_worker(clock=clock) as other, operation_on(other.url, clock=clock) as operation:
        other.kafka_cluster_id = "other"
        yield other, operation


REJECTED = r"connector a is on the Kafka cluster k, but http://127\.0\.0\.1:\d+ belongs to the Kafka cluster other: set"


def test_a_refresh_of_another_cluster_drops_nothing_from_the_state(
    outputs: dict[str, Any], elsewhere: tuple[FakeWorker, OperationOn]
) -> None:
    with pytest.raises(OperationFailed, match=REJECTED):
        connectors.read(elsewhere[1], "a", outputs)


def test_a_destroy_on_another_cluster_reports_no_deletion(
    outputs: dict[str, Any], elsewhere: tuple[FakeWorker, OperationOn]
) -> None:
    other, operation = elsewhere
    exists(other)
    with pytest.raises(OperationFailed, match=REJECTED):
        connectors.delete(operation, "a", outputs)
    assert "a" in other.connectors


def test_an_update_on_another_cluster_changes_nothing(
    outputs: dict[str, Any], elsewhere: tuple[FakeWorker, OperationOn]
) -> None:
    other, operation = elsewhere
    with pytest.raises(OperationFailed, match=REJECTED):
        connectors.update(operation, outputs, props(faulty(rate=2)))
    assert other.writes() == []


def test_another_cluster_is_a_replacement(outputs: dict[str, Any], elsewhere: tuple[FakeWorker, OperationOn]) -> None:
    changes = connectors.compare(elsewhere[1], outputs, props())
    assert changes.replaces == ("cluster",)
    assert changes.any


def test_other_addresses_of_the_same_cluster_are_not_a_change(
    outputs: dict[str, Any], elsewhere: tuple[FakeWorker, OperationOn]
) -> None:
    other, operation = elsewhere
    other.kafka_cluster_id = "k"
    assert not connectors.compare(operation, outputs, props()).any


def test_the_cluster_id_is_requested_only_at_other_addresses(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    worker.requests.clear()
    assert not connectors.compare(operation, outputs, props()).any
    assert worker.requests == []


def test_a_state_without_a_cluster_id_still_works(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    known = {key: value for key, value in outputs.items() if key not in ("cluster", "workers")}
    assert connectors.read(operation, "a", known).outputs["cluster"] == "k"
    connectors.delete(operation, "a", known)
    assert worker.connectors == {}


# Missing connectors


@pytest.mark.parametrize(
    "response",
    [
        (404, {"error_code": 404}),
        (404, connect_error(404, "Subject 'a' not found.")),
        (404, connect_error(404, "Connector b not found")),
        (404, b"<html>"),
        (403, connect_error(403, "no")),
        (500, connect_error(500, "no")),
    ],
    ids=repr,
)
def test_not_found_from_one_worker_and_another_response_from_the_next_is_an_error(
    worker: FakeWorker, clock: FakeClock, response: tuple[int, Any]
) -> None:
    with fake_worker(clock=clock) as second, operation_on(worker.url, second.url, clock=clock) as operation:
        second.faults = [Fault("GET /connectors/a.*", *response, times=1000)]
        with pytest.raises(OperationFailed):
            connectors.read(operation, "a", {**props(), "status": "running"})
        second.faults = []
        assert connectors.read(operation, "a", {**props(), "status": "running"}).id == ""


def test_not_found_from_one_worker_and_no_response_from_the_next_is_an_error(worker: FakeWorker, clock: FakeClock) -> None:
    with fake_worker(clock=clock) as second, operation_on(worker.url, second.url, clock=clock) as operation:
        second.faults = [Fault("GET /connectors/a/config", close="now", times=1000)]
        with pytest.raises(OperationFailed, match="the connection was closed without a"):
            connectors.read(operation, "a", {**props(), "status": "running"})


def test_not_found_counts_although_another_worker_is_unreachable(worker: FakeWorker, clock: FakeClock) -> None:
    with fake_worker(clock=clock) as second:
        gone = second.url
    with operation_on(worker.url, gone, clock=clock) as operation:
        assert connectors.read(operation, "a", {**props(), "status": "running"}).id == ""


# Undo


def test_an_undo_does_not_delete_a_connector_that_was_changed_concurrently(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    worker.failing = lambda _config: "java.lang.Boom: no"
    clock.call_later(0.05, lambda: worker.connectors["a"]["config"].update(rate="7"))
    with pytest.raises(OperationFailed, match=r"Boom: no; connector a was changed by somebody else meanwhile"):
        connectors.create(operation, props())
    assert worker.connectors["a"]["config"]["rate"] == "7"


def test_an_undo_does_not_recreate_a_connector_that_was_deleted_concurrently(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock, outputs: dict[str, Any]
) -> None:
    worker.failing = lambda config: "java.lang.Boom: no" if config["rate"] == "2" else None
    worker.requests.clear()
    clock.call_later(0.05, worker.connectors.clear)
    with pytest.raises(OperationFailed):
        connectors.update(operation, outputs, props(faulty(rate=2), timeouts={"update": 3}))
    assert worker.connectors == {}
    assert worker.writes() == ["PUT /connectors/a/config"]


@pytest.mark.parametrize("mask", ["********", "••••", "[hidden]"])
def test_no_mask_is_ever_written(worker: FakeWorker, operation: OperationOn, mask: str) -> None:
    exists(worker, faulty(db_password="theirs"))
    worker.masks, worker.mask = {"db.password"}, mask
    worker.failing = lambda config: "java.lang.Boom: no" if config["rate"] == "2" else None
    with pytest.raises(
        OperationFailed, match=r"keeps its new configuration, since the workers mask what db\.password was before"
    ):
        connectors.create(operation, props(faulty(rate=2, db_password="ours"), adopt=True))
    assert worker.connectors["a"]["config"]["db.password"] == "ours"
    assert all(mask not in str(request.body) for request in worker.requests)


def test_rejected_offsets_restore_the_state(worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]) -> None:
    worker.faults = [Fault("PATCH .*offsets", 400, connect_error(400, "these are no partitions of mine"), times=10)]
    offsets = [{"partition": {"p": "1"}, "offset": {"o": 1.0}}]
    with pytest.raises(OperationFailed, match="no partitions of mine; connector a is running again"):
        connectors.update(operation, outputs, props(offsets=offsets))
    assert worker.connectors["a"]["state"] == "RUNNING"


def test_a_paused_connector_that_fails_after_resume_is_paused_again(worker: FakeWorker, operation: OperationOn) -> None:
    outputs = connectors.create(operation, props(state="paused")).outputs
    worker.failing = lambda _config: "java.lang.Boom: no" if worker.connectors["a"]["state"] == "RUNNING" else None
    with pytest.raises(OperationFailed, match="Boom: no; connector a is paused again"):
        connectors.update(operation, outputs, props(state="running"))
    assert worker.connectors["a"]["state"] == "PAUSED"


def test_a_timeout_on_a_slow_worker_is_reported_and_undone(worker: FakeWorker, operation: OperationOn) -> None:
    worker.start_delay = 1000
    with pytest.raises(OperationFailed, match=r"is not ready after 3 s: .*; connector a was deleted again"):
        connectors.create(operation, props(timeouts={"create": 3}))
    assert worker.connectors == {}


@pytest.mark.parametrize("status", [429, 408, 425, 401, 403, 520, 500, 200])
def test_one_unexpected_response_to_a_poll_deletes_nothing(worker: FakeWorker, operation: OperationOn, status: int) -> None:
    worker.faults = [Fault("GET .*/status"), Fault("GET .*/status", status, b"<html>odd</html>")]
    connectors.create(operation, props())
    assert worker.writes() == ["POST /connectors"]


def test_a_connector_that_cannot_be_read_any_more_is_left_as_it_is(worker: FakeWorker, operation: OperationOn) -> None:
    worker.faults = [Fault("GET .*/status"), Fault("GET .*/status", 403, b"no", times=1000)]
    with pytest.raises(OperationFailed, match="connector a was left as it is, since nobody can see"):
        connectors.create(operation, props())
    assert "a" in worker.connectors


# State and deletion


@pytest.mark.parametrize(
    ("declared", "live", "after"),
    [("paused", "PAUSED", "RUNNING"), ("stopped", "STOPPED", "RUNNING"), ("paused", "STOPPED", "STOPPED")],
)
def test_a_state_that_is_no_longer_declared_becomes_running_if_it_is_still_as_it_was_declared(
    worker: FakeWorker, operation: OperationOn, declared: str, live: str, after: str
) -> None:
    outputs = connectors.create(operation, props(state=declared)).outputs
    worker.connectors["a"]["state"] = live
    connectors.update(operation, outputs, props())
    assert worker.connectors["a"]["state"] == after


def test_a_state_written_by_a_later_version_can_be_destroyed(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker)
    outputs = {
        "name": "b",
        "config": 5,
        "state": "hibernating",
        "offsets": [5],
        "timeouts": {"delete": "soon"},
        "adopt": "later",
    }
    connectors.delete(operation, "a", outputs)
    assert worker.connectors == {}


# Reported failures


def test_refresh_and_preview_report_a_failed_task_with_its_cause(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    worker.connectors["a"]["broken"] = "org.X: outer\n\tat y\nCaused by: org.Y: the disk is full"
    text = "connector a: task 0 failed on 127.0.0.1:8083: org.X: outer (caused by org.Y: the disk is full)"
    found = connectors.read(operation, "a", outputs)
    assert operation.listener.warnings == [text]
    assert connectors.compare(operation, found.outputs, props()).unhealthy
    assert operation.listener.warnings == [text] * 2


def test_a_failed_task_that_was_restarted_must_run_for_ten_seconds(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock, outputs: dict[str, Any]
) -> None:
    worker.connectors["a"]["broken"] = "boom"
    failed = connectors.read(operation, "a", outputs).outputs
    started = clock.now()
    clock.call_later(5, lambda: worker.connectors["a"].update(broken="java.lang.Late: the first record"))
    with pytest.raises(OperationFailed, match="the first record"):
        connectors.update(operation, failed, props())
    assert clock.now() - started >= 5


def test_new_tasks_must_run_for_the_time_of_settle(worker: FakeWorker, operation: OperationOn, clock: FakeClock) -> None:
    started = clock.now()
    connectors.create(operation, props(settle=30))
    assert 30 <= clock.now() - started < 33
    clock.call_later(3, lambda: worker.connectors["b"].update(broken="java.lang.Late: the first record"))
    with pytest.raises(OperationFailed, match="the first record; connector b was deleted again"):
        connectors.create(operation, {**props(settle="10s"), "name": "b"})


# Stale and lost responses


def test_a_failing_create_does_not_succeed_because_of_the_stale_status_of_a_deleted_connector(
    worker: FakeWorker, operation: OperationOn
) -> None:
    stale = {"name": "a", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}], "type": "source"}
    worker.faults = [Fault("GET .*/status", 200, stale, times=6)]
    worker.failing = lambda _config: "java.lang.Boom: no"
    with pytest.raises(OperationFailed, match="Boom: no; connector a was deleted again"):
        connectors.create(operation, props())


def test_a_read_right_after_an_update_returns_the_new_configuration(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    connectors.read(operation, "a", outputs)
    outputs = connectors.update(operation, outputs, props(faulty(rate=2), wait=False)).outputs
    found = connectors.read(operation, "a", outputs)
    assert found.inputs is not None
    assert found.inputs["config"]["rate"] == "2"


def test_a_stale_response_of_a_follower_does_not_prevent_an_undo(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    worker.failing = lambda config: "java.lang.Boom: no" if config["rate"] == "2" else None
    stale = {"name": "a", "config": {**faulty(), "name": "a"}, "tasks": [], "type": "source"}
    worker.faults = [Fault("GET /connectors/a"), Fault("GET /connectors/a", 200, stale)]
    worker.requests.clear()
    with pytest.raises(OperationFailed, match="has its old configuration back"):
        connectors.update(operation, outputs, props(faulty(rate=2)))
    assert worker.writes().count("PUT /connectors/a/config") == 2
    assert worker.connectors["a"]["config"]["rate"] == "1"


@pytest.mark.parametrize("body", [b"", b"<html>created</html>", b'{"name": "a", "config"'])
def test_a_create_with_an_invalid_response_succeeds_if_the_connector_exists(
    worker: FakeWorker, operation: OperationOn, body: bytes
) -> None:
    worker.faults = [Fault("POST .*", 201, body, act=True)]
    connectors.create(operation, props())
    assert worker.writes() == ["POST /connectors"]


def test_a_lost_response_of_a_worker_that_masks_values_leaves_no_orphan(worker: FakeWorker, operation: OperationOn) -> None:
    worker.masks = {"db.password"}
    worker.faults = [Fault("POST .*", close="now", act=True)]
    connectors.create(operation, props(faulty(db_password="hunter2")))
    assert worker.writes() == ["POST /connectors"]


def test_a_connector_that_had_failed_before_is_not_restored_and_the_error_says_so(
    worker: FakeWorker, operation: OperationOn, outputs: dict[str, Any]
) -> None:
    worker.failing = lambda _config: "java.lang.Boom: no"
    failed = connectors.read(operation, "a", outputs).outputs
    with pytest.raises(OperationFailed, match=r"Boom: no; connector a had failed before: nothing was undone$"):
        connectors.update(operation, failed, props(faulty(rate=2)))
    assert worker.connectors["a"]["config"]["rate"] == "2"
