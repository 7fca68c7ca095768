from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect.errors import is_connection_failure, is_missing_value
from pulumi_kafka_connectors.core.findings import (
    LONGEST,
    WAY_OUT,
    Entry,
    readable,
    unusable,
    with_overrides_together,
    with_way_out,
    without_consequences,
)

NULL = "Invalid value null for configuration rate: Value must be non-null"
NUMBER = "Invalid value x for configuration rate: Not a number of type INT"
TOPICS = "Must configure one of topics or topics.regex"


@pytest.mark.parametrize(
    ("entries", "kept"),
    [
        ([], []),
        ([("rate", NUMBER)], [("rate", NUMBER)]),
        ([("rate", NUMBER), ("rate", NULL)], [("rate", NUMBER)]),
        ([("rate", NULL), ("rate", NUMBER)], [("rate", NUMBER)]),
        ([("rate", NULL)], [("rate", NULL)]),
        ([("rate", NULL), ("other", NUMBER)], [("rate", NULL), ("other", NUMBER)]),
        ([("topics", TOPICS), ("topics.regex", TOPICS)], [("topics", TOPICS)]),
        ([("name", "taken"), ("name", "taken")], [("name", "taken")]),
        ([("b", "2"), ("a", "1")], [("b", "2"), ("a", "1")]),
    ],
)
def test_an_error_that_only_follows_from_another_is_left_out(entries: list[Entry], kept: list[Entry]) -> None:
    assert without_consequences(entries) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Error while validating connector config: Connection to db:5432 refused. ... java.net.ConnectException: Connection refused",
        "Unable to connect: Communications link failure",
        "The connection attempt failed.",
        "java.net.UnknownHostException: db",
        "Timed out after 30000 ms while waiting for a server that matches",
        "Connection to 127.0.0.1:1 refused. Check that the hostname and port are correct and that the postmaster is accepting",
        "UNAVAILABLE: Unable to resolve host spanner",
    ],
)
def test_a_system_that_cannot_be_reached_names_the_way_out(text: str) -> None:
    assert is_connection_failure(text)
    assert with_way_out(text) == text.removesuffix(".") + WAY_OUT


@pytest.mark.parametrize("text", [NUMBER, NULL, TOPICS, "", "connection.url is missing"])
def test_other_errors_stay_as_they_are(text: str) -> None:
    assert with_way_out(text) == text


def test_only_kafkas_own_words_are_a_missing_value() -> None:
    assert is_missing_value(NULL)
    assert not is_missing_value(NUMBER)


MONGODB = (
    "Unable to connect: Timed out while waiting for a server that matches ReadPreferenceServerSelector{readPreference=primary}. "
    "Client view of cluster state is {type=REPLICA_SET, servers=[{address=127.0.0.1:1, type=UNKNOWN, state=CONNECTING, "
    "exception={com.mongodb.MongoSocketOpenException: Exception opening socket}, caused by {java.net.ConnectException: "
    "Connection refused}}]"
)
MONGODB_SHOWN = (
    "Unable to connect: Timed out while waiting for a server that matches ReadPreferenceServerSelector{readPreference=primary} "
    "(caused by Connection refused)"
)
SQL_SERVER = (
    "Unable to connect. Check this and other connection properties. Error: The TCP/IP connection to the host 127.0.0.1, port 1 "
    'has failed. Error: "Connection refused. Verify the connection properties. Make sure that an instance of SQL Server is '
    'running on the host and accepting TCP/IP connections at the port.".'
)
SQL_SERVER_SHOWN = (
    "Unable to connect. Check this and other connection properties. Error: The TCP/IP connection to the host 127.0.0.1, port 1 "
    'has failed. Error: "Connection refused. Verify the connection properties."'
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (NUMBER, NUMBER),
        ("Unable to connect: java.net.ConnectException: Connection refused", "Unable to connect: Connection refused"),
        ("java.lang.IllegalStateException: java.sql.SQLException: no such table", "no such table"),
        ("Unable to connect: java.net.UnknownHostException: db", "Unable to connect: unknown host: db"),
        ("java.util.concurrent.TimeoutException", "timeout"),
        ("failed with java.lang.NullPointerException.", "failed with null pointer."),
        ("UNAVAILABLE: io.grpc.StatusRuntimeException: UNAVAILABLE: no route to it", "UNAVAILABLE: no route to it"),
        ("The 'rate' value is invalid: A value is required", "A value is required"),
        ("The 'other' value is invalid: A value is required", "The 'other' value is invalid: A value is required"),
        ("Class com.example.Handler is no handler", "Class com.example.Handler is no handler"),
        ("Failed to load class com.example.Json: com.example.Json", "com.example.Json is not installed on the workers"),
        ("Failed to load class com.example.Json: no licence", "Failed to load class com.example.Json: no licence"),
        ("two\n  lines", "two lines"),
        ("first\n\nsecond", "first second"),
        (
            "Unable to connect: Communications link failure\n\nThe last packet sent successfully to the server was 0 milliseconds",
            "Unable to connect: Communications link failure",
        ),
        (MONGODB, MONGODB_SHOWN),
        (SQL_SERVER, SQL_SERVER_SHOWN),
    ],
)
def test_an_error_is_its_reason(text: str, shown: str) -> None:
    assert readable("rate", text) == shown


