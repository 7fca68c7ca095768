"""Decisions of the transport: pauses, order of workers, time limits, and classification of failures."""

from __future__ import annotations

import itertools
import math
import ssl

import pytest
import requests
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from pulumi_kafka_connectors.connect import (
    SYSTEM,
    Busy,
    Clock,
    ConnectError,
    OutcomeUnknown,
    Retry,
    Settings,
    Unreachable,
    Unsendable,
)
from pulumi_kafka_connectors.connect.errors import RequestContext
from pulumi_kafka_connectors.connect.failover import Patience, Turns
from pulumi_kafka_connectors.connect.transport import (
    Limits,
    NotSent,
    Received,
    Request,
    ResponseLost,
    TlsFailed,
    classify_failure,
    parse_response,
)
from tests.support.clock import FakeClock

BUSY = Busy("GET", "u", 503, "")
GONE = Unreachable("gone")
CONTEXT = RequestContext("GET", "https://u:hunter2@w:1/connectors?token=hunter2")
LIMITS = Limits(3, 7, 10)


def test_pauses_double_up_to_the_longest() -> None:
    retry = Retry(first=0.1, longest=0.5)
    assert list(itertools.islice(retry.waits(lambda _low, high: high), 5)) == pytest.approx([0.1, 0.2, 0.4, 0.5, 0.5])


def test_pauses_are_shortened_by_up_to_a_half() -> None:
    ranges: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        ranges.append((low, high))
        return low

    assert list(itertools.islice(Retry(first=1, longest=8).waits(jitter), 3)) == [0.5, 1.0, 2.0]
    assert ranges == [(0.5, 1.0)] * 3


def test_by_default_requests_are_tried_for_two_minutes() -> None:
    assert (Retry().seconds, Retry().first, Retry().longest) == (120, 0.1, 2)


def test_the_default_timeout_is_longer_than_that_of_a_worker() -> None:
    assert (Settings(urls=()).timeout, Settings(urls=()).connect) == (95, 10)


def test_turns_are_round_robin_from_the_first() -> None:
    turns = Turns(3, 1)
    assert [turns.next() for _ in range(7)] == [1, 2, 0, 1, 2, 0, 1]
    assert turns.tried == [1, 2, 0]


def test_an_excluded_worker_has_no_turn() -> None:
    turns = Turns(3, 0)
    turns.next()
    turns.out(0)
    assert [turns.next() for _ in range(4)] == [1, 2, 1, 2]
    assert turns.tried == [0, 1, 2]
    assert not turns.none_left
    turns.out(1)
    turns.out(2)
    assert turns.none_left


def test_a_round_is_over_when_all_were_tried_equally_often() -> None:
    turns = Turns(2, 0)
    seen = []
    for _ in range(4):
        turns.next()
        seen.append((turns.untried, turns.round_over))
    assert seen == [(True, False), (False, True), (False, False), (False, True)]


def test_a_round_is_not_over_when_one_worker_is_excluded() -> None:
    turns = Turns(3, 0)
    turns.next()
    turns.out(0)
    assert (turns.untried, turns.round_over) == (True, False)
    turns.next()
    assert (turns.untried, turns.round_over) == (True, False)
    turns.next()
    assert (turns.untried, turns.round_over) == (False, True)


def patience(until: float = 10, deadline: float = math.inf) -> Patience:
    return Patience(until, deadline, itertools.repeat(2.0))


def turns_after(tries: int, count: int = 2) -> Turns:
    turns = Turns(count, 0)
    for _ in range(tries):
        turns.next()
    return turns


PAUSES: list[tuple[float, ConnectError, int, Patience, float | None]] = [
    (5, GONE, 1, patience(), 0.0),
    (5, GONE, 2, patience(), 2.0),
    (5, BUSY, 1, patience(), 2.0),
    (9, BUSY, 1, patience(), 1.0),
    (9, GONE, 2, patience(), 1.0),
    (10, GONE, 1, patience(), 0.0),
    (10, BUSY, 1, patience(), 0.0),
    (99, GONE, 1, patience(), 0.0),
    (99, BUSY, 1, patience(), 0.0),
    (10, GONE, 2, patience(), None),
    (9.75, GONE, 2, patience(), 0.25),
    (10, BUSY, 3, patience(), None),
    (4, GONE, 1, patience(4, 4), None),
    (3.5, GONE, 1, patience(4, 4), 0.0),
    (3.5, BUSY, 1, patience(4, 4), 0.5),
    (3.5, BUSY, 2, patience(4, 4), 0.5),
]


@pytest.mark.parametrize(("now", "problem", "tries", "patient", "pause"), PAUSES)
def test_the_pause_before_the_next_attempt(
    now: float, problem: ConnectError, tries: int, patient: Patience, pause: float | None
) -> None:
    assert patient.pause(now, problem, turns_after(tries)) == pause


def test_there_is_no_next_attempt_when_all_are_excluded() -> None:
    turns = turns_after(1, count=1)
    turns.out(0)
    assert patience().pause(0, GONE, turns) is None


