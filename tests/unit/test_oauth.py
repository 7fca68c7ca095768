"""The request for a token, its answer, and how long a token is shared."""

from __future__ import annotations

import json
import math
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest

from pulumi_kafka_connectors.connect import BadAnswer, ConnectError, OAuth, TokenRefused, TokenUnavailable
from pulumi_kafka_connectors.connect.oauth import Token, Tokens, parse_token, token_body, token_headers
from tests.support.clock import FakeClock
from tests.support.waiting import wait_until

URL = "https://login.internal/oauth/token?tenant=hunter2"
JSON = {"Content-Type": "application/json"}


def parsed(body: object, status: int = 200) -> Token:
    return parse_token(URL, status, JSON, body if isinstance(body, bytes) else json.dumps(body).encode())


def failure(body: object, status: int = 200) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        parsed(body, status)
    assert "hunter2" not in str(caught.value)
    return caught.value


# The request


def test_the_client_is_sent_as_basic_authentication_of_form_encoded_texts() -> None:
    headers = token_headers(OAuth(URL, "a client", "s:cret+ü"))
    assert headers["Authorization"] == "Basic YStjbGllbnQ6cyUzQWNyZXQlMkIlQzMlQkM="
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), {"grant_type": ["client_credentials"]}),
        (("connect:write",), {"grant_type": ["client_credentials"], "scope": ["connect:write"]}),
        (("a", "b/c"), {"grant_type": ["client_credentials"], "scope": ["a b/c"]}),
    ],
)
def test_the_body_is_a_form_without_the_secret(scopes: tuple[str, ...], expected: dict[str, list[str]]) -> None:
    assert parse_qs(token_body(OAuth(URL, "c", "hunter2", scopes)).decode()) == expected


# The answer


@pytest.mark.parametrize(
    ("body", "token"),
    [
        ({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}, Token("t", 3600)),
        ({"access_token": "t", "token_type": "bearer", "expires_in": "60"}, Token("t", 60)),
        ({"access_token": "t", "token_type": "BEARER", "expires_in": 59.9}, Token("t", 59)),
        ({"access_token": "t", "expires_in": -5}, Token("t", 0)),
        ({"access_token": "t", "expires_in": None}, Token("t")),
        ({"access_token": "t", "scope": "other than asked for", "refresh_token": "r", "x": [1]}, Token("t")),
        (b"access_token=t&token_type=bearer&expires_in=60", Token("t", 60)),
    ],
)
def test_a_token_and_its_lifetime(body: object, token: Token) -> None:
    assert parsed(body) == token


HOSTILE: list[object] = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"hunter2"',
    b"\xff\xfe",
    b"<html>hunter2</html>",
    b"[" * 100_000,
    {"access_token": None},
    {"access_token": ""},
    {"access_token": " "},
    {"access_token": 5},
    {"access_token": ["t"]},
    {"access_token": "a\r\nX-Evil: 1"},
    {"access_token": "a b"},
    {"access_token": "\u0394"},
    {"access_token": "hunter2", "token_type": "mac"},
    {"access_token": "hunter2", "token_type": ["Bearer"]},
    {"access_token": "hunter2", "expires_in": [1]},
    {"access_token": "hunter2", "expires_in": "soon"},
    {"access_token": "hunter2", "expires_in": "9" * 5000},
    {"access_token": "hunter2", "scope": 5},
    {"access_token": "hunter2", "expires_at": {}, "scope": {"a": 1}},
    b'{"access_token": "hunter2", "expires_in": Infinity}',
    b'{"access_token": "hunter2", "expires_in": NaN}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body)[:40])
def test_an_answer_without_a_usable_token_is_one_error(body: object) -> None:
    problem = failure(body)
    assert isinstance(problem, BadAnswer)
    assert str(problem).startswith("the token server answers POST https://login.internal/oauth/token with 200 and ")
    assert str(problem).endswith("bytes of application/json without a bearer token: is this the address that issues tokens?")


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (401, {"error": "invalid_client", "error_description": "no such client"}, "401 invalid_client: no such client"),
        (400, {"error": "invalid_scope"}, "400 invalid_scope"),
        (400, {"error": "own_error", "error_description": "own words"}, "400 own_error: own words"),
        (200, {"error": "invalid_client", "error_description": 5}, "200 invalid_client"),
        (401, b"", "401 (an empty body)"),
        (403, b"<html><title>No</title></html>", "403 (an HTML page: No)"),
        (404, b"hunter2", "404 (a body that is not Kafka Connect's)"),
        (400, {"error": None}, "400 (a body that is not Kafka Connect's)"),
        (400, {"error": ["x"]}, "400 (a body that is not Kafka Connect's)"),
    ],
)
def test_a_refused_client_is_told_in_the_words_of_the_server(status: int, body: object, text: str) -> None:
    problem = failure(body, status)
    assert isinstance(problem, TokenRefused)
    assert str(problem) == f"POST https://login.internal/oauth/token: {text}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_server_that_cannot_answer_now_may_be_asked_again(status: int) -> None:
    problem = failure(b"<html>oops</html>", status)
    assert isinstance(problem, TokenUnavailable)
    assert f"with {status} (an HTML page)" in str(problem)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    assert "redirects POST https://login.internal/oauth/token, which is not followed" in str(failure(b"", status))


