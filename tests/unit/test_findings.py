from __future__ import annotations

import pytest

from pulumi_kafka_connectors.connect.errors import is_connection_failure, is_missing_value
from pulumi_kafka_connectors.core.findings import WAY_OUT, Entry, with_way_out, without_consequences

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
    ],
)
def test_a_system_that_cannot_be_reached_names_the_way_out(text: str) -> None:
    assert is_connection_failure(text)
    assert with_way_out(text) == text + WAY_OUT


@pytest.mark.parametrize("text", [NUMBER, NULL, TOPICS, "", "connection.url is missing"])
def test_other_errors_stay_as_they_are(text: str) -> None:
    assert with_way_out(text) == text


def test_only_kafkas_own_words_are_a_missing_value() -> None:
    assert is_missing_value(NULL)
    assert not is_missing_value(NUMBER)
