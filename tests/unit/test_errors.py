"""Every known error response of workers, and its classification."""

from __future__ import annotations

import json
import re

import pytest

from pulumi_kafka_connectors.connect import errors
from pulumi_kafka_connectors.connect.errors import (
    LONGEST_MESSAGE,
    AlreadyExists,
    BadAnswer,
    BadRequest,
    Busy,
    ConnectError,
    Forbidden,
    Indeterminate,
    InvalidConfig,
    NoRoute,
    NoStatus,
    NotFound,
    NotServing,
    NotStopped,
    PluginNotFound,
    Refused,
    RequestContext,
    StillRunning,
    Subject,
    Unauthorized,
    WorkerFailed,
    describe_body,
    error_from,
    lacks_initial_state,
    offsets_are_manual,
    origin_of,
    parse_error_body,
    without_user_info,
    without_value,
)

URL = "http://worker:8083/connectors/x"
X = Subject("x")


def context(method: str = "GET", about: Subject = X, url: str = URL) -> RequestContext:
    return RequestContext(method, url, about)


ANSWERS: list[tuple[int, str, type[ConnectError]]] = [
    (
        400,
        "Connector configuration is invalid and contains the following 1 error(s):\nInvalid value zero for ...",
        InvalidConfig,
    ),
    (400, "Connector config {a=1, password=hunter2} contains no connector type", InvalidConfig),
    (400, "Connector name configuration (b) doesn't match connector name in the URL (a)", BadRequest),
    (
        400,
        "Failed to find any class that implements Connector and which name matches C, available connectors are: P",
        PluginNotFound,
    ),
    (
        400,
        "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: Failed to find any class that implements Connector",
        PluginNotFound,
    ),
    (
        400,
        "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: org.apache.kafka.connect.errors.ConnectException: Failed to find any class that implements Connector",
        PluginNotFound,
    ),
    (400, "Plugin C not found that matches the version range [9.9,9.9], available versions: [1]", BadRequest),
    (400, "Included connector type C does not match request type p", BadRequest),
    (400, "Desired 'level' parameter was not specified in request.", BadRequest),
    (400, "Internal request missing required signature", BadRequest),
    (400, "This worker does not have exactly-once source support enabled.", BadRequest),
    (400, "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for", NotStopped),
    (400, "Partitions / offsets need to be provided for an alter offsets request", BadRequest),
    (400, "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'", BadRequest),
    (400, "Kafka topic names must be valid strings and may not be null", BadRequest),
    (400, "Kafka partitions must be valid numbers and may not be null", BadRequest),
    (400, "Failed to parse the following Kafka partition value in the provided offsets: 'x'.", BadRequest),
    (400, "The offset for a sink connector should either be null or contain the key 'kafka_offset'", BadRequest),
    (401, "anything", Unauthorized),
    (403, "Topic tracking is disabled.", Forbidden),
    (403, "Topic tracking reset is disabled.", Forbidden),
    (404, "Connector x not found", NotFound),
    (404, "Unknown connector x", NotFound),
    (404, "Unknown connector: x", NotFound),
    (404, "Status for connector x not found", NotFound),
    (404, "No status found for connector x", NoStatus),
    (404, "HTTP 404 Not Found", NoRoute),
    (405, "HTTP 405 Method Not Allowed", NoRoute),
    (406, "HTTP 406 Not Acceptable", Refused),
    (415, "HTTP 415 Unsupported Media Type", Refused),
    (409, "Connector x already exists", AlreadyExists),
    (409, "Connector with\nnewline already exists", AlreadyExists),
    (409, "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent", Busy),
    (409, "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.", Busy),
    (409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)", Busy),
    (409, "Failed to complete zombie fencing because a new set of task configs was generated", Busy),
    (409, "Fencing failed because new task configurations were generated for the connector", Busy),
    (500, "Request cannot be completed because a rebalance is expected", Busy),
    (500, "Cannot complete request momentarily due to stale configuration", Busy),
    (500, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)", Busy),
    (
        500,
        "Failed to write to config topic; this may be due to a transient error and the request can be safely retried",
        Busy,
    ),
    (500, "IO Error trying to forward REST request: java.net.ConnectException: Connection refused", Busy),
    (500, "Worker is shutting down", Busy),
    (
        500,
        "Failed to alter consumer group offsets for connector x either because its tasks haven't stopped completely yet",
        Busy,
    ),
    (500, "Failed to reset consumer group offsets for connector x either because its tasks haven't stopped", Busy),
    (500, "Request timed out. The worker is currently updating, which began at T.", StillRunning),
    (500, "Request timed out", StillRunning),
    (500, "Request interrupted", Indeterminate),
    (500, "Timed out while waiting for offsets", StillRunning),
    (500, "Error writing connector configuration to Kafka", Indeterminate),
    (500, "Error removing connector configuration from Kafka", Indeterminate),
    (500, "Error writing target state to Kafka", Indeterminate),
    (500, "Error writing root configuration to Kafka", Indeterminate),
    (500, "Error writing task configurations to Kafka", Indeterminate),
    (500, "IO Error trying to forward REST request: java.io.EOFException", Indeterminate),
    (500, "Error trying to forward REST request: x", Indeterminate),
    (500, "Failed to start RestClient: x", Indeterminate),
    (500, "Unexpected status code when handling forwarded request: 502", Indeterminate),
    (
        500,
        "Failed to find any class that implements Connector and which name matches C, available connectors",
        PluginNotFound,
    ),
    (500, "Failed to start connector: x", WorkerFailed),
    (500, "Failed to start task: x-0", WorkerFailed),
    (500, "Could not read properties from file /x", WorkerFailed),
    (500, "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: x", WorkerFailed),
    (500, 'Unrecognized field "initial_state" (class CreateConnectorRequest)', WorkerFailed),
    (500, "Cannot deserialize value of type `java.lang.String` from Object value", WorkerFailed),
    (500, 'Cannot invoke "java.util.Map.get(Object)" because "connectorConfig" is null', WorkerFailed),
    (500, "Illegal base64 character 3a", WorkerFailed),
    (500, "Failed to transition connector x to state STARTED", WorkerFailed),
    (
        500,
        "Failed to modify offsets for connector x because it doesn't support external modification of offsets",
        WorkerFailed,
    ),
    (500, "Failed to modify offsets for source connector x", WorkerFailed),
    (500, "Failed to alter consumer group offsets for connector x", WorkerFailed),
    (500, "Partition objects should contain the key 'filename'", WorkerFailed),
    (500, "Offsets may only contain primitive types as values, but field p contains ARRAY", WorkerFailed),
    (500, "Instantiation error", WorkerFailed),
    (500, "Failed to perform zombie fencing for source connector prior to modifying offsets", WorkerFailed),
    (408, "x", Busy),
    (425, "x", Busy),
    (429, "x", Busy),
    (503, "x", Busy),
    (502, "x", Indeterminate),
    (504, "x", Indeterminate),
    (501, "x", Indeterminate),
    (520, "x", Indeterminate),
]