@pytest.mark.parametrize(
    ("left", "limits"),
    [
        (math.inf, Limits(10, 95, 105)),
        (100, Limits(10, 95, 100)),
        (50, Limits(10, 50, 50)),
        (5, Limits(5, 5, 5)),
    ],
)
def test_no_limit_exceeds_the_time_left(left: float, limits: Limits) -> None:
    assert Limits.within(Settings(urls=()), left) == limits


def test_limits_that_sockets_reject_are_capped() -> None:
    assert Limits.within(Settings(urls=(), timeout=1e12, connect=math.inf), math.inf) == Limits(1e8, 1e8, 2e8)


@pytest.mark.parametrize(
    ("method", "repeatable", "repeats"),
    [
        ("GET", None, True),
        ("PUT", None, True),
        ("DELETE", None, True),
        ("PATCH", None, True),
        ("POST", None, False),
        ("POST", True, True),
        ("PUT", False, False),
    ],
)
def test_every_request_but_a_post_may_be_repeated(method: str, repeatable: bool | None, repeats: bool) -> None:
    assert Request(method, "/", repeatable=repeatable).may_repeat is repeats


def test_the_repr_of_requests_and_responses_shows_no_body() -> None:
    assert "hunter2" not in repr(Request("PUT", "/", body={"password": "hunter2"}))
    assert "hunter2" not in repr(Received(200, {"X": "hunter2"}, b"hunter2", whole=True))


TIMED_OUT = requests.exceptions.ReadTimeout(ReadTimeoutError(None, "u", "Read timed out."))  # type: ignore[arg-type]
REFUSED = requests.exceptions.ConnectionError(NewConnectionError(None, "refused"))  # type: ignore[arg-type]
CERTIFICATE = requests.exceptions.SSLError(ssl.SSLCertVerificationError("[SSL: CERTIFICATE_VERIFY_FAILED]"))
CUT = requests.exceptions.SSLError(ssl.SSLEOFError("EOF occurred in violation of protocol"))
RESET = requests.exceptions.ConnectionError(ConnectionResetError(104, "reset"))
HALF = requests.exceptions.ChunkedEncodingError("broken")

FAILURES: list[tuple[Exception, bool, type[ConnectError], str]] = [
    (TIMED_OUT, True, ResponseLost, "GET https://w:1/connectors: no answer within 7 s"),
    (TIMED_OUT, False, NotSent, "https://w:1: no connection within 3 s"),
    (TimeoutError("timed out"), True, ResponseLost, "GET https://w:1/connectors: no answer within 7 s"),
    (REFUSED, False, NotSent, "https://w:1: connection refused"),
    (CERTIFICATE, False, TlsFailed, "https://w:1: the server's certificate is not trusted (set `ca` to its authority's certificate)"),
    (CERTIFICATE, True, TlsFailed, "https://w:1: the server's certificate is not trusted (set `ca` to its authority's certificate)"),
    (CUT, False, NotSent, "https://w:1: the TLS connection could not be established"),
    (RESET, False, NotSent, "https://w:1: the connection was closed while it was being established"),
    (RESET, True, ResponseLost, "GET https://w:1/connectors: the connection was closed without an answer (is it https instead of http?)"),
    (CUT, True, ResponseLost, "GET https://w:1/connectors: the connection was closed without an answer (is it https instead of http?)"),
    (HALF, True, ResponseLost, "GET https://w:1/connectors: the body was cut off"),
    (UnicodeError("hunter2"), False, Unsendable, "https://w:1: this address, or that of the proxy, cannot be used"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "sent", "kind", "text"), FAILURES)
def test_what_a_failed_exchange_means(error: Exception, sent: bool, kind: type[ConnectError], text: str) -> None:
    found = classify_failure(error, CONTEXT, LIMITS, sent=sent)
    assert (type(found), str(found)) == (kind, text)


@pytest.mark.parametrize(("status", "data"), [(200, [1]), (201, [1]), (299, [1])])
def test_an_answer_keeps_status_and_worker(status: int, data: object) -> None:
    answer = parse_response(Received(status, {}, b"[1]", whole=True), Request("GET", "/"), CONTEXT, "w")
    assert (answer.status, answer.data, answer.worker) == (status, data, "w")


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_answer_without_a_body_has_no_data(body: bytes) -> None:
    assert parse_response(Received(204, {}, body, whole=True), Request("PUT", "/"), CONTEXT, "w").data is None


def test_an_unreadable_answer_to_a_post_is_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown, match="201 with 1 bytes of no content type instead of JSON"):
        parse_response(Received(201, {}, b"<", whole=True), Request("POST", "/"), CONTEXT, "w")


def test_the_fake_clock_advances_at_once() -> None:
    clock = FakeClock(5)
    clock.sleep(2)
    clock.advance(1)
    assert (clock.now(), clock.sleeps) == (8, [2])


def test_the_system_clock_advances() -> None:
    before = SYSTEM.now()
    Clock().sleep(0.001)
    assert SYSTEM.now() > before
