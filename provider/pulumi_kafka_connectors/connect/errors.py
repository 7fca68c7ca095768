"""The errors of requests to Kafka Connect workers, and the meaning of the workers' error messages.

    ConnectError
    ├── Unreachable            no worker answered within the time allowed
    │   └── TokenUnavailable   the token server did not answer, so nothing was sent to a worker
    ├── Unsendable             the request cannot be sent as it is: an address, header or text that HTTP does not allow
    ├── OutcomeUnknown         a POST was sent and its response lost: check before sending it again
    ├── BadAnswer              the response is not one of a Connect worker
    │   └── BodyTooLarge       the response exceeds the size limit: request less at once
    ├── Unsupported            this worker (its version, or a gateway) does not have the endpoint
    └── Refused                a worker answered with an error
        ├── BadRequest         400: the request is invalid as it is
        │   ├── InvalidConfig
        │   │   └── PluginNotFound   no such connector class on the worker that answered (400 or 500)
        │   └── NotStopped     the offsets of a connector that is not stopped cannot change
        ├── Unauthorized       401
        │   └── TokenRefused   the token server refused the client
        ├── Forbidden          403
        ├── NotFound           404 with Connect's own message: this connector, task, plugin or logger does not exist
        │   └── NoStatus       the connector may exist: it has no status yet
        ├── NoRoute            404 or 405 from Connect itself: no such endpoint
        ├── AlreadyExists      409: the connector's name is taken
        ├── Busy               nothing was changed, or it was a GET; retrying the request works soon
        │   └── NotServing     404 without Connect's body: a worker that is starting or stopping, or a gateway
        ├── Indeterminate      the request may or may not have taken effect
        │   └── StillRunning   the worker timed out: what it waited for is still in progress
        └── WorkerFailed       500: retrying will not help

The transport retries `Busy` and `Indeterminate`; every other error reaches the caller at once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

LONGEST_MESSAGE = 2**16
"""Characters of a worker's message that are kept: the caller must redact it before truncating it for display."""


class ConnectError(Exception):
    """Base class of all errors that this package raises."""


class Unreachable(ConnectError):
    """No worker answered within the time allowed for retries."""


class TokenUnavailable(Unreachable):
    """The token server issued no token within the time allowed; no worker has received the request."""


class Unsendable(ConnectError):
    """The request cannot be sent as it is (address, header, certificate, text); nothing was sent."""


class OutcomeUnknown(ConnectError):
    """A POST may have taken effect although no response confirms it.

    Attributes:
        still_running: the worker itself timed out: what it waited for is still in progress.
    """

    def __init__(self, message: str, *, still_running: bool = False) -> None:
        super().__init__(message)
        self.still_running = still_running


class BadAnswer(ConnectError):
    """The response is not one of a Kafka Connect worker (wrong address, proxy page, truncated or endless body)."""


class BodyTooLarge(BadAnswer):
    """The response is larger than the limit."""


class Unsupported(ConnectError):
    """The worker does not have this endpoint or parameter.

    Attributes:
        endpoint: method and path template, as in the Kafka documentation.
        first: the first Kafka version that has it.
    """

    def __init__(self, endpoint: str, first: str, worker: str, gone: str | None = None) -> None:
        needed = f"{first} or newer" if gone is None else f"{first} or newer, and older than {gone}"
        super().__init__(f"{worker} does not support {endpoint}: it needs Kafka Connect {needed}")
        self.endpoint = endpoint
        self.first = first


class Refused(ConnectError):
    """A worker answered with an error.

    Attributes:
        method, url: the request, without query, user name and password.
        status: the HTTP status.
        message: the worker's message without lists of plugins and whole configurations; it may contain the values of
            single keys, and has up to `LONGEST_MESSAGE` characters.
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
    """400: the connector configuration is not valid; `validate` returns the details."""


class PluginNotFound(InvalidConfig):
    """400, before 4.1 also 500: the worker that answered does not have this connector class."""


class NotStopped(BadRequest):
    """400: offsets can be changed only while the connector is stopped."""


class Unauthorized(Refused):
    """401: the user name, password or token is missing or wrong."""


class TokenRefused(Unauthorized):
    """The token server refused the client credentials; no worker has received the request."""


class Forbidden(Refused):
    """403: the worker does not allow this."""


class NotFound(Refused):
    """404 with Connect's own message: this connector, task, plugin or logger does not exist."""