def body(status: int, message: str) -> bytes:
    return json.dumps({"error_code": status, "message": message}).encode()


@pytest.mark.parametrize(("status", "message", "kind"), ANSWERS, ids=lambda value: str(value)[:60])
def test_a_response_of_connect_is_classified_by_status_and_message(
    status: int, message: str, kind: type[ConnectError]
) -> None:
    for method in ("PUT", "POST", "DELETE"):
        assert type(error_from(context(method), status, body(status, message))) is kind
    # A GET changes nothing, so its outcome does not matter.
    expected = Busy if status > 500 else kind
    assert type(error_from(context("GET"), status, body(status, message))) is expected


ABSENT: list[tuple[Subject, str, type[ConnectError]]] = [
    (Subject("x"), "Connector x not found", NotFound),
    (Subject("x"), "Unknown connector x", NotFound),
    (Subject("x"), "Unknown connector: x", NotFound),
    (Subject("x"), "Status for connector x not found", NotFound),
    (Subject("x"), "No status found for connector x", NoStatus),
    (Subject("x", 0), "Connector x not found", NotFound),
    (Subject("x", 0), "Unknown task: x-0", NotFound),
    (Subject("x", 0), "No status found for task x-0", NoStatus),
    (Subject(plugin="p"), "Unknown plugin p.", NotFound),
    (Subject(logger="l"), "Logger l not found.", NotFound),
    (Subject(logger="l"), "invalid log level 'X'.", NotFound),
    (Subject("x"), "HTTP 404 Not Found", NoRoute),
    (Subject(), "HTTP 404 Not Found", NoRoute),
    (Subject("x"), "Connector xx not found", BadAnswer),
    (Subject("x"), "Connector  not found", BadAnswer),
    (Subject("x"), "Unknown connector: y", BadAnswer),
    (Subject("x"), "No status found for connector y", BadAnswer),
    (Subject("x"), "Unknown task: x-0", BadAnswer),
    (Subject("x", 0), "Unknown task: x-1", BadAnswer),
    (Subject("x", 0), "No status found for task x-1", BadAnswer),
    (Subject("x"), "Subject 'x' not found.", BadAnswer),
    (Subject("x"), "", BadAnswer),
    (Subject("x"), "Unknown plugin x.", BadAnswer),
    (Subject(plugin="p"), "Unknown plugin q.", BadAnswer),
    (Subject(plugin="p"), "invalid log level 'X'.", BadAnswer),
    (Subject(logger="l"), "Logger m not found.", BadAnswer),
    (Subject(), "Connector None not found", BadAnswer),
]


