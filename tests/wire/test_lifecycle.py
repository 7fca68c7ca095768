"""Create, update and delete against responses that cannot be provoked on a real worker, and the REST calls they make."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import OutcomeUnknown
from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.creating import LOOK_AFTER_LOSS
from pulumi_kafka_connectors.core.lifecycle import create, delete, update
from pulumi_kafka_connectors.core.observing import read
from pulumi_kafka_connectors.core.operation import Failure, Incomplete
from pulumi_kafka_connectors.core.polling import LONGEST_POLL
from pulumi_kafka_connectors.core.settling import SETTLE_SAME, SETTLE_SHOWN
from pulumi_kafka_connectors.core.spec import ConnectorSpec, spec_of
from pulumi_kafka_connectors.core.tolerance import TOLERANCE_SECONDS
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.waiting import wait_until
from tests.support.worker import FakeWorker, Fault, connect_error

POLLS = r"GET /connectors/a/(status|tasks)$"


def spec(config: dict[str, str] | None = None, **inputs: Any) -> ConnectorSpec:
    return spec_of({"name": "a", "config": config or faulty(), **inputs})


def running(worker: FakeWorker, **changes: Any) -> dict[str, Any]:
    """Add a connector to the worker without a request."""
    worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING", **changes}
    return worker.connectors["a"]


LOSSES = [
    {"close": "now"},
    {"close": "half"},
    {"status": 500, "body": connect_error(500, "Request timed out. The worker is currently x, which began at T.")},
    {"status": 500, "body": connect_error(500, "Error writing connector configuration to Kafka")},
    {"status": 500, "body": connect_error(500, "IO Error trying to forward REST request: java.io.EOFException")},
    {"status": 502, "body": b"<html>Bad Gateway</html>"},
    {"status": 504},
]


def loss(match: str, how: dict[str, Any], *, act: bool, times: int = 1) -> Fault:
    return Fault(match, act=act, times=times, **how)


def not_found(times: int = 1) -> Fault:
    return Fault("GET /connectors/a$", 404, connect_error(404, "Connector a not found"), times=times)


# Lost responses


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_a_create_with_a_lost_response_results_in_one_connector(
    worker: FakeWorker, operation: OperationOn, how: dict[str, Any], acted: bool
) -> None:
    worker.faults = [loss("POST .*", how, act=acted)]
    found = create(operation, spec())
    assert found.state.word == "running"
    assert worker.writes() == ["POST /connectors"] * (1 if acted else 2)


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_an_update_with_a_lost_response_is_repeated_once(
    worker: FakeWorker, operation: OperationOn, how: dict[str, Any], acted: bool
) -> None:
    create(operation, old := spec())
    worker.faults = [loss("PUT .*config", how, act=acted)]
    update(operation, old, spec(faulty(rate=2)))
    assert worker.connectors["a"]["config"]["rate"] == "2"


@pytest.mark.parametrize("how", LOSSES, ids=repr)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not-acted"])
def test_a_delete_with_a_lost_response_leaves_nothing(
    worker: FakeWorker, operation: OperationOn, how: dict[str, Any], acted: bool
) -> None:
    create(operation, spec())
    worker.faults = [loss("DELETE .*", how, act=acted)]
    delete(operation, spec())
    assert worker.connectors == {}


def test_a_lost_answer_and_a_connector_that_appears_later_is_ours(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    worker.faults = [loss("POST .*", {"close": "now"}, act=False)]
    clock.call_later(LOOK_AFTER_LOSS / 2, lambda: running(worker))
    create(operation, spec())
    assert worker.writes() == ["POST /connectors"]


def test_a_conflict_after_a_lost_response_is_our_connector_and_otherwise_another_one(
    worker: FakeWorker, operation: OperationOn
) -> None:
    theirs = running(worker, config={**faulty(rate=9), "name": "a"})
    worker.faults = [not_found()]
    with pytest.raises(Failure, match="exists already with another configuration"):
        create(operation, spec())
    assert worker.connectors["a"] is theirs
    worker.connectors["a"]["config"]["rate"] = "1"
    worker.faults = [not_found()]
    worker.failing = lambda _config: "boom"
    with pytest.raises(Failure) as caught:
        create(operation, spec())
    assert "deleted" not in str(caught.value)
    assert "a" in worker.connectors


def test_a_500_that_follows_a_create_that_worked_is_a_create_that_worked(worker: FakeWorker, operation: OperationOn) -> None:
    text = "The template variable 'x' has no value"
    worker.faults = [Fault("POST .*", 500, connect_error(500, text), act=True)]
    create(operation, spec())
    assert worker.writes() == ["POST /connectors"]
    del worker.connectors["a"]
    worker.faults = [Fault("POST .*", 500, connect_error(500, text))]
    with pytest.raises(Exception, match="template variable"):
        create(operation, spec())


@pytest.mark.parametrize("lost", [False, True], ids=["500", "lost, then 409"])
def test_a_connector_created_despite_an_error_is_ours_on_a_worker_that_sees_it_late(
    worker: FakeWorker, operation: OperationOn, lost: bool
) -> None:
    answer = (409, "Connector a already exists") if lost else (500, "The template variable 'x' has no value")
    looks_before = int(LOOK_AFTER_LOSS / LONGEST_POLL) + 1 if lost else 0
    worker.faults = [
        *([loss("POST .*", {"close": "now"}, act=False)] if lost else []),
        Fault("POST .*", answer[0], connect_error(*answer), act=True),
        not_found(times=looks_before + 1),
    ]
    worker.failing = lambda _config: "boom"
    with pytest.raises(Failure, match="connector a was deleted again"):
        create(operation, spec())
    assert worker.connectors == {}
    assert worker.faults[-1].times == 0


def test_an_unanswered_post_ends_with_the_timeout(worker: FakeWorker, operation: OperationOn, clock: FakeClock) -> None:
    worker.faults = [loss("POST .*", {"close": "now"}, act=False, times=1000)]
    started = clock.now()
    with pytest.raises(OutcomeUnknown):
        create(operation, spec(timeouts={"create": 20}))
    assert 20 <= clock.now() - started < 20 + LOOK_AFTER_LOSS + LONGEST_POLL


# Waits


def test_busy_responses_at_any_step_do_no_harm(worker: FakeWorker, operation: OperationOn, clock: FakeClock) -> None:
    def storm() -> list[Fault]:
        rebalance = connect_error(500, "Request cannot be completed because a rebalance is expected")
        conflict = connect_error(409, "Cannot complete request momentarily due to stale configuration")
        verbs = ["GET", "POST", "PUT", "DELETE", "PATCH"]
        return [Fault(f"{verb} .*", 500, rebalance, times=2) for verb in verbs] + [
            Fault(f"{verb} .*", 409, conflict, times=2) for verb in verbs
        ]

    worker.faults = storm()
    create(operation, old := spec())
    worker.faults = storm()
    update(operation, old, new := spec(faulty(rate=2), state="paused", offsets=[]))
    worker.faults = storm()
    assert read(operation.cluster, "a", clock.now() + 60) is not None
    worker.faults = storm()
    delete(operation, new)
    assert worker.connectors == {}


def test_an_update_waits_for_a_configuration_that_reaches_the_tasks_late(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, old := spec())
    worker.config_delay = 3 * SETTLE_SAME
    worker.failing = lambda config: "java.lang.X: boom" if config["rate"] == "2" else None
    with pytest.raises(Failure, match="boom; connector a has its old configuration back"):
        update(operation, old, spec(faulty(rate=2)))


def test_new_tasks_count_from_when_they_run_not_from_when_their_configuration_is_known(
    worker: FakeWorker, operation: OperationOn
) -> None:
    create(operation, old := spec())
    between = {"name": "a", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "UNASSIGNED"}], "type": "source"}
    worker.faults = [Fault("GET .*/status", times=2), Fault("GET .*/status", 200, between, times=2)]
    shown = 0

    def failing(config: dict[str, str]) -> str | None:
        nonlocal shown
        shown += config["rate"] == "2"
        return "java.lang.X: boom" if shown > 2 and config["rate"] == "2" else None

    worker.failing = failing
    with pytest.raises(Failure, match="boom; connector a has its old configuration back"):
        update(operation, old, spec(faulty(rate=2)))


def test_an_update_waits_for_a_paused_connector_that_it_resumes(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, old := spec(state="paused"))
    between = {"name": "a", "connector": {"state": "UNASSIGNED"}, "tasks": [], "type": "source"}
    worker.faults = [Fault("GET .*/status", times=2), Fault("GET .*/status", 200, between, times=2)]
    found = update(operation, old, spec(faulty(rate=2), state="paused"))
    assert found.state.word == "paused"
    assert worker.faults[-1].times == 0


def test_an_update_does_not_wait_forever_for_a_change_that_never_reaches_the_tasks(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    create(operation, old := spec())
    worker.config_delay = 1000
    started = clock.now()
    update(operation, old, spec(faulty(rate=2)))
    assert SETTLE_SHOWN <= clock.now() - started <= SETTLE_SHOWN + LONGEST_POLL


def test_a_wait_that_times_out_reports_what_is_missing_and_is_undone(worker: FakeWorker, operation: OperationOn) -> None:
    worker.start_delay = 1000
    message = r"connector a is not ready after 20 s: 0 of 1 tasks running \(1 unassigned\); connector a was deleted again"
    with pytest.raises(Failure, match=f"^{message}$"):
        create(operation, spec(timeouts={"create": 20}))
    assert worker.connectors == {}


ODD_ANSWERS = [
    Fault("GET .*/status", 401, connect_error(401, "no")),
    Fault("GET .*/status", 403, connect_error(403, "no")),
    Fault("GET .*/status", 400, connect_error(400, "no")),
    Fault("GET .*/status", 200, b"<html>"),
]


@pytest.mark.parametrize("odd", ODD_ANSWERS, ids=lambda fault: f"{fault.status} {fault.body!r}")
def test_unexpected_responses_to_a_poll_are_tolerated_for_some_seconds(
    worker: FakeWorker, operation: OperationOn, odd: Fault
) -> None:
    again = Fault(odd.match, odd.status, odd.body, times=3)
    worker.faults = [Fault("GET .*/status"), again]
    assert create(operation, spec()).state.word == "running"
    assert again.times == 0


def test_a_connector_that_cannot_be_read_for_longer_is_left_as_it_is(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    operation.cluster.features()
    worker.faults = [Fault("GET .*/status"), Fault("GET .*", 403, connect_error(403, "no"), times=1000)]
    started = clock.now()
    with pytest.raises(Failure, match="connector a was left as it is, since nobody can see whether it is as declared: GET"):
        create(operation, spec())
    assert TOLERANCE_SECONDS <= clock.now() - started <= TOLERANCE_SECONDS + 2 * LONGEST_POLL
    assert worker.writes() == ["POST /connectors"]


def test_progress_of_a_long_wait_is_reported_without_values(worker: FakeWorker, operation: OperationOn) -> None:
    status = {"name": "a", "connector": {"state": "UNASSIGNED", "worker_id": "w-hunter2:1"}, "tasks": []}
    worker.faults = [Fault("GET .*/status", 200, status, times=12)]
    connectors.create(operation, {"name": "a", "config": faulty(password="hunter2")})
    assert "the connector is unassigned on w-[hidden]:1" in operation.listener.progress_messages
    assert not re.search("hunter2", " ".join(operation.listener.progress_messages))


def test_many_waits_at_once_share_listings_instead_of_asking_for_each(worker: FakeWorker) -> None:
    # The tasks start at a time on this clock; the operations wait in real time.
    worker.clock = starting = FakeClock()
    worker.start_delay = 1000
    names = [f"c{number}" for number in range(12)]
    with operation_on(worker.url) as operation:
        waits = [spec_of({"name": name, "config": faulty(), "timeouts": {"create": 60}}) for name in names]
        threads = [threading.Thread(target=create, args=(operation, wait)) for wait in waits]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(worker.connectors) == len(names) and worker.lines().count("GET /connectors") > 2)
        starting.advance(1000)
        for thread in threads:
            thread.join()
    assert sorted(worker.connectors) == sorted(names)
    assert worker.lines().count("POST /connectors") == 12
    listings = [request for request in worker.requests if request.line == "GET /connectors"]
    assert all(request.query == {"expand": ["status"]} for request in listings)
    # One read before each create, and few others.
    assert sum(line.endswith("/status") for line in worker.lines()) < 3 * len(names)


# Undo


def test_when_the_undo_fails_too_both_errors_are_reported(worker: FakeWorker, operation: OperationOn) -> None:
    worker.failing = lambda _config: "java.lang.Boom: no"
    worker.faults = [Fault("DELETE .*", 500, connect_error(500, "cannot delete"), times=100)]
    with pytest.raises(Failure) as caught:
        create(operation, spec())
    assert "java.lang.Boom: no; undoing it failed too: DELETE" in str(caught.value)
    assert "cannot delete" in str(caught.value)


def test_all_workers_gone_during_the_wait_leaves_the_connector_for_the_next_run(
    worker: FakeWorker, operation: OperationOn
) -> None:
    operation.cluster.features()
    worker.faults = [Fault("GET .*/status"), loss("(GET|PUT|DELETE) .*", {"close": "now"}, act=False, times=1000)]
    with pytest.raises(Incomplete, match="the connection was closed without an answer"):
        create(operation, spec())
    assert worker.writes()[:1] == ["POST /connectors"]
    assert "a" in worker.connectors
    worker.faults = []
    worker.requests.clear()
    create(operation, spec(adopt="same"))
    assert worker.writes() == []


def test_an_undo_sets_the_state_also_where_a_status_still_shows_it(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, old := spec(state="paused"))
    worker.faults = [Fault("PUT .*/config", 400, connect_error(400, "Connector configuration is invalid"))]
    stale = operation.client.status("a").model_dump(by_alias=True)
    worker.faults.append(Fault("GET .*/status", 200, stale, times=3))
    with pytest.raises(Failure, match=r"Connector configuration is invalid; connector a is paused again$"):
        update(operation, old, spec(faulty(rate=2), state="running"))
    assert worker.connectors["a"]["state"] == "PAUSED"


def test_concurrent_changes_by_others_are_left_as_they_are(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    create(operation, old := spec())
    worker.failing = lambda config: "java.lang.X: boom" if config["rate"] != "1" else None
    clock.call_later(0.05, lambda: worker.connectors["a"]["config"].update(rate="7"))
    with pytest.raises(Failure, match=r"boom; connector a was changed by somebody else meanwhile: it was left as it is$"):
        update(operation, old, spec(faulty(rate=2)))
    assert worker.connectors["a"]["config"]["rate"] == "7"


def test_without_rollback_nothing_is_undone(worker: FakeWorker, operation: OperationOn) -> None:
    worker.failing = lambda _config: "java.lang.Boom: no"
    with pytest.raises(Failure, match=r"Boom: no$"):
        create(operation, spec(rollback=False))
    assert worker.writes() == ["POST /connectors"]


# Calls


def calls(worker: FakeWorker) -> list[str]:
    """Requests except polls and the version, which is requested once per process."""
    return worker.lines(excluding=rf"{POLLS}|GET /$")


def test_create_is_a_read_and_a_post(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, spec())
    looks = ["GET /connectors/a/status"]
    assert worker.lines(excluding="GET /$") == [*looks, "POST /connectors", *looks]


@pytest.mark.parametrize(
    ("version", "config"),
    [
        ("3.7.0", {}),
        ("4.3.0", {"tasks_max": 2}),
        ("4.3.0", {"tasks_max_enforce": "false"}),
        ("4.3.0", {"tasks_max": "${env:N}"}),
    ],
)
def test_where_more_tasks_may_follow_the_worker_is_asked_how_many(
    worker: FakeWorker, operation: OperationOn, version: str, config: dict[str, str | int]
) -> None:
    worker.version = version
    create(operation, spec(faulty(**config)))
    assert worker.lines()[-1] == "GET /connectors/a/tasks"


def test_a_status_that_a_deleted_connector_left_is_not_taken_for_the_new_one(
    worker: FakeWorker, operation: OperationOn
) -> None:
    left = {"name": "a", "connector": {"state": "RUNNING"}, "tasks": [{"id": 0, "state": "RUNNING"}], "type": "source"}
    worker.faults = [Fault("GET .*/status", 200, left)]
    create(operation, spec())
    assert worker.writes() == ["POST /connectors"]
    assert worker.lines()[-1] == "GET /connectors/a/tasks"


def test_an_existing_connector_without_a_status_is_not_ours_to_delete(worker: FakeWorker, operation: OperationOn) -> None:
    running(worker)
    worker.failing = lambda _config: "java.lang.Boom: no"
    worker.faults = [Fault("GET .*/status", 404, connect_error(404, "No status found for connector a"))]
    with pytest.raises(Failure, match="Boom"):
        create(operation, spec(adopt="same"))
    assert "a" in worker.connectors
    assert "DELETE /connectors/a" not in worker.lines()


@pytest.mark.parametrize(("is_configured", "requests"), [(True, 9), (False, 13)])
def test_a_changed_key_is_one_put(worker: FakeWorker, operation: OperationOn, is_configured: bool, requests: int) -> None:
    if is_configured:
        worker.runs_on = worker.url.removeprefix("http://")
    create(operation, old := spec())
    worker.requests.clear()
    update(operation, old, spec(faulty(rate=2)))
    assert calls(worker) == ["GET /connectors/a", "PUT /connectors/a/config"]
    assert len(worker.lines()) <= requests, worker.lines()


def test_a_changed_key_without_wait_is_a_read_and_a_put(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, old := spec())
    worker.requests.clear()
    assert update(operation, old, spec(faulty(rate=2), wait=False)).config["rate"] == "2"
    assert worker.lines() == ["GET /connectors/a/status", "PUT /connectors/a/config"]


@pytest.mark.parametrize(
    "inputs", [{"state": "paused"}, {"restart": 1}, {"offsets": []}], ids=["state", "restart", "offsets"]
)
def test_other_changes_also_happen_without_waiting(
    worker: FakeWorker, operation: OperationOn, inputs: dict[str, Any]
) -> None:
    create(operation, old := spec())
    worker.requests.clear()
    update(operation, old, spec(faulty(rate=2), wait=False, **inputs))
    assert "PUT /connectors/a/config" in worker.writes()
    assert len(worker.writes()) > 1


def test_a_missing_connector_is_also_created_without_waiting(worker: FakeWorker, operation: OperationOn) -> None:
    update(operation, spec(), spec(faulty(rate=2), wait=False))
    assert worker.writes() == ["POST /connectors"]


def test_an_equal_configuration_is_not_put(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, old := spec(faulty(rate=2)))
    worker.requests.clear()
    update(operation, old, spec(faulty(rate=2), wait=False, adopt=True))
    assert worker.writes() == []


def test_delete_is_a_delete_and_a_read(worker: FakeWorker, operation: OperationOn) -> None:
    create(operation, spec())
    worker.requests.clear()
    delete(operation, spec())
    assert worker.lines() == ["DELETE /connectors/a", "GET /connectors/a/status"]


# State


@pytest.mark.parametrize(
    ("live", "wanted", "changed", "writes"),
    [
        ("RUNNING", "paused", True, ["pause", "config"]),
        ("PAUSED", "running", True, ["stop", "config", "resume"]),
        ("STOPPED", None, True, ["config"]),
    ],
)
def test_state_and_configuration_change_in_the_order_of_the_plan(
    worker: FakeWorker, operation: OperationOn, live: str, wanted: str | None, changed: bool, writes: list[str]
) -> None:
    running(worker, state=live)
    new = spec(faulty(rate=2) if changed else faulty(), **({"state": wanted} if wanted else {}))
    update(operation, spec(), new)
    assert [line.rpartition("/")[2] for line in worker.writes()] == writes


def test_workers_that_cannot_create_paused_connectors_pause_them_at_once(worker: FakeWorker, operation: OperationOn) -> None:
    worker.version = "3.4.0"
    create(operation, spec(state="paused"))
    assert worker.writes() == ["POST /connectors", "POST /connectors", "PUT /connectors/a/pause"]
    assert operation.listener.warnings == ["a runs for a moment before it is paused: these workers cannot create it so"]
