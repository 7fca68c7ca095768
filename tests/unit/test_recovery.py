"""What is restarted, when again, and when it counts as running: pure."""

from __future__ import annotations

import itertools

import pytest

from pulumi_kafka_connectors.cli.recovery import Outcome, Recovery, first_result, held, pauses, unready
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.connect.states import State


def shown(instance: str | None, *tasks: str) -> Shown:
    """A connector whose parts are in these states."""
    parts = tuple(part(state, number) for number, state in enumerate(tasks))
    return Shown("a", "sink", part(instance) if instance else None, parts)


def part(state: str, task: int | None = None) -> Part:
    return Part(task, State(state), "w:8083", "org.Oops: no" if state == "FAILED" else "")


@pytest.mark.parametrize(
    ("instance", "tasks", "outcome"),
    [
        ("RUNNING", ["RUNNING"], Outcome.RUNNING),
        ("RUNNING", [], Outcome.RUNNING),
        ("RUNNING", ["RUNNING", "FAILED"], Outcome.FAILED),
        ("FAILED", [], Outcome.FAILED),
        ("FAILED", ["RUNNING"], Outcome.FAILED),
        ("RUNNING", ["UNASSIGNED"], Outcome.WAITING),
        ("UNASSIGNED", ["FAILED"], Outcome.FAILED),
        (None, [], Outcome.WAITING),
        ("PAUSED", ["FAILED"], Outcome.HELD),
        ("STOPPED", [], Outcome.HELD),
        ("FAILED", ["PAUSED", "FAILED"], Outcome.HELD),
        ("FAILED", ["FAILED"], Outcome.FAILED),
        ("FAILED", ["PAUSED", "RUNNING"], Outcome.FAILED),
    ],
)
def test_a_paused_or_stopped_connector_is_left_alone_and_a_failed_one_is_not(
    instance: str | None, tasks: list[str], outcome: Outcome
) -> None:
    assert first_result(shown(instance, *tasks)).outcome is outcome


def test_a_connector_that_is_not_there_is_missing() -> None:
    assert first_result(Shown("a", found=False)).outcome is Outcome.MISSING


def test_every_failure_is_told_with_its_place_and_root_cause() -> None:
    result = first_result(shown("FAILED", "RUNNING", "FAILED"))
    assert result.reason == "the connector failed on w:8083: org.Oops: no; task 1 failed on w:8083: org.Oops: no"
    assert list(result.failures) == result.reason.split("; ")


def test_what_is_not_ready_is_named() -> None:
    assert unready(shown("RUNNING", "RUNNING", "UNASSIGNED")) == "task 1 is unassigned"
    assert unready(shown(None)) == "it has no status yet"
    assert unready(shown("RUNNING", "RUNNING")) == "it has not been running for long enough"
    assert held(shown("RUNNING")) == ""


def test_pauses_double_up_to_five_minutes() -> None:
    assert list(itertools.islice(pauses(), 9)) == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def outcomes(*looks: tuple[float, Shown]) -> list[Outcome]:
    judge = Recovery(restarted=0.0, settle=10.0)
    return [judge.see(now, seen) for now, seen in looks]


def test_it_counts_as_running_after_ten_seconds_without_interruption() -> None:
    runs, starts = shown("RUNNING", "RUNNING"), shown("RUNNING", "RESTARTING")
    assert outcomes((0, starts), (1, runs), (10.9, runs), (11, runs)) == [Outcome.WAITING] * 3 + [Outcome.RUNNING]
    assert outcomes((0, runs), (9, starts), (10, runs), (19, runs))[-1] is Outcome.WAITING


def test_a_failure_right_after_the_restart_may_be_the_former_one() -> None:
    failed, runs = shown("RUNNING", "FAILED"), shown("RUNNING", "RUNNING")
    seen = outcomes((0, failed), (0.4, failed), (0.9, failed), (1.2, runs), (11.2, runs))
    assert seen == [Outcome.WAITING] * 4 + [Outcome.RUNNING]


def test_a_failure_counts_when_it_is_seen_twice_in_a_row() -> None:
    failed, runs = shown("RUNNING", "FAILED"), shown("RUNNING", "RUNNING")
    assert outcomes((1, failed), (2, failed)) == [Outcome.WAITING, Outcome.FAILED]
    assert outcomes((1, failed), (2, runs), (3, failed))[-1] is Outcome.WAITING


def test_a_connector_that_is_paused_or_deleted_meanwhile_is_waited_for_no_longer() -> None:
    assert outcomes((1, shown("PAUSED", "PAUSED"))) == [Outcome.HELD]
    assert outcomes((1, Shown("a", found=False))) == [Outcome.MISSING]