class NoStatus(NotFound):
    """404: it has no status, which is also the case for a moment after a create."""


class NoRoute(Refused):
    """404 or 405 with Connect's own message: the worker does not have this path or method."""


class AlreadyExists(Refused):
    """409: a connector of that name exists already."""


class Busy(Refused):
    """A rebalance, a worker starting or stopping, or too many requests: nothing was changed, or it was a GET."""


class NotServing(Busy):
    """404 without Connect's own body: never proof that something does not exist."""


class Indeterminate(Refused):
    """A failure in the cluster or in front of it: the request may have taken effect, or may still do so.

    Attributes:
        still_running: see `StillRunning`.
    """

    still_running = False


class StillRunning(Indeterminate):
    """The worker timed out while the request was queued or in progress: it may still take effect."""

    still_running = True


class WorkerFailed(Refused):
    """500: the worker could not do it, and retrying will not help."""


@dataclass(frozen=True)
class Subject:
    """What a request is about, unescaped: a 404 counts only when its message names this."""

    connector: str | None = None
    task: int | None = None
    plugin: str | None = None
    logger: str | None = None

    def __str__(self) -> str:
        if self.connector is not None:
            return f"connector {self.connector}" + (f" task {self.task}" if self.task is not None else "")
        return f"plugin {self.plugin}" if self.plugin else f"logger {self.logger}" if self.logger else "this path"


NOTHING = Subject()


@dataclass(frozen=True)
class RequestContext:
    """The request that a response belongs to. `url` may contain user name, password and query: no error shows them."""

    method: str
    url: str
    about: Subject = NOTHING


# The message (matched from its start) takes precedence over the status; the first match wins. The messages are those of
# Kafka 2.8 to 4.3. No pattern has more than one `.*`, so that messages of any length are matched in linear time.
_BY_MESSAGE: list[tuple[int, str, type[Refused]]] = [
    (400, r"Connector configuration is invalid", InvalidConfig),
    (400, r"Connector config \{.*contains no connector type", InvalidConfig),
    (400, r"(?:[\w.$]{1,200}: ){0,3}Failed to find any class that implements Connector", PluginNotFound),
    (400, r"Connectors must be in the STOPPED state", NotStopped),
    (404, r"HTTP 404 Not Found", NoRoute),
    (409, r"Connector .* already exists", AlreadyExists),
    (409, r"", Busy),
    (500, r"Request cannot be completed because a rebalance is expected", Busy),
    (500, r"Cannot complete request (momentarily )?(due to|because of)", Busy),
    (500, r"Failed to write to config topic; this may be due to a transient error", Busy),
    (500, r"(IO )?Error trying to forward REST request: .*Connection refused", Busy),
    (500, r"Worker is shutting down", Busy),
    (500, r"Request interrupted", Indeterminate),
    (500, r"Failed to (alter|reset) consumer group offsets for connector .* either because its tasks haven't stopped", Busy),
    (500, r"Request timed out", StillRunning),
    (500, r"Timed out while", StillRunning),
    (500, r"Error (writing|removing) .* (to|from) Kafka", Indeterminate),
    (500, r"(IO )?Error trying to forward REST request", Indeterminate),
    (500, r"Unexpected status code when handling forwarded request", Indeterminate),
    (500, r"Failed to start RestClient", Indeterminate),
    (500, r"(?:[\w.$]{1,200}: ){0,3}Failed to find any class that implements Connector", PluginNotFound),
]
_COMPILED = [(status, re.compile(pattern, re.DOTALL), kind) for status, pattern, kind in _BY_MESSAGE]

_BY_STATUS: dict[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    405: NoRoute,
    408: Busy,
    425: Busy,
    429: Busy,
    500: WorkerFailed,
    503: Busy,
}

