"""What can go wrong between us and a Kafka Connect worker.

    ConnectError
    ├── Unreachable            no worker answered in time
    ├── OutcomeUnknown         a POST was sent and its answer lost: look before sending it again
    ├── BadAnswer              something answered that is not a Connect worker's answer
    ├── Unsupported            this worker (its version, or a gateway) does not have the endpoint
    └── Refused                a worker said no
        ├── BadRequest         400: the request cannot work as it is
        │   ├── InvalidConfig
        │   └── NotStopped     offsets of a connector that is not stopped
        ├── Unauthorized       401
        ├── Forbidden          403
        ├── NotFound           404 by Connect itself: no such connector, task, plugin or logger
        │   └── NoStatus       the connector may well exist: its status is not known yet
        ├── NoRoute            404 or 405 by Connect itself: no such endpoint
        ├── AlreadyExists      409: the connector's name is taken
        ├── Busy               nothing was done; the same request works a moment later
        │   └── NotServing     404 without Connect's body: a worker that starts or stops, or a gateway
        ├── Doubtful           it may or may not have been done
        └── WorkerFailed       500: it will not work by repeating

`Busy` and `Doubtful` are what the transport retries; everything else reaches the caller at the first answer.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

LONGEST_MESSAGE = 2000
"""Characters of a worker's message that are kept: plugin lists and traces run to many thousands."""


class ConnectError(Exception):
    """Base of everything this package raises on purpose."""


class Unreachable(ConnectError):
    """No worker gave an answer within the time given to retries."""


class OutcomeUnknown(ConnectError):
    """A POST may have taken effect although no answer says so."""


class BadAnswer(ConnectError):
    """The answer is not one that a Kafka Connect worker gives (wrong address, proxy page, cut or endless body)."""


class Unsupported(ConnectError):
    """The worker does not have this endpoint or parameter.

    Attributes:
        endpoint: method and path template, as in the Kafka documentation.
        first: the Kafka version that has it.
    """

    def __init__(self, endpoint: str, first: str, worker: str) -> None:
        super().__init__(f"{worker} does not support {endpoint}: it needs Kafka Connect {first} or newer")
        self.endpoint = endpoint
        self.first = first


class Refused(ConnectError):
    """A worker answered with an error.

    Attributes:
        method, url: the request, without query, user name and password.
        status: the HTTP status.
        message: the worker's own words, shortened; they may hold configuration values.
    """

    def __init__(self, method: str, url: str, status: int, message: str) -> None:
        self.method = method
        self.url = url
        self.status = status
        self.message = message
        super().__init__(f"{method} {url}: {status} {message}".rstrip())


class BadRequest(Refused):
    """400: the request cannot succeed unchanged."""


class InvalidConfig(BadRequest):
    """400: the connector configuration is not valid; `validate` tells more."""


class NotStopped(BadRequest):
    """400: offsets can be changed only while the connector is stopped."""


class Unauthorized(Refused):
    """401: the user name, password or token is missing or wrong."""


class Forbidden(Refused):
    """403: the worker does not allow this."""


class NotFound(Refused):
    """404 with Connect's own message: this connector, task, plugin or logger does not exist."""


class NoStatus(NotFound):
    """404: there is no status for it, which is also so for a moment after a create."""


class NoRoute(Refused):
    """404 or 405 with Connect's own message: the worker does not know this path or method."""


class AlreadyExists(Refused):
    """409: there is a connector of that name."""


class Busy(Refused):
    """Rebalance, worker starting or stopping: nothing was done, any request may be repeated."""


class NotServing(Busy):
    """404 on a path without Connect's own body: never a proof that something does not exist."""


class Doubtful(Refused):
    """Time-out inside the cluster or between its workers: the request may still take effect."""


class WorkerFailed(Refused):
    """500: the worker could not do it and will not by repeating."""