@pytest.mark.parametrize("words", ["unable to connect ", "unable to connect. ", "x" * 50 + " connection refused "])
def test_what_a_driver_says_has_an_end(words: str) -> None:
    assert 0 < len(readable("rate", words * 100)) <= LONGEST
    assert len(readable("rate", "number " * 100)) > LONGEST


def test_a_plugin_without_its_driver_says_what_to_install() -> None:
    missing = unusable("java.lang.NoClassDefFoundError: com/ibm/db2/jcc/DB2Driver")
    assert missing is not None
    assert missing.startswith(
        "the plugin needs the class com.ibm.db2.jcc.DB2Driver, which is not installed with it: put the jar"
    )
    again = unusable("java.lang.NoClassDefFoundError: Could not initialize class io.debezium.connector.db2.Db2Connection")
    assert again is not None
    assert again.startswith(
        "the plugin cannot be used, since its class io.debezium.connector.db2.Db2Connection failed to load"
    )
    assert unusable("java.lang.NullPointerException: x") is None


def refusal(key: str, policy: str = "None") -> str:
    return f"The '{policy}' policy does not allow '{key}' to be overridden in the connector configuration."


def test_one_error_names_all_overrides_that_the_workers_refuse() -> None:
    entries = [
        ("rate", NUMBER),
        ("consumer.override.linger.ms", refusal("linger.ms")),
        ("topics", TOPICS),
        ("consumer.override.fetch.max.bytes", refusal("fetch.max.bytes")),
    ]
    told = with_overrides_together(entries)
    assert [key for key, _ in told] == ["rate", "consumer.override.linger.ms", "topics"]
    assert told[1][1] == (
        "the workers do not allow it (nor consumer.override.fetch.max.bytes), since their "
        "connector.client.config.override.policy is None: leave them out, or have another policy, such as All, in the "
        "configuration of every worker"
    )


def test_a_single_refused_override_stands_alone() -> None:
    told = with_overrides_together([("producer.override.linger.ms", refusal("linger.ms", "Allowlist"))])
    [(key, text)] = told
    assert key == "producer.override.linger.ms"
    assert text == (
        "the workers do not allow it, since their connector.client.config.override.policy is Allowlist: leave it out, or have "
        "linger.ms added to connector.client.config.override.allowlist in the configuration of every worker"
    )


def test_a_setting_that_is_refused_for_several_clients_is_to_be_allowed_once() -> None:
    told = with_overrides_together(
        [(f"{client}.override.retries", refusal("retries", "Allowlist")) for client in ("producer", "admin")]
    )
    assert told[0][1].endswith(
        "or have retries added to connector.client.config.override.allowlist in the configuration of every worker"
    )


def test_without_a_refused_override_all_errors_stay() -> None:
    assert with_overrides_together([("rate", NUMBER), ("topics", TOPICS)]) == [("rate", NUMBER), ("topics", TOPICS)]
