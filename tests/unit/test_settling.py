"""When a change counts as running, poll by poll, without a clock."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict
from pulumi_kafka_connectors.core.polling import FIRST_POLL
from pulumi_kafka_connectors.core.settling import (
    SETTLE,
    SETTLE_ELSEWHERE,
    SETTLE_SAME,
    SETTLE_SHOWN,
    Settling,
    TasksBefore,
    TasksSeen,
    tasks_before,
    workers_of,
)

BEFORE = [{"rate": "1"}]
OLD, NEW, TWO_NEW, NONE = (TasksSeen(configs) for configs in (BEFORE, [{"rate": "2"}], [{"rate": "2"}] * 2, []))
NEW_AT_WORK = TasksSeen(NEW.configs, at_work=True)


def status(*tasks: str, connector: str = "RUNNING") -> ConnectorStatus:
    shown: list[dict[str, Any]] = [{"id": number, "state": state, "trace": "boom"} for number, state in enumerate(tasks)]
    return ConnectorStatus.model_validate({"name": "a", "connector": {"state": connector}, "tasks": shown})


RUNNING = status("RUNNING")


def health(verdict: Verdict) -> str:
    return verdict.health.value


# No change


def test_without_a_change_the_tasks_are_counted_once_they_run() -> None:
    settling = Settling(State.RUNNING, 0.0)
    assert not settling.needs_tasks(None)
    assert not settling.needs_tasks(status("UNASSIGNED"))
    assert settling.needs_tasks(RUNNING)
    assert health(settling.judge(RUNNING, TasksSeen(BEFORE * 2), 0.1)) == "waiting"
    assert health(settling.judge(RUNNING, OLD, 0.2)) == "healthy"


def test_as_many_tasks_as_there_can_be_need_not_be_counted() -> None:
    settling = Settling(State.RUNNING, 0.0, max_tasks=1)
    assert not settling.needs_tasks(RUNNING)
    assert health(settling.judge(RUNNING, None, 0.1)) == "healthy"
    assert settling.needs_tasks(status())


def test_tasks_of_what_is_paused_or_stopped_are_not_counted() -> None:
    assert not Settling(State.PAUSED, 0.0).needs_tasks(status("PAUSED", connector="PAUSED"))
    assert not Settling(State.STOPPED, 0.0).needs_tasks(status(connector="STOPPED"))


# A change that is visible in the task configurations


def changed(*, shown: bool = True) -> Settling:
    return Settling(State.RUNNING, 0.0, TasksBefore(BEFORE, shown=shown))


@pytest.mark.parametrize(
    ("seen", "seconds", "poll_after"), [(NEW_AT_WORK, SETTLE, SETTLE), (NEW, SETTLE_ELSEWHERE, FIRST_POLL)]
)
def test_new_tasks_count_some_time_after_their_configurations_are_seen(
    seen: TasksSeen, seconds: float, poll_after: float
) -> None:
    settling = changed()
    assert settling.needs_tasks(RUNNING)
    verdict = settling.judge(RUNNING, OLD, 1.0)
    assert verdict == Verdict(Health.WAITING, "it may still start with the new configuration")
    verdict = settling.judge(RUNNING, seen, 2.0)
    assert health(verdict) == "waiting"
    assert verdict.poll_after == pytest.approx(poll_after)
    assert not settling.needs_tasks(RUNNING), "they need not be read again"
    assert settling.judge(RUNNING, None, 2.0 + seconds - 0.04).poll_after == pytest.approx(0.04)
    assert health(settling.judge(RUNNING, None, 2.0 + seconds)) == "healthy"


def test_right_after_a_change_new_tasks_are_looked_for_without_longer_pauses() -> None:
    settling = changed()
    assert settling.judge(RUNNING, OLD, 0.9).poll_after == FIRST_POLL
    assert settling.judge(RUNNING, OLD, 1.0).poll_after is None


@pytest.mark.parametrize(
    ("workers", "asked"),
    [
        (["b:8083"], ["http://u:p@B:8083/"]),
        (["b:8083", "a:8083", "b:8083"], ["http://u:p@B:8083/", "https://a:8083"]),
        (["b:8083", "c:8083"], []),
        (["b:8084"], []),
        ([""], []),
        ([], []),
    ],
)
def test_the_workers_of_the_tasks_are_asked_if_all_are_configured(workers: list[str], asked: list[str]) -> None:
    tasks = [{"id": number, "state": "RUNNING", "worker_id": worker} for number, worker in enumerate(workers)]
    found = ConnectorStatus.model_validate({"name": "a", "connector": {"state": "RUNNING"}, "tasks": tasks})
    assert workers_of(found, ["https://a:8083", "http://u:p@B:8083/"]) == asked
    assert workers_of(None, ["https://a:8083"]) == []


def test_new_tasks_that_are_seen_to_start_count_from_when_they_run() -> None:
    settling = changed()
    settling.judge(RUNNING, NEW, 2.0)
    assert health(settling.judge(status("UNASSIGNED"), None, 2.3)) == "waiting"
    assert health(settling.judge(RUNNING, None, 2.5)) == "waiting"
    assert health(settling.judge(RUNNING, None, 2.3 + SETTLE_ELSEWHERE)) == "healthy"


def test_another_number_of_new_tasks_is_waited_for() -> None:
    settling = changed()
    two = status("RUNNING", "RUNNING")
    assert health(settling.judge(two, TWO_NEW, 2.0)) == "waiting"
    assert health(settling.judge(RUNNING, None, 2.0 + SETTLE_ELSEWHERE)) == "waiting"
    assert health(settling.judge(two, None, 2.0 + 2 * SETTLE_ELSEWHERE)) == "healthy"


def test_a_new_task_that_fails_is_a_failure() -> None:
    settling = changed()
    settling.judge(RUNNING, NEW, 2.0)
    assert health(settling.judge(status("FAILED"), None, 2.1)) == "failed"


def test_old_tasks_that_failed_stay_so_until_they_get_the_change() -> None:
    settling = changed()
    failed = status("FAILED")
    assert settling.needs_tasks(failed)
    assert health(settling.judge(failed, OLD, 1.0)) == "waiting"
    assert health(settling.judge(failed, NEW, 2.0)) == "waiting"
    assert health(settling.judge(failed, None, 2.1)) == "failed"


def test_a_failed_task_is_told_at_once_where_the_change_need_not_show() -> None:
    settling = changed(shown=False)
    failed = status("FAILED")
    assert not settling.needs_tasks(failed)
    assert health(settling.judge(failed, None, 1.0)) == "failed"


def test_a_failed_connector_is_told_whatever_its_tasks_show() -> None:
    failed = status("FAILED", connector="FAILED")
    settling = changed()
    assert not settling.needs_tasks(failed)
    assert health(settling.judge(failed, None, 1.0)) == "failed"


@pytest.mark.parametrize(("shown", "seconds"), [(False, SETTLE_SAME), (True, SETTLE_SHOWN)])
def test_a_change_that_does_not_show_counts_after_a_time(shown: bool, seconds: float) -> None:
    settling = changed(shown=shown)
    assert health(settling.judge(RUNNING, OLD, seconds - 0.01)) == "waiting"
    assert health(settling.judge(RUNNING, OLD, seconds)) == "healthy"
    assert (SETTLE_SAME, SETTLE_SHOWN) == (2.0, 15.0)


def test_a_connector_without_tasks_after_a_change_is_empty() -> None:
    settling = changed()
    assert settling.needs_tasks(status())
    assert health(settling.judge(status(), NONE, 1.0)) == "empty"


def test_a_paused_connector_counts_some_time_after_the_change_or_after_it_was_seen_to_start() -> None:
    paused = status(connector="PAUSED")
    settling = Settling(State.PAUSED, 10.0, TasksBefore(BEFORE, shown=True))
    assert not settling.needs_tasks(paused)
    assert health(settling.judge(paused, None, 10.4)) == "waiting"
    assert health(settling.judge(status(connector="UNASSIGNED"), None, 10.4)) == "waiting"
    assert health(settling.judge(paused, None, 10.4 + SETTLE_ELSEWHERE - 0.01)) == "waiting"
    assert health(settling.judge(paused, None, 10.4 + SETTLE_ELSEWHERE)) == "healthy"


# Whether a change will be visible


@pytest.mark.parametrize(
    ("tasks", "new", "shown"),
    [
        (({"a": "1"},), {"a": "2"}, True),
        (({"x": "1"}, {"a": "1"}), {"a": "2"}, True),
        (({"a": "other"},), {"a": "2"}, False),
        (({"a": "1"},), {"a": "1", "b": "new"}, False),
        (({"a": "1"},), {}, True),
        ((), {"a": "2"}, False),
    ],
)
def test_a_change_shows_where_the_old_value_of_its_key_reached_a_task(
    tasks: tuple[dict[str, str], ...], new: dict[str, str], shown: bool
) -> None:
    found = Observed({"a": "1"}, RUNNING, "source", tasks)
    assert tasks_before(found, new) == TasksBefore(tasks, shown=shown)