# Message (matched from its start) decides before status; the order is that of the table. The texts are those of
# Kafka 2.8 to 4.3.
_BY_MESSAGE: list[tuple[int, str, type[Refused]]] = [
    (400, r"Connector configuration is invalid", InvalidConfig),
    (400, r"Connector config \{.*contains no connector type", InvalidConfig),
    (400, r"Failed to find any class that implements Connector", InvalidConfig),
    (400, r"Connectors must be in the STOPPED state", NotStopped),
    (404, r"HTTP 404 Not Found", NoRoute),
    (404, r"No status found for", NoStatus),
    (409, r"Connector .* already exists", AlreadyExists),
    (409, r"", Busy),
    (500, r"Request cannot be completed because a rebalance is expected", Busy),
    (500, r"Cannot complete request (momentarily )?(due to|because of)", Busy),
    (500, r"Failed to write to config topic; this may be due to a transient error", Busy),
    (500, r"(IO )?Error trying to forward REST request: .*Connection refused", Busy),
    (500, r"Worker is shutting down", Busy),
    (500, r"Request interrupted", Doubtful),
    (500, r"Failed to (alter|reset) consumer group offsets for connector .* either because its tasks haven't stopped", Busy),
    (500, r"Request timed out", Doubtful),
    (500, r"Timed out while", Doubtful),
    (500, r"Error (writing|removing) .* (to|from) Kafka", Doubtful),
    (500, r"(IO )?Error trying to forward REST request", Doubtful),
    (500, r"Unexpected status code when handling forwarded request", Doubtful),
    (500, r"Failed to start RestClient", Doubtful),
    (500, r"Failed to find any class that implements Connector", InvalidConfig),
]

_BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: NoRoute,
    409: Busy,
    502: Doubtful,
    503: Busy,
    504: Doubtful,
}


def without_user_info(url: str) -> str:
    """The URL without user name, password, query and fragment: what may be shown and logged."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def error_from(method: str, url: str, status: int, body: bytes) -> ConnectError:
    """The error that an answer with a status of 400 or more stands for. Pure.

    A 404 counts as Connect's own (`NotFound`, `NoStatus`, `NoRoute`) only with Connect's JSON body, whose
    `error_code` is an integer: a worker that starts or stops answers 404 on every path, which is `Busy` here.
    """
    url = without_user_info(url)
    said = _said(body)
    if said is None:
        return _foreign(method, url, status, body)
    message = _shortened(said)
    for when, text, kind in _BY_MESSAGE:
        if when == status and re.match(text, said, re.DOTALL):
            return kind(method, url, status, message)
    fallback = WorkerFailed if status >= 500 else Refused
    return _BY_STATUS.get(status, fallback)(method, url, status, message)


def _said(body: bytes) -> str | None:
    """The message, if the body is Connect's own `{"error_code": <int>, "message": <str>}`."""
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    code, message = parsed.get("error_code"), parsed.get("message")
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    return message if isinstance(message, str) else ""


def _foreign(method: str, url: str, status: int, body: bytes) -> ConnectError:
    """An error whose body Connect did not write: Jetty, an authentication extension, a proxy."""
    if status == 404:
        return NotServing(method, url, status, "the worker is starting or stopping, or this is not a Kafka Connect address")
    if status == 503:
        return Busy(method, url, status, "the worker or a gateway before it is not available")
    if status == 401:
        return Unauthorized(method, url, status, "user name and password or token are missing or wrong")
    if status == 403:
        return Forbidden(method, url, status, "the credentials are not allowed to do this")
    if status == 409:
        return BadAnswer(f"{method} {url}: 409 from something that is not a Kafka Connect worker: {_glimpse(body)}")
    fallback = WorkerFailed if status >= 500 else BadRequest if status == 400 else Refused
    return _BY_STATUS.get(status, fallback)(method, url, status, _glimpse(body))


def _glimpse(body: bytes) -> str:
    """What a body that is not Connect's looks like, in a few harmless words."""
    if not body.strip():
        return "(an empty body)"
    text = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
    if title:
        return f"(an HTML page: {' '.join(title.group(1).split())[:100]})"
    if text.lstrip().startswith("<"):
        return "(an HTML page)"
    return "(a body that is not Kafka Connect's)"


def _shortened(message: str) -> str:
    """Without the lists of plugins, whole configurations and stack traces that workers put into messages."""
    if message.startswith("Connector config {"):
        return "Connector config contains no connector type: connector.class is missing"
    message = message.partition(", available connectors are")[0]
    message = re.sub(r"\s*You can also find the above list of errors at the endpoint.*", "", message, flags=re.DOTALL)
    return message[:LONGEST_MESSAGE].strip()
