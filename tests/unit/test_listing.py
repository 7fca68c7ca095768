"""One shared request for concurrent callers, on a fake clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_kafka_connectors.connect import ConnectError, Unreachable, Unsupported
from pulumi_kafka_connectors.connect.models import Expanded
from pulumi_kafka_connectors.core.cluster import in_background
from pulumi_kafka_connectors.core.listing import GATHER, LONGEST_SHARE, SHARE_FACTOR, SHARE_SECONDS, Listing
from tests.support.clock import FakeClock
from tests.support.waiting import wait_until

FOREVER = 10**9


class Workers:
    """Returns listings; each takes `took` seconds, and waits for `open` first."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.took = clock, 0.0
        self.began: list[float] = []
        self.busy = self.busiest = 0
        self.open = threading.Event()
        self.open.set()
        self.problem: Exception | None = None

    def fetch(self) -> dict[str, Expanded]:
        self.began.append(self.clock.now())
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        assert self.open.wait(10)
        self.clock.advance(self.took)
        self.busy -= 1
        if self.problem is not None:
            raise self.problem
        return {f"c{len(self.began)}": Expanded()}


def at_once(call: Callable[[], None]) -> None:
    call()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def workers(clock: FakeClock) -> Workers:
    return Workers(clock)


def test_an_answer_that_is_recent_enough_is_shared(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, at_once)
    first = listing.entries(clock.now(), FOREVER)
    began = workers.began[0]
    assert listing.entries(began, FOREVER) is first
    assert listing.entries(began + 0.001, FOREVER) is not first
    assert len(workers.began) == 2


def test_a_request_waits_a_moment_for_others_to_share_it(clock: FakeClock, workers: Workers) -> None:
    asked = clock.now()
    Listing(workers.fetch, clock, at_once).entries(asked, FOREVER)
    assert workers.began == [asked + GATHER]


def test_its_length_is_the_number_of_connectors(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, at_once)
    assert len(listing) == 0
    listing.entries(clock.now(), FOREVER)
    assert len(listing) == 1


def test_all_callers_during_a_request_share_the_next_one(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, in_background)
    workers.open.clear()
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(listing.entries, clock.now(), FOREVER)
        wait_until(lambda: len(workers.began) == 1)
        clock.advance(0.1)
        others = [threads.submit(listing.entries, clock.now(), FOREVER) for _ in range(8)]
        wait_until(lambda: listing._next is not None)
        workers.open.set()
        assert first.result() == {"c1": Expanded()}
        assert [other.result() for other in others] == [{"c2": Expanded()}] * 8
    assert len(workers.began) == 2
    assert workers.busiest == 1


def test_a_caller_that_needs_nothing_newer_joins_the_request_in_progress(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, in_background)
    workers.open.clear()
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(listing.entries, clock.now(), FOREVER)
        wait_until(lambda: len(workers.began) == 1)
        second = threads.submit(listing.entries, workers.began[0], FOREVER)
        workers.open.set()
        assert first.result() is second.result()
    assert len(workers.began) == 1


def test_a_timeout_of_one_caller_does_not_affect_others(clock: FakeClock, workers: Workers) -> None:
    # One caller with a short deadline once made all others fail.
    listing = Listing(workers.fetch, clock, in_background)
    workers.open.clear()
    with ThreadPoolExecutor(16) as threads:
        others = [threads.submit(listing.entries, clock.now(), FOREVER) for _ in range(15)]
        wait_until(lambda: len(workers.began) == 1)
        assert listing.entries(clock.now(), clock.now()) is None
        workers.open.set()
        assert all(other.result() is not None for other in others)


def test_a_failure_is_not_cached(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, at_once)
    workers.problem = Unreachable("gone")
    assert listing.entries(clock.now(), FOREVER) is None
    workers.problem = None
    assert listing.entries(clock.now(), FOREVER) == {"c2": Expanded()}


def test_lack_of_support_for_listings_is_cached(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, at_once)
    workers.problem = Unsupported("GET /connectors?expand=", "2.3.0", "the worker")
    assert listing.entries(clock.now(), FOREVER) is None
    workers.problem = None
    assert listing.entries(clock.now(), FOREVER) is None
    assert len(workers.began) == 1
    assert issubclass(Unsupported, ConnectError)


def test_a_defect_reaches_the_waiting_callers_and_the_next_request_works(clock: FakeClock, workers: Workers) -> None:
    listing = Listing(workers.fetch, clock, in_background)
    workers.problem = ZeroDivisionError("defect")
    with pytest.raises(ZeroDivisionError):
        listing.entries(clock.now(), FOREVER)
    wait_until(lambda: listing._running is None)
    workers.problem = None
    assert listing.entries(clock.now(), FOREVER) is not None


# Sequential callers


def ages(listing: Listing, clock: FakeClock, workers: Workers, changed_at: float) -> float:
    """The age in seconds of the oldest listing that is still shared."""
    listing.recent(-1.0, FOREVER)
    count = len(workers.began)
    while True:
        listing.recent(changed_at, FOREVER)
        if len(workers.began) > count:
            return clock.now() - workers.took - GATHER - workers.began[-2]
        clock.advance(0.1)


@pytest.mark.parametrize(
    ("took", "expected"),
    [(0.0, SHARE_SECONDS), (0.01, SHARE_SECONDS), (0.05, 0.05 * SHARE_FACTOR), (1.0, LONGEST_SHARE + 1.0)],
)
def test_the_longer_a_listing_takes_the_longer_it_is_shared(
    clock: FakeClock, workers: Workers, took: float, expected: float
) -> None:
    workers.took = took
    assert ages(Listing(workers.fetch, clock, at_once), clock, workers, -1.0) == pytest.approx(expected, abs=0.15)


def test_after_a_change_by_this_process_no_older_listing_is_shared(clock: FakeClock, workers: Workers) -> None:
    workers.took = 1.0
    assert ages(Listing(workers.fetch, clock, at_once), clock, workers, FOREVER) == pytest.approx(1.0, abs=0.15)