# The shared token


class Issuer:
    """Issues numbered tokens; counts how often it is asked."""

    def __init__(self, seconds: float = math.inf) -> None:
        self.clock = FakeClock()
        self.seconds = seconds
        self.asked = 0
        self.tokens = Tokens(self.fetch, self.clock)

    def fetch(self, deadline: float | None) -> Token:
        self.asked += 1
        return Token(f"t{self.asked}", self.seconds)


@pytest.mark.parametrize(("seconds", "used"), [(3600.0, 3570.0), (150.0, 120.0), (100.0, 80.0), (2.0, 1.6)])
def test_a_token_is_renewed_before_it_ends(seconds: float, used: float) -> None:
    issuer = Issuer(seconds)
    assert issuer.tokens.get(None) == "t1"
    issuer.clock.advance(used - 0.001)
    assert issuer.tokens.get(None) == "t1"
    issuer.clock.advance(0.002)
    assert issuer.tokens.get(None) == "t2"


def test_a_token_without_a_lifetime_left_serves_only_those_who_wait_for_it() -> None:
    issuer = Issuer(0)
    assert [issuer.tokens.get(None), issuer.tokens.get(None)] == ["t1", "t2"]


def test_a_token_without_a_lifetime_is_used_until_it_is_rejected() -> None:
    issuer = Issuer()
    issuer.clock.advance(1e9)
    assert [issuer.tokens.get(None), issuer.tokens.get(None)] == ["t1", "t1"]
    issuer.tokens.discard("t1")
    assert issuer.tokens.get(None) == "t2"
    issuer.tokens.discard("t1")  # by a thread that got its answer late
    assert issuer.tokens.get(None) == "t2"
    assert issuer.tokens.issued == ("t1", "t2")


def test_threads_that_need_a_token_at_once_share_one_request() -> None:
    issuer, ready = Issuer(), threading.Barrier(65)
    slow = threading.Event()
    asked = 0

    def fetch(deadline: float | None) -> Token:
        nonlocal asked
        asked += 1
        slow.wait(5)
        return Token("t")

    tokens = Tokens(fetch, issuer.clock)

    def get() -> str:
        ready.wait()
        return tokens.get(None)

    with ThreadPoolExecutor(64) as threads:
        results = [threads.submit(get) for _ in range(64)]
        ready.wait()
        slow.set()
        assert {result.result() for result in results} == {"t"}
    assert asked == 1


def test_a_failure_is_shared_by_those_who_have_no_more_time_and_not_kept() -> None:
    clock, entered, going = FakeClock(), threading.Event(), threading.Event()
    asked: list[float | None] = []

    def fetch(deadline: float | None) -> Token:
        asked.append(deadline)
        entered.set()
        going.wait(5)
        if len(asked) == 1:
            raise TokenUnavailable("away")
        return Token("t")

    def waiting() -> int:
        return 0 if tokens._flight is None else len(tokens._flight.result._waiters)

    tokens = Tokens(fetch, clock)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(tokens.get, clock.now() + 10)
        assert entered.wait(5)
        alike, longer = threads.submit(tokens.get, clock.now() + 10), threads.submit(tokens.get, clock.now() + 20)
        wait_until(lambda: waiting() == 2, "nobody waits")
        going.set()
        for result in (first, alike):
            with pytest.raises(TokenUnavailable, match="away"):
                result.result()
        assert longer.result() == "t"
    assert asked == [1010, 1020]


def test_whoever_waits_for_the_request_of_another_waits_until_the_own_deadline() -> None:
    clock, entered, going = FakeClock(), threading.Event(), threading.Event()

    def fetch(deadline: float | None) -> Token:
        entered.set()
        going.wait(5)
        return Token("t")

    tokens = Tokens(fetch, clock)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(tokens.get, None)
        assert entered.wait(5)
        with pytest.raises(TokenUnavailable, match="did not answer in time"):
            tokens.get(clock.now() + 0.01)
        going.set()
        assert first.result() == "t"


def test_a_defect_in_a_request_leaves_no_one_waiting() -> None:
    def fetch(deadline: float | None) -> Token:
        raise ZeroDivisionError

    tokens = Tokens(fetch, FakeClock())
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            tokens.get(None)
