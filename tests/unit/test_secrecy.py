from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kafka_connectors import spec
from pulumi_kafka_connectors.secrecy import hide, is_mask, is_secret, secret_words
from pulumi_kafka_connectors.spec import UNKNOWN


@pytest.mark.parametrize(
    ("key", "value", "secret"),
    [
        ("database.password", "x", True),
        ("DATABASE.PASSWORD", "x", True),
        ("aws.secret.access.key", "x", True),
        ("api.token", "x", True),
        ("gcp.credentials", "x", True),
        ("snowflake.private.key", "x", True),
        ("snowflake.private.key.passphrase", "x", True),
        ("kafka.api.key", "x", True),
        ("producer.override.sasl.jaas.config", "x", True),
        ("schema.registry.basic.auth.user.info", "u:p", True),
        ("azblob.account.key", "x", True),
        ("http.headers.authorization", "Bearer x", True),
        ("http.authorization.type", "static", False),
        ("connection.url", "jdbc:postgresql://db:5432/shop", False),
        ("connection.url", "jdbc:postgresql://db/shop?user=a&password=hunter2", True),
        ("connection.uri", "mongodb://user:hunter2@db:27017", True),
        ("connection.url", "jdbc:sqlserver://db;user=a;password=hunter2;", True),
        ("database.password", "${file:/run/secrets/db:password}", False),
        ("database.password", " ${env:DB} ", False),
        ("connection.url", "jdbc:x?password=${file:/run/db:pw}", True),
        ("database.password", "prefix${file:/run/db:pw}", True),
        ("topics", "orders", False),
        ("tasks.max", "4", False),
        ("key.converter", "org.apache.kafka.connect.storage.StringConverter", False),
    ],
)
def test_a_secret_is_known_by_its_key_or_by_a_password_within(key: str, value: str, secret: bool) -> None:
    assert is_secret(key, value) is secret


def test_listed_keys_are_secret_whatever_they_hold() -> None:
    assert is_secret("topics", "orders", ["topics"])
    assert is_secret("topics", UNKNOWN, ["topics"])
    assert not is_secret("topics", "${file:a:b}", ["topics"])


@pytest.mark.parametrize(
    ("value", "mask"),
    [("**", True), ("********", True), ("••••", True), ("●", True), ("[hidden]", True),
     ("*", False), ("", False), ("a**", False), ("topic.*", False), ("**.txt", False), (5, False), (None, False)],
)  # fmt: skip
def test_masks(value: Any, mask: bool) -> None:
    assert is_mask(value) is mask


def test_a_mask_stands_for_what_was_sent_last() -> None:
    live = {"password": "****", "a": "1", "new": "****"}
    assert spec.unmasked(live, {"password": "hunter2", "a": "0"}) == {"password": "hunter2", "a": "1", "new": "****"}


def test_worker_added_keys_never_differ() -> None:
    live = {"a": "1", "name": "x", "__internal.config.version": "7"}
    assert spec.differing(live, {"a": "1"}) == []
    assert spec.differing(live, {"a": "2", "b": ""}) == ["a", "b"]


def test_secrets_are_hidden_longest_first_and_short_ones_as_words() -> None:
    config = {"p": "hunter2", "q": "hunter2-longer", "r": "7", "u": "db://me:s3cr3t@x", "m": "****", "e": " "}
    words = secret_words(config, {"p", "q", "r", "m", "e"})
    assert words == {"hunter2", "hunter2-longer", "7", "s3cr3t"}
    assert hide("hunter2-longer hunter2 7 17 s3cr3t", words) == "[hidden] [hidden] [hidden] 17 [hidden]"


@given(st.text(min_size=1), st.text())
def test_a_hidden_word_is_gone(word: str, text: str) -> None:
    if len(word) > 3 and word not in "[hidden]":
        assert word not in hide(f"{text}{word}{text}", {word}).replace("[hidden]", "")