@pytest.mark.parametrize(("about", "message", "kind"), ABSENT)
def test_a_404_proves_absence_only_with_connects_own_message_about_the_subject(
    about: Subject, message: str, kind: type[ConnectError]
) -> None:
    assert type(error_from(context(about=about), 404, body(404, message))) is kind


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (Subject("x"), "connector x"),
        (Subject("x", 0), "connector x task 0"),
        (Subject(plugin="p"), "plugin p"),
        (Subject(logger="l"), "logger l"),
        (Subject(), "this path"),
    ],
)
def test_a_404_about_something_else_names_the_subject(about: Subject, words: str) -> None:
    expected = f"404 with a message that is not Kafka Connect's for {words}: is this the address of a Kafka Connect worker?"
    assert str(error_from(context(about=about), 404, b'{"error_code":404}')) == f"GET {URL}: {expected}"


JETTY = b'{"message":"Not Found","url":"/connectors/x","status":"404"}'
HTML = b"<html><head>\n<title>502 Bad Gateway</title></head><body>internal</body></html>"

FOREIGN: list[tuple[int, bytes, type[ConnectError], str]] = [
    (404, JETTY, NotServing, "starting or stopping"),
    (404, b"", NotServing, "starting or stopping"),
    (404, HTML, NotServing, "starting or stopping"),
    (404, b'{"error_code":404,', NotServing, "starting or stopping"),
    (404, b'{"error_code":"404","message":"Connector x not found"}', NotServing, "starting"),
    (404, b'{"error_code":true,"message":"Connector x not found"}', NotServing, "starting"),
    (404, b"[404]", NotServing, "starting"),
    (404, b"null", NotServing, "starting"),
    (404, b"\xff\xfe\x00", NotServing, "starting"),
    (404, b"[" * 200_000, NotServing, "starting"),
    (401, b"User cannot access the resource.", Unauthorized, "missing or wrong"),
    (401, b"", Unauthorized, "missing or wrong"),
    (403, HTML, Forbidden, "not allowed"),
    (400, b"", BadRequest, "(an empty body)"),
    (400, b"<h1>Bad Message 400</h1>", BadRequest, "(an HTML page)"),
    (405, HTML, NoRoute, "502 Bad Gateway"),
    (407, b"", Refused, "(an empty body)"),
    (408, b"", Busy, "(an empty body)"),
    (409, HTML, BadAnswer, "409 from something that is not a Kafka Connect worker: (an HTML page: 502 Bad Gateway)"),
    (414, b"", Refused, "(an empty body)"),
    (425, b"", Busy, "(an empty body)"),
    (429, b"slow down", Busy, "not Kafka Connect's"),
    (431, b"", Refused, "(an empty body)"),
    (499, b"", Refused, "(an empty body)"),
    (500, b"\xff\xfe", Indeterminate, "not Kafka Connect's"),
    (500, b"", Indeterminate, "(an empty body)"),
    (500, b'{"status": "fine", "message": "x"}', Indeterminate, "not Kafka Connect's"),
    (502, HTML, Indeterminate, "502 Bad Gateway"),
    (503, HTML, Busy, "unavailable"),
    (504, b"", Indeterminate, "(an empty body)"),
    (520, b"", Indeterminate, "(an empty body)"),
    (500, b"x" * 50_000_000, Indeterminate, "not Kafka Connect's"),
]