_FOREIGN_TEXTS = {
    401: "user name and password or token are missing or wrong",
    403: "the credentials are not allowed to do this",
    404: "the worker is starting or stopping, or this is not a Kafka Connect address",
    503: "the worker or a gateway in front of it is unavailable",
}


def error_from(context: RequestContext, status: int, body: bytes) -> ConnectError:
    """The error for a response with a status of 400 or more. Pure.

    A 404 counts as Connect's own (`NotFound`, `NoStatus`, `NoRoute`) only with Connect's JSON body, whose `error_code`
    is an integer and whose message names the subject of the request: a worker that is starting or stopping answers 404
    on every path, which is `Busy` here, and other services answer 404 with a similar body.
    """
    message = parse_error_body(body)
    if message is None:
        return error_from_foreign_body(context, status, body)
    url = without_user_info(context.url)
    kind = _kind_of(context, status, message)
    if kind is None:
        text = f"404 with a message that is not Kafka Connect's for {context.about}"
        return BadAnswer(f"{context.method} {url}: {text}: is this the address of a Kafka Connect worker?")
    return kind(context.method, url, status, _shortened(message))


def error_from_foreign_body(context: RequestContext, status: int, body: bytes) -> ConnectError:
    """The error for a body that Connect did not write: Jetty, an authentication extension, a proxy."""
    url = without_user_info(context.url)
    text = _FOREIGN_TEXTS.get(status) or describe_body(body)
    if status == 404:
        return NotServing(context.method, url, status, text)
    if status == 409:
        return BadAnswer(f"{context.method} {url}: 409 from something that is not a Kafka Connect worker: {text}")
    kind = _by_gateway(context.method, status) if status >= 500 else _BY_STATUS.get(status, Refused)
    return kind(context.method, url, status, text)


def parse_error_body(body: bytes) -> str | None:
    """The message, if the body is Connect's own: `{"error_code": <int>, "message": <str>}`, or that of `/health`."""
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    code, message = parsed.get("error_code"), parsed.get("message")
    own = isinstance(code, int) and not isinstance(code, bool)
    if not own and parsed.get("status") not in ("starting", "unhealthy"):
        return None
    return message if isinstance(message, str) else ""


def describe_body(body: bytes) -> str:
    """A short, safe description of a body that is not Connect's."""
    if not body.strip():
        return "(an empty body)"
    text = body[:4096].decode("utf-8", "replace")
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL | re.IGNORECASE)
    if title:
        return f"(an HTML page: {' '.join(title.group(1).split())[:100]})"
    if text.lstrip().startswith("<"):
        return "(an HTML page)"
    return "(a body that is not Kafka Connect's)"


def _kind_of(context: RequestContext, status: int, message: str) -> type[Refused] | None:
    """The class for a response in Connect's own format; None for a 404 that is not about the subject of the request."""
    for when, text, kind in _COMPILED:
        if when == status and text.match(message):
            return kind
    if status == 404:
        return _absence(context.about, message)
    return _by_gateway(context.method, status) if status > 500 else _BY_STATUS.get(status, Refused)


def _by_gateway(method: str, status: int) -> type[Refused]:
    """A status of 500 or more that may come from a gateway: whether the worker acted is unknown."""
    return Busy if method == "GET" or status == 503 else Indeterminate


def _absence(about: Subject, message: str) -> type[NotFound] | None:
    """What a 404 with this message proves; None when it proves nothing about the subject."""
    name, task = about.connector, about.task
    absent, without_status = set(), set()
    if name is not None:
        absent |= {f"Connector {name} not found", f"Unknown connector {name}", f"Unknown connector: {name}"}
        absent |= {f"Status for connector {name} not found"}
        without_status |= {f"No status found for connector {name}"}
    if task is not None:
        absent |= {f"Unknown task: {name}-{task}"}
        without_status |= {f"No status found for task {name}-{task}"}
    if about.plugin is not None:
        absent |= {f"Unknown plugin {about.plugin}."}
    if about.logger is not None:
        absent |= {f"Logger {about.logger} not found."}
    if message in absent or (about.logger is not None and message.startswith("invalid log level ")):
        return NotFound
    return NoStatus if message in without_status else None


