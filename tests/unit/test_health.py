from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Health, Observed, evaluate, root_cause

TRACE = """org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.
\tat org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:618)
Caused by: java.lang.IllegalStateException: middle
\tat x.Y.z(Y.java:1)
Caused by: java.sql.SQLException: no such table
\tat x.Y.z(Y.java:2)
"""


def status(connector: str, *tasks: str, trace: str | None = None) -> ConnectorStatus:
    return ConnectorStatus.model_validate(
        {
            "name": "a",
            "connector": {"state": connector, "worker_id": "w:1", "trace": trace},
            "tasks": [{"id": at, "state": state, "worker_id": "w:2", "trace": trace} for at, state in enumerate(tasks)],
        }
    )


@pytest.mark.parametrize(
    ("given", "wanted", "expected", "health", "reason"),
    [
        (None, "running", None, Health.WAITING, "it has no status yet"),
        (status("RUNNING", "RUNNING"), "running", 1, Health.HEALTHY, ""),
        (status("RUNNING", "RUNNING", "RUNNING"), "running", None, Health.HEALTHY, ""),
        (status("RUNNING"), "running", 0, Health.EMPTY, "it runs without tasks"),
        (status("RUNNING"), "running", 2, Health.WAITING, "0 of 2 tasks running"),
        (status("RUNNING", "RUNNING"), "running", 2, Health.WAITING, "1 of 2 tasks running"),
        (status("RUNNING", "RUNNING", "RUNNING"), "running", 1, Health.WAITING, "2 of 2 tasks running"),
        (status("RUNNING", "RUNNING", "UNASSIGNED"), "running", 2, Health.WAITING, "1 of 2 tasks running (1 unassigned)"),
        (status("UNASSIGNED", "RUNNING"), "running", 1, Health.WAITING, "the connector is unassigned on w:1"),
        (status("RESTARTING"), "running", None, Health.WAITING, "the connector is restarting on w:1"),
        (status("SOMETHING_NEW"), "running", None, Health.WAITING, "the connector is something_new on w:1"),
        (status("FAILED", "RUNNING", trace="x.Y: z"), "running", 1, Health.FAILED, "the connector failed on w:1: x.Y: z"),
        (status("FAILED"), "stopped", 1, Health.FAILED, "the connector failed on w:1: the worker reports no stack trace"),
        (status("RUNNING", "RUNNING", "FAILED", trace="b"), "running", 2, Health.FAILED, "task 1 failed on w:2: b"),
        (status("RUNNING", "FAILED", "FAILED", trace="b"), "running", 2, Health.FAILED,
         "task 0 failed on w:2: b (2 of 2 tasks failed)"),
        (status("PAUSED", "PAUSED"), "paused", None, Health.HEALTHY, ""),
        (status("PAUSED"), "paused", None, Health.HEALTHY, ""),
        (status("PAUSED", "RUNNING"), "paused", None, Health.WAITING, "0 of 1 tasks paused (1 running)"),
        (status("RUNNING", "PAUSED"), "paused", None, Health.WAITING, "the connector is running on w:1"),
        (status("STOPPED"), "stopped", None, Health.HEALTHY, ""),
        (status("STOPPED", "RUNNING"), "stopped", None, Health.WAITING, "1 task has not stopped yet"),
        (status("STOPPED", "FAILED"), "stopped", None, Health.WAITING, "1 task has not stopped yet"),
        (status("PAUSED", "PAUSED"), "running", 1, Health.WAITING, "the connector is paused on w:1"),
    ],
)  # fmt: skip
def test_a_status_has_one_verdict(
    given: ConnectorStatus | None, wanted: str, expected: int | None, health: Health, reason: str
) -> None:
    verdict = evaluate(given, State(wanted), expected)
    assert (verdict.health, verdict.reason) == (health, reason)


def test_a_trace_is_summarized_by_its_first_line_and_root_cause() -> None:
    assert root_cause(TRACE) == (
        "org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception. "
        "(caused by java.sql.SQLException: no such table)"
    )
    assert root_cause("a: b\n\tat c") == "a: b"
    assert root_cause("") == root_cause(None) == "the worker reports no stack trace"


def test_a_root_cause_in_the_first_line_is_not_repeated() -> None:
    assert root_cause("a.B: java.sql.X: no\nCaused by: java.sql.X: no") == "a.B: java.sql.X: no"


@pytest.mark.parametrize(
    ("given", "state", "target", "failed"),
    [
        (None, "unassigned", "running", False),
        (status("RUNNING", "RUNNING"), "running", "running", False),
        (status("RUNNING", "RUNNING", "FAILED"), "failed", "running", True),
        (status("FAILED"), "failed", "running", True),
        (status("PAUSED", "PAUSED"), "paused", "paused", False),
        (status("PAUSED", "FAILED"), "failed", "paused", True),
        (status("STOPPED"), "stopped", "stopped", False),
        (status("UNASSIGNED"), "unassigned", "running", False),
        (status("RESTARTING"), "restarting", "running", False),
        (status("SOMETHING_NEW"), "something_new", "running", False),
    ],
)
def test_an_observed_connector_has_a_state_and_a_target_state(
    given: ConnectorStatus | None, state: str, target: str, failed: bool
) -> None:
    observed = Observed({}, given, "source")
    assert (observed.state.word, observed.target.word, observed.failed) == (state, target, failed)


def test_outputs_are_lower_case_with_the_version_only_if_reported() -> None:
    observed = Observed({}, status("RUNNING", "RUNNING", "FAILED"), "sink")
    tasks = [{"id": 0, "state": "running"}, {"id": 1, "state": "failed"}]
    assert observed.outputs == {"status": "failed", "type": "sink", "tasks": tasks}
    status_with_version = ConnectorStatus.model_validate({"name": "a", "connector": {"state": "PAUSED", "version": "7.1"}})
    assert Observed({}, status_with_version, "sink").outputs == {
        "status": "paused",
        "type": "sink",
        "tasks": [],
        "version": "7.1",
    }
    assert Observed({}, None, "unknown").outputs == {"status": "unassigned", "type": "unknown", "tasks": []}


def test_a_long_first_line_is_cut_between_words_and_never_hides_the_root_cause() -> None:
    long = "org.X: " + "word " * 1000
    assert root_cause(f"{long}\n\tat y\nCaused by: org.Y: the disk is full") == (
        "org.X: " + "word " * 158 + "... (caused by org.Y: the disk is full)"
    )
    assert len(root_cause(f"{long}\nCaused by: {long}x")) < 1700
    assert root_cause("x" * 900) == "x" * 800 + " ..."
    assert root_cause("x" * 800) == "x" * 800