@pytest.mark.parametrize(("status", "raw", "kind", "words"), FOREIGN, ids=lambda value: repr(value)[:40])
def test_a_body_that_connect_did_not_write_never_proves_absence_or_failure(
    status: int, raw: bytes, kind: type[ConnectError], words: str
) -> None:
    for method in ("PUT", "POST", "DELETE"):
        error = error_from(context(method), status, raw)
        assert type(error) is kind
        assert words in str(error)
    assert type(error_from(context("GET"), status, raw)) is (Busy if status >= 500 else kind)


@pytest.mark.parametrize(("status", "kind"), [(500, WorkerFailed), (503, Busy)])
def test_the_body_of_the_health_endpoint_is_connects_own(status: int, kind: type[Refused]) -> None:
    for word in ("unhealthy", "starting"):
        raw = json.dumps({"status": word, "message": "stuck"}).encode()
        error = error_from(context(), status, raw)
        assert isinstance(error, kind)
        assert error.message == "stuck"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"error_code":500,"message":"x"}', "x"),
        (b'{"error_code":500,"message":5}', ""),
        (b'{"error_code":500}', ""),
        (b'{"error_code":"500","message":"x"}', None),
        (b'{"message":"x"}', None),
        (b'{"status":"starting"}', ""),
        (b"5", None),
        (b"", None),
    ],
)
def test_connects_own_body_has_an_integer_code(raw: bytes, message: str | None) -> None:
    assert parse_error_body(raw) == message


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b" \n", "(an empty body)"),
        (b"<TITLE>\n a\n b </TITLE>", "(an HTML page: a b)"),
        (b"<title>" + b"x" * 200 + b"</title>", f"(an HTML page: {'x' * 100})"),
        (b"  <html>", "(an HTML page)"),
        (b"hunter2", "(a body that is not Kafka Connect's)"),
    ],
)
def test_a_foreign_body_is_described_safely(raw: bytes, words: str) -> None:
    assert describe_body(raw) == words


# Messages


def test_an_error_names_the_request_and_the_response() -> None:
    error = error_from(context("PUT"), 500, body(500, "x"))
    assert isinstance(error, Refused)
    assert (error.method, error.url, error.status, error.message) == ("PUT", URL, 500, "x")
    assert str(error) == f"PUT {URL}: 500 x"


def test_user_info_and_query_are_not_shown() -> None:
    url = "https://user:hunter2@worker:8083/connectors?token=hunter2#hunter2"
    for status, raw in ((500, body(500, "x")), (404, b'{"error_code":404}'), (409, b""), (500, b"")):
        shown = str(error_from(context(url=url), status, raw))
        assert shown.startswith("GET https://worker:8083/connectors: ")
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("url", "shown", "origin"),
    [
        ("http://w:1/a/b", "http://w:1/a/b", "http://w:1"),
        ("http://u:p@w:1/a?q#f", "http://w:1/a", "http://w:1"),
        ("http://u:p/p?p#p@w:1/a", "http://w:1/a", "http://w:1"),
        ("http://u:p@p@w/", "http://w/", "http://w"),
        ("w:1/a?q", "w:1/a", "w://"),
        ("u:p@w", "w", "://"),
        ("http://[", "http://[", "http://["),
        ("", "", "://"),
    ],
)
def test_any_text_can_be_shown_without_user_info(url: str, shown: str, origin: str) -> None:
    assert (without_user_info(url), origin_of(url)) == (shown, origin)


def test_a_configuration_in_the_message_is_not_shown() -> None:
    text = "Connector config {a=1, password=hunter2} contains no connector type"
    error = error_from(context("POST"), 400, body(400, text))
    assert isinstance(error, InvalidConfig)
    assert error.message == "Connector config contains no connector type: connector.class is missing"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Failed to find any class that implements Connector and which name matches C, available connectors are: P{X}",
            "Failed to find any class that implements Connector and which name matches C",
        ),
        ("one problem\nYou can also find the above list of errors at the endpoint `/connector-plugins`", "one problem"),
        ("x" * 3000, "x" * 3000),
        ("x" * (LONGEST_MESSAGE + 1), "x" * LONGEST_MESSAGE),
    ],
)
def test_messages_are_kept_up_to_64_kib_without_lists(message: str, shown: str) -> None:
    error = error_from(context("POST"), 400, body(400, message))
    assert isinstance(error, Refused)
    assert error.message == shown
    assert LONGEST_MESSAGE == 65_536


