from __future__ import annotations

import pytest

from pulumi_kafka_connectors.core.keys import misspelt

FILE = "org.apache.kafka.connect.file.FileStreamSinkConnector"
JDBC = "io.debezium.connector.jdbc.JdbcSinkConnector"
KNOWN = {
    "connector.class", "tasks.max", "topics", "topics.regex", "file", "connection.url", "connection.username", "auto.evolve",
    "connection.password", "database.hostname", "heartbeat.interval.ms", "batch.size.2", "id", "errors.tolerance", "node1.url",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("topcs", "topics"),
        ("topic", "topics"),
        ("Topics", "topics"),
        ("fil", "file"),
        ("flie", "file"),
        ("connection.user", "connection.username"),
        ("conection.url", "connection.url"),
        ("connection.pasword", "connection.password"),
        ("connection.passwrod", "connection.password"),
        ("error.tolerance", "errors.tolerance"),
        ("task.max", "tasks.max"),
        ("hartbeat.interval.ms", "heartbeat.interval.ms"),
        ("hartbeat.intervall.ms", "heartbeat.interval.ms"),
        ("hartbeat.intrvall.ms", None),
        ("heatbet.interval.ms", "heartbeat.interval.ms"),
        ("heatbt.interval.ms", None),
        ("heartbeat.interval.md", None),
        ("connection_url", "connection.url"),
        ("fi.le", None),
        ("tasks.min", None),
        ("tasks.mix", "tasks.max"),
        ("node2.url", None),
        ("heartbeat.interval", None),
        ("topics.dir", None),
        ("batch.size.3", None),
        ("ic", None),
        ("name", None),
        ("file.path", None),
        ("transforms.topcs", None),
        ("producer.override.fil", None),
        ("key.converter.topcs", None),
        ("connection", None),
    ],
)
def test_a_key_that_is_close_to_a_known_one_is_probably_that(key: str, meant: str | None) -> None:
    assert misspelt(FILE, {"connector.class", key}, KNOWN) == ({} if meant is None else {key: meant})


@pytest.mark.parametrize(
    "prefix",
    ["transforms.", "predicates.", "key.converter.", "value.converter.", "header.converter.", "producer.override.",
     "consumer.override.", "admin.override.", "topic.creation."],
)  # fmt: skip
def test_what_is_handed_to_something_else_is_never_misspelt(prefix: str) -> None:
    assert misspelt(FILE, {f"{prefix}topcs"}, {f"{prefix}topics"}) == {}
    assert misspelt(FILE, {f"other.{prefix}topcs"}, {f"other.{prefix}topics"}) != {}


DEBEZIUM = ["database.", "driver.", "offset.", "schema.history.", "signal.", "notification.", "hibernate.", "converters."]
MIRROR = ["source.", "target.", "producer.", "consumer.", "admin."]


@pytest.mark.parametrize(
    ("plugin", "prefix"),
    [
        *((JDBC, prefix) for prefix in DEBEZIUM),
        *(("org.apache.kafka.connect.mirror.MirrorSourceConnector", prefix) for prefix in MIRROR),
        ("com.mongodb.kafka.connect.MongoSinkConnector", "topic.override."),
    ],
)
def test_what_a_plugin_hands_to_something_else_is_never_misspelt(plugin: str, prefix: str) -> None:
    assert misspelt(plugin, {f"{prefix}topcs"}, {f"{prefix}topics"}) == {}
    assert misspelt(FILE, {f"{prefix}topcs"}, {f"{prefix}topics"}) != {}


def test_a_key_that_is_set_as_well_is_not_meant() -> None:
    assert misspelt(FILE, {"topic", "topics"}, KNOWN) == {}


def test_the_nearest_key_is_meant() -> None:
    assert misspelt(FILE, {"file.pth"}, {"file.path", "file.pathx"}) == {"file.pth": "file.path"}


def test_nothing_is_misspelt_where_no_key_is_known() -> None:
    assert misspelt(FILE, {"topcs"}, ()) == {}
