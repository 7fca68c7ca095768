"""OAuth 2.0 client credentials: the request for a token and its answer, and the token that all threads share."""

from __future__ import annotations

import base64
import math
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus

from pulumi_kafka_connectors.connect.clock import Clock
from pulumi_kafka_connectors.connect.errors import (
    LONGEST_MESSAGE,
    BadAnswer,
    ConnectError,
    TokenRefused,
    TokenUnavailable,
    describe_body,
    without_user_info,
)
from pulumi_kafka_connectors.connect.settings import OAuth

LONGEST_MARGIN: Final = 30.0
"""Seconds before its end from which a token is not used any more; a fifth of its lifetime if that is less."""
_REMEMBERED: Final = 64
"""Former tokens that are still recognized in messages."""
_TRANSIENT: Final = (408, 425, 429)
"""Statuses below 500 that a later attempt may not get."""


_VISIBLE: Final = re.compile(r"[!-~]+")
"""What a header can carry as a token."""


@dataclass(frozen=True)
class Token:
    """A bearer token and its lifetime in seconds, infinite if the server names none."""

    value: str = field(repr=False)
    seconds: float = math.inf

    @property
    def usable(self) -> float:
        """Seconds for which it is used, counted from its request."""
        return self.seconds - min(LONGEST_MARGIN, self.seconds / 5)


def token_headers(oauth: OAuth) -> dict[str, str]:
    """The headers of the request for a token, with the client's credentials."""
    return {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Authorization": f"Basic {basic_credentials(oauth.client_id, oauth.client_secret)}",
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "pulumi-kafka-connectors",
    }


def basic_credentials(client_id: str, client_secret: str) -> str:
    """Both as RFC 6749, section 2.3.1 puts them into a header: form-encoded, then base64."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return base64.b64encode(pair.encode()).decode()


def token_body(oauth: OAuth) -> bytes:
    """The form in the body of the request for a token."""
    # Late, as in `parse_token`: importing it takes 0.1 s, and few settings have a token server.
    from oauthlib.oauth2 import BackendApplicationClient

    body: str = BackendApplicationClient(oauth.client_id).prepare_request_body(scope=list(oauth.scopes) or None)
    return body.encode()


def parse_token(url: str, status: int, headers: Mapping[str, str], body: bytes) -> Token:
    """The token in the answer to a request for one. Pure.

    Raises:
        TokenRefused: the server refused the client; with `error` and `error_description` of its answer.
        TokenUnavailable: the server cannot answer at present.
        BadAnswer: the answer is not that of a token server.
    """
    shown = without_user_info(url)
    if status >= 500 or status in _TRANSIENT:
        raise TokenUnavailable(f"the token server answers POST {shown} with {status} {describe_body(body)}")
    if 300 <= status < 400:
        raise BadAnswer(
            f"the token server redirects POST {shown}, which is not followed: set the address that issues tokens"
        )
    error, token = _parsed(body)
    if status >= 400 or error is not None:
        raise TokenRefused("POST", shown, status, (error or describe_body(body))[:LONGEST_MESSAGE])
    if token is None:
        kind = headers.get("Content-Type", "no content type")
        text = f"the token server answers POST {shown} with {status} and {len(body)} bytes of {kind}"
        raise BadAnswer(f"{text} without a bearer token: is this the address that issues tokens?")
    return token


def _parsed(body: bytes) -> tuple[str | None, Token | None]:
    """The error that the body tells, or the token that it contains; neither if it is no answer of a token server."""
    from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
    from oauthlib.oauth2.rfc6749.errors import MissingTokenError

    try:
        # Without scopes: a server may grant others than were asked for, and the workers decide whether they suffice.
        answer = BackendApplicationClient("").parse_request_body_response(body.decode())
        value, kind, lifetime = (answer.get(name) for name in ("access_token", "token_type", "expires_in"))
        seconds = math.inf if lifetime is None else max(float(lifetime), 0.0)
    except MissingTokenError:
        return None, None
    except OAuth2Error as refusal:
        return _sentence(refusal.error, refusal.description), None
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError):  # whatever the body makes of it
        return None, None
    bearer = kind is None or (isinstance(kind, str) and kind.lower() == "bearer")
    if not bearer or not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        return None, None
    return None, Token(value, seconds)


def _sentence(error: object, description: object) -> str:
    return ": ".join(part for part in (error, description) if isinstance(part, str) and part.strip())


class _Flight:
    """One request for a token, which several threads wait for until their own deadlines."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.result: Future[Token] = Future()


class Tokens:
    """The current token of a token server, fetched by one thread at a time for all of them.

    Args:
        fetch: requests a token, within a deadline on the clock.
        clock: the clock of deadlines and lifetimes.
    """

    def __init__(self, fetch: Callable[[float | None], Token], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._issued: deque[str] = deque(maxlen=_REMEMBERED)
        self._current: Token | None = None
        self._until = -math.inf
        self._flight: _Flight | None = None

    @property
    def issued(self) -> tuple[str, ...]:
        """The current token and former ones."""
        with self._lock:
            return tuple(self._issued)

    def get(self, deadline: float | None) -> str:
        """A token that is valid now; fetched if there is none.

        Raises:
            ConnectError: the server issued none before the deadline.
        """
        until = math.inf if deadline is None else deadline
        while True:
            with self._lock:
                if self._current is not None and self._clock.now() < self._until:
                    return self._current.value
                flight, leading = self._flight, self._flight is None
                if flight is None:
                    flight = self._flight = _Flight(until)
            if leading:
                self._fly(flight, deadline)
            elif not wait_for_futures([flight.result], timeout=_seconds(until - self._clock.now())).done:
                raise TokenUnavailable("the token server did not answer in time")
            try:
                return flight.result.result().value
            except TokenUnavailable:
                # Whoever asked may have had less time than is left here.
                if leading or flight.until >= until:
                    raise

    def discard(self, value: str) -> None:
        """Fetch another token the next time, if this is still the current one: a worker has rejected it."""
        with self._lock:
            if self._current is not None and self._current.value == value:
                self._current = None

    def _fly(self, flight: _Flight, deadline: float | None) -> None:
        started = self._clock.now()
        try:
            token = self._fetch(deadline)
        except BaseException as problem:
            with self._lock:
                self._flight = None
            flight.result.set_exception(problem)
            if not isinstance(problem, ConnectError):
                raise
            return
        with self._lock:
            self._current, self._until, self._flight = token, started + token.usable, None
            self._issued.append(token.value)
        flight.result.set_result(token)


def _seconds(left: float) -> float | None:
    return None if math.isinf(left) else max(left, 0.0)