LONG = [
    " " * 1_000_000,
    "\n" * 1_000_000 + "x",
    "Invalid value " * 75_000,
    " for configuration " * 55_000,
    "Connector " + " already exist" * 75_000,
    "Connector config {" + "contains no connector typ" * 40_000,
    "Error writing " + " to Kafk" * 125_000,
    "IO Error trying to forward REST request: " + "Connection refuse" * 60_000,
    "Failed to alter consumer group offsets for connector " + " either because its tasks haven't stoppe" * 25_000,
    "<title>" * 150_000,
    "@" * 1_000_000,
]


@pytest.mark.timeout(60)  # a pattern of quadratic time would need hours for these
@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:20])
def test_a_message_of_a_mebibyte_is_classified_quickly(text: str) -> None:
    for status in (400, 404, 409, 500):
        error_from(context(), status, body(status, text))
        error_from(context(), status, text.encode())
    without_value(text)
    without_user_info(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Invalid value x for configuration k: no number", "Invalid value [hidden] for configuration k: no number"),
        ("Invalid value x\ny for configuration k", "Invalid value [hidden] for configuration k"),
        ("Invalid value a for configuration b for configuration k: z", "Invalid value [hidden] for configuration k: z"),
        (
            "Invalid value Invalid value x for configuration k: z",
            "Invalid value [hidden]Invalid value [hidden] for configuration k: z",
        ),
        (
            "2 error(s):\nInvalid value x for configuration k: a\nInvalid value y for configuration l: b\n",
            "2 error(s):\nInvalid value [hidden] for configuration k: a\nInvalid value [hidden] for configuration l: b\n",
        ),
        ("X: Invalid value x for configuration k", "X: Invalid value [hidden] for configuration k"),
        ("Invalid value x\n", "Invalid value [hidden]\n"),
        ("Invalid value x", "Invalid value [hidden]"),
        ("Missing required configuration", "Missing required configuration"),
    ],
)
def test_the_value_in_an_error_is_hidden(text: str, shown: str) -> None:
    assert without_value(text) == shown


MANUAL = "The Connect framework-managed offsets for this connector have been altered successfully. However, if this connector manages offsets externally, they will need to be manually altered"


@pytest.mark.parametrize(
    ("message", "manual"),
    [
        (MANUAL, True),
        ("The Connect framework-managed offsets for this connector have been reset", True),
        ("if this connector manages offsets externally", True),
        ("The offsets for this connector have been altered successfully", False),
        ("", False),
    ],
)
def test_a_worker_says_when_offsets_must_also_be_changed_manually(message: str, manual: bool) -> None:
    assert offsets_are_manual(message) is manual


def test_an_unknown_initial_state_is_distinguished_from_other_unknown_fields() -> None:
    assert lacks_initial_state(WorkerFailed("POST", URL, 500, 'Unrecognized field "initial_state" (class X)'))
    assert not lacks_initial_state(WorkerFailed("POST", URL, 500, 'Unrecognized field "other" (class X)'))


# The tree


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (NoStatus, NotFound),
        (NotServing, Busy),
        (StillRunning, Indeterminate),
        (PluginNotFound, InvalidConfig),
        (InvalidConfig, BadRequest),
        (NotStopped, BadRequest),
        (errors.BodyTooLarge, BadAnswer),
    ],
)
def test_a_narrow_error_is_caught_with_its_wider_one(kind: type[ConnectError], parent: type[ConnectError]) -> None:
    assert issubclass(kind, parent)


def test_the_tree_in_the_docstring_has_every_class() -> None:
    tree = {
        found for line in (errors.__doc__ or "").splitlines() if (found := re.sub(r"^[\s│├└─]*", "", line).split(" ")[0])
    }
    classes = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ConnectError)}
    assert classes <= tree


def test_only_what_timed_out_in_the_cluster_is_still_running() -> None:
    assert StillRunning("PUT", URL, 500, "").still_running is True
    assert Indeterminate("PUT", URL, 500, "").still_running is False