def lacks_initial_state(problem: Refused) -> bool:
    """Whether a worker rejected a create because it does not know `initial_state` (before 3.7); nothing was created."""
    return 'Unrecognized field "initial_state"' in problem.message


def offsets_are_manual(message: str) -> bool:
    """Whether a worker that changed offsets says that the connector may keep others, to be changed manually."""
    return message.startswith("The Connect framework-managed offsets") or "manages offsets externally" in message


def without_value(error_text: str) -> str:
    """`Invalid value [hidden] for configuration k: ...` for Kafka's `Invalid value X for configuration k: ...`.

    When in doubt it hides too much: X may contain newlines and even the words that follow it.
    """
    before, *problems = error_text.split("Invalid value ")
    return before + "".join(_without_its_value(problem) for problem in problems)


def _without_its_value(problem: str) -> str:
    _, found, rest = problem.rpartition(" for configuration ")
    if not found:
        rest = "\n" if problem.endswith("\n") else ""
    return f"Invalid value [hidden]{found}{rest}"


_CONNECTION_WORDS = (
    "connection refused",
    "connection attempt failed",
    "unable to connect",
    "failed to connect",
    "could not connect",
    "cannot connect",
    "error while connecting",
    "unable to resolve host",
    "check that the hostname and port are correct",
    "unknownhost",
    "unknown host",
    "connect timed out",
    "timed out while",
    "timed out after",
)


def is_connection_failure(error_text: str) -> bool:
    """Whether a plugin says during validation that it cannot reach the system it is for."""
    text = error_text.casefold()
    return any(words in text for words in _CONNECTION_WORDS)


def is_version_refusal(message: str) -> bool:
    """Whether a worker says that it does not have the wanted version of a plugin (4.1)."""
    return "not found that matches the version range" in message


_OVERRIDE_REFUSAL = re.compile(r"The '(\w{1,100})' policy does not allow '[^']*' to be overridden")
_ABSENT_CLASS = re.compile(r"java\.lang\.(?:NoClassDefFoundError|ClassNotFoundException): ([\w$./]+)$")
_BROKEN_CLASS = re.compile(r"java\.lang\.NoClassDefFoundError: Could not initialize class ([\w$./]+)$")


def refusing_policy(message: str) -> str | None:
    """The worker's `connector.client.config.override.policy`, if the message says that it forbids the key (3.0)."""
    found = _OVERRIDE_REFUSAL.match(message)
    return found[1] if found else None


def absent_class(message: str) -> str | None:
    """The Java class that a plugin needs and does not find on the worker, if the message is about one."""
    found = _ABSENT_CLASS.match(message)
    return found[1].replace("/", ".") if found else None


def broken_class(message: str) -> str | None:
    """The plugin's own class that failed to load before, if the message is about one; only the first failure says why."""
    found = _BROKEN_CLASS.match(message)
    return found[1].replace("/", ".") if found else None


def is_missing_value(error_text: str) -> bool:
    """Whether this is Kafka's complaint about a value that is null, which follows from any other error of the key."""
    return error_text.startswith("Invalid value null for configuration ")


def without_user_info(url: str) -> str:
    """The URL without user name, password, query and fragment: safe to show and to log. Accepts any text."""
    scheme, found, rest = url.partition("://")
    if not found:
        scheme, rest = "", url
    # A password may contain `/`, `?` and `#` if it was not percent-encoded.
    rest = rest.rpartition("@")[2]
    return f"{scheme}{found}{re.split('[?#]', rest, maxsplit=1)[0]}"


def origin_of(url: str) -> str:
    """`http://host:8083` of a URL, for messages in which the path does not matter."""
    shown = without_user_info(url)
    try:
        parts = urlsplit(shown)
    except ValueError:
        return shown
    return f"{parts.scheme}://{parts.netloc}"


def _shortened(message: str) -> str:
    """The message without the lists of plugins and whole configurations that workers put into it."""
    if message.startswith("Connector config {"):
        return "Connector config contains no connector type: connector.class is missing"
    message = message.partition(", available connectors are")[0]
    message = message.partition("You can also find the above list of errors at the endpoint")[0]
    return message[:LONGEST_MESSAGE].strip()
