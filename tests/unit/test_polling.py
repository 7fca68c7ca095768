"""Polling, on a fake clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import pytest

from pulumi_kafka_connectors.core.health import Health, Verdict
from pulumi_kafka_connectors.core.polling import EMPTY_GRACE, NotReady, Poll
from tests.support.clock import FakeClock

HEALTHY, FAILED = Verdict(Health.HEALTHY), Verdict(Health.FAILED, "boom")
WAITING, EMPTY = Verdict(Health.WAITING, "1 of 2 tasks running"), Verdict(Health.EMPTY, "it runs without tasks")


class Looks:
    """Returns the verdicts one after the other, and repeats the last one."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.count = 0
        self._verdicts: Iterator[Verdict] = iter(verdicts)
        self._last = verdicts[-1]

    def __call__(self) -> Verdict:
        self.count += 1
        self._last = next(self._verdicts, self._last)
        return self._last


def poll(clock: FakeClock, seconds: float = 60.0, **options: object) -> Poll:
    return Poll(clock, clock.now() + seconds, **options)  # type: ignore[arg-type]


def rounded(numbers: Iterable[float]) -> list[float]:
    return [round(number, 4) for number in numbers]


def test_a_connector_that_is_healthy_at_once_needs_no_pause() -> None:
    clock = FakeClock()
    assert poll(clock).until_decided(Looks(HEALTHY)) is HEALTHY
    assert clock.sleeps == []


def test_pauses_grow_by_a_quarter_from_a_tenth_of_a_second_to_one_second() -> None:
    clock = FakeClock()
    poll(clock).until_decided(Looks(*[WAITING] * 14, HEALTHY))
    assert rounded(clock.sleeps[:4]) == [0.1, 0.125, 0.1562, 0.1953]
    assert clock.sleeps[10] < 1.0
    assert clock.sleeps[-3:] == [1.0, 1.0, 1.0]


def test_a_verdict_may_set_the_next_poll() -> None:
    clock = FakeClock()
    poll(clock).until_decided(Looks(Verdict(Health.WAITING, "soon", poll_after=0.03), HEALTHY))
    assert clock.sleeps == [0.03]


def test_one_failure_may_belong_to_an_older_generation_but_not_two_in_a_row() -> None:
    clock = FakeClock()
    assert poll(clock).until_decided(Looks(FAILED, HEALTHY)) is HEALTHY
    assert poll(clock).until_decided(Looks(FAILED, WAITING, FAILED, HEALTHY)) is HEALTHY
    looks = Looks(FAILED)
    assert poll(clock).until_decided(looks) is FAILED
    assert looks.count == 2


def test_a_failed_connector_is_restarted_once_and_then_reported() -> None:
    clock, restarts = FakeClock(), list[float]()
    wait = poll(clock, restart_failed=lambda: restarts.append(clock.now()))
    looks = Looks(FAILED, FAILED, HEALTHY, FAILED, FAILED)
    assert wait.until_decided(looks) is FAILED
    assert len(restarts) == 1
    assert looks.count == 5


def test_a_restarted_connector_must_run_for_a_while() -> None:
    clock = FakeClock()
    wait = poll(clock, restart_failed=lambda: None)
    looks = Looks(FAILED, FAILED, HEALTHY)
    began = clock.now()
    assert wait.until_decided(looks) is HEALTHY
    # 0.1 s to the second failure, 0.1 s to the first healthy look, and then ten seconds.
    assert 10.2 <= clock.now() - began < 11.3
    began = clock.now()
    assert (
        poll(clock, restart_failed=lambda: None, settle_restarted=0.5).until_decided(Looks(FAILED, FAILED, HEALTHY))
        is HEALTHY
    )
    assert 0.7 <= clock.now() - began < 1.0


def test_tasks_may_have_to_run_for_some_seconds_without_a_failure() -> None:
    clock = FakeClock()
    began = clock.now()
    assert poll(clock, settle=3).until_decided(Looks(HEALTHY)) is HEALTHY
    assert 3 <= clock.now() - began < 4.1
    looks = Looks(HEALTHY, HEALTHY, WAITING, *[HEALTHY] * 3, FAILED)
    assert poll(clock, settle=3).until_decided(looks) is FAILED


def test_a_restarted_connector_counts_as_healthy_when_the_time_is_up() -> None:
    clock = FakeClock()
    looks = Looks(FAILED, FAILED, HEALTHY)
    assert poll(clock, 0.3, restart_failed=lambda: None).until_decided(looks) is HEALTHY
    assert looks.count < 6


def test_a_connector_without_tasks_counts_after_an_uninterrupted_grace_period() -> None:
    clock = FakeClock()
    began = clock.now()
    assert poll(clock).until_decided(Looks(EMPTY)) is EMPTY
    assert EMPTY_GRACE <= clock.now() - began < EMPTY_GRACE + 1
    began = clock.now()
    assert poll(clock).until_decided(Looks(EMPTY, EMPTY, WAITING, EMPTY)) is EMPTY
    assert clock.now() - began >= EMPTY_GRACE + 0.3


def test_a_timeout_reports_what_is_missing_and_after_how_long() -> None:
    clock = FakeClock()
    began = clock.now()
    with pytest.raises(NotReady, match=r"^not ready after 7 s: 1 of 2 tasks running$"):
        poll(clock, 7).until_decided(Looks(WAITING))
    assert 6 <= clock.now() - began <= 7


def test_an_expired_deadline_still_allows_one_poll() -> None:
    clock = FakeClock()
    looks = Looks(WAITING)
    with pytest.raises(NotReady, match="not ready after 0 s"):
        poll(clock, 0).until_decided(looks)
    assert looks.count == 1
    assert poll(clock, 0).until_decided(Looks(HEALTHY)) is HEALTHY


def test_progress_is_reported_every_two_seconds() -> None:
    clock, reported = FakeClock(), list[float]()
    began = clock.now()
    with pytest.raises(NotReady):
        poll(clock, 11, progress=lambda text: reported.append(clock.now() - began)).until_decided(Looks(WAITING))
    assert len(reported) == 3
    assert reported[0] > 2
    assert all(later - earlier > 2 for earlier, later in itertools.pairwise(reported))


def test_progress_is_the_reason() -> None:
    clock, reported = FakeClock(), list[str]()
    poll(clock, progress=reported.append).until_decided(Looks(*[WAITING] * 12, HEALTHY))
    assert set(reported) == {"1 of 2 tasks running"}
