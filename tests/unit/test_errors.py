"""Every answer that workers are known to give, and what it is taken for."""

from __future__ import annotations

import json

import pytest

from pulumi_kafka_connectors.connect.errors import (
    LONGEST_MESSAGE,
    AlreadyExists,
    BadAnswer,
    BadRequest,
    Busy,
    ConnectError,
    Doubtful,
    Forbidden,
    InvalidConfig,
    NoRoute,
    NoStatus,
    NotFound,
    NotServing,
    NotStopped,
    Refused,
    Unauthorized,
    WorkerFailed,
    error_from,
)

URL = "http://worker:8083/connectors/x"

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
        InvalidConfig,
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
    (404, "Unknown task: x-0", NotFound),
    (404, "Unknown plugin p.", NotFound),
    (404, "Logger l not found.", NotFound),
    (404, "invalid log level 'X'.", NotFound),
    (404, "Status for connector x not found", NotFound),
    (404, "No status found for connector x", NoStatus),
    (404, "No status found for task x-0", NoStatus),
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
    (500, "Request timed out. The worker is currently updating, which began at T.", Doubtful),
    (500, "Request timed out", Doubtful),
    (500, "Request interrupted", Doubtful),
    (500, "Timed out while waiting for offsets", Doubtful),
    (500, "Error writing connector configuration to Kafka", Doubtful),
    (500, "Error removing connector configuration from Kafka", Doubtful),
    (500, "Error writing target state to Kafka", Doubtful),
    (500, "Error writing root configuration to Kafka", Doubtful),
    (500, "Error writing task configurations to Kafka", Doubtful),
    (500, "IO Error trying to forward REST request: java.io.EOFException", Doubtful),
    (500, "Error trying to forward REST request: x", Doubtful),
    (500, "Failed to start RestClient: x", Doubtful),
    (500, "Unexpected status code when handling forwarded request: 502", Doubtful),
    (
        500,
        "Failed to find any class that implements Connector and which name matches C, available connectors",
        InvalidConfig,
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
    (502, "x", Doubtful),
    (503, "x", Busy),
    (504, "x", Doubtful),
]


def body(status: int, message: str) -> bytes:
    return json.dumps({"error_code": status, "message": message}).encode()


@pytest.mark.parametrize(("status", "message", "kind"), ANSWERS, ids=lambda value: str(value)[:60])
def test_an_answer_of_connect_is_told_by_status_and_message(status: int, message: str, kind: type[ConnectError]) -> None:
    assert type(error_from("GET", URL, status, body(status, message))) is kind


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
    (409, HTML, BadAnswer, "not a Kafka Connect worker"),
    (414, b"", Refused, "(an empty body)"),
    (431, b"", Refused, "(an empty body)"),
    (429, b"slow down", Refused, "not Kafka Connect's"),
    (500, b"\xff\xfe", WorkerFailed, "not Kafka Connect's"),
    (500, b"", WorkerFailed, "(an empty body)"),
    (502, HTML, Doubtful, "502 Bad Gateway"),
    (503, HTML, Busy, "not available"),
    (504, b"", Doubtful, "(an empty body)"),
    (500, b"x" * 50_000_000, WorkerFailed, "not Kafka Connect's"),
]


@pytest.mark.parametrize(("status", "raw", "kind", "words"), FOREIGN, ids=lambda value: repr(value)[:40])
def test_a_body_that_connect_did_not_write_never_proves_absence(
    status: int, raw: bytes, kind: type[ConnectError], words: str
) -> None:
    error = error_from("GET", URL, status, raw)
    assert type(error) is kind
    assert words in str(error)


def test_user_info_and_query_are_not_shown() -> None:
    error = error_from("GET", "https://user:hunter2@worker:8083/connectors?token=hunter2", 500, body(500, "x"))
    assert str(error) == "GET https://worker:8083/connectors: 500 x"


def test_a_configuration_in_the_message_is_not_shown() -> None:
    text = "Connector config {a=1, password=hunter2} contains no connector type"
    assert "hunter2" not in str(error_from("POST", URL, 400, body(400, text)))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Failed to find any class that implements Connector and which name matches C, available connectors are: P{X}",
            "Failed to find any class that implements Connector and which name matches C",
        ),
        ("one problem\nYou can also find the above list of errors at the endpoint `/connector-plugins`", "one problem"),
        ("x" * 10_000, "x" * LONGEST_MESSAGE),
    ],
)
def test_long_lists_are_cut(message: str, shown: str) -> None:
    error = error_from("POST", URL, 400, body(400, message))
    assert isinstance(error, Refused)
    assert error.message == shown


def test_an_empty_or_missing_message_is_still_connects_answer() -> None:
    assert type(error_from("GET", URL, 404, b'{"error_code":404}')) is NotFound
    assert type(error_from("GET", URL, 404, b'{"error_code":404,"message":null}')) is NotFound
