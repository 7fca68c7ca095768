from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.connect import Settings
from pulumi_kafka_connectors.settings import SettingsError, from_config

URL: dict[str, Any] = {"url": "http://w:8083"}


def read(environment: dict[str, str] | None = None, **values: Any) -> Settings:
    return from_config({f"kafka-connectors:{key}": value for key, value in values.items()}, environment or {})


@pytest.mark.parametrize(
    ("url", "urls"),
    [
        ("http://a:1", ("http://a:1",)),
        ("http://a:1, https://b:2/", ("http://a:1", "https://b:2")),
        ('["http://a:1", "http://b:1"]', ("http://a:1", "http://b:1")),
        (["http://a:1", "http://b:1"], ("http://a:1", "http://b:1")),
        ("https://gateway/kafka/connect/", ("https://gateway/kafka/connect",)),
        ("http://[::1]:8083", ("http://[::1]:8083",)),
    ],
)
def test_one_or_several_addresses(url: Any, urls: tuple[str, ...]) -> None:
    assert read(url=url).urls == urls


def test_defaults() -> None:
    given = read(**URL)
    assert (given.timeout, given.retry.seconds, given.insecure, given.headers) == (95, 120, False, ())


def test_values_as_the_engine_gives_them() -> None:
    given = read(
        **URL, timeout="30", retry=10.0, insecure="true", headers='{"X-Team": "data"}', username="u", password=12345.0
    )
    assert (given.timeout, given.retry.seconds, given.insecure) == (30, 10, True)
    assert given.headers == (("X-Team", "data"),)
    assert given.password == "12345"
    assert read(**URL, timeout="2m", retry=0).timeout == 120


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, "kafka-connectors:url"),
        ({"url": ""}, "kafka-connectors:url"),
        ({"url": " , "}, "kafka-connectors:url"),
        ({"url": "w:8083"}, "kafka-connectors:url"),
        ({"url": "ftp://w"}, "kafka-connectors:url"),
        ({"url": "http://"}, "kafka-connectors:url"),
        ({"url": "http://w:port"}, "kafka-connectors:url"),
        ({"url": "http://w:99999"}, "kafka-connectors:url"),
        ({"url": "http://w w:1"}, "kafka-connectors:url"),
        ({"url": "http://u:hunter2@w"}, "kafka-connectors:username"),
        ({"url": "http://w/?a=b"}, "query"),
        ({"url": "http://w,bad"}, "address 2 of setting kafka-connectors:url"),
        ({"url": 5.0}, "kafka-connectors:url"),
        ({**URL, "username": "u", "token": "hunter2"}, "exclude each other"),
        ({**URL, "password": "hunter2"}, "kafka-connectors:password is set without"),
        ({**URL, "token": "hunter2\n"}, "kafka-connectors:token"),
        ({**URL, "username": ["u"]}, "kafka-connectors:username"),
        ({**URL, "headers": "hunter2"}, "kafka-connectors:headers"),
        ({**URL, "headers": {"X": 5.0}}, "kafka-connectors:headers"),
        ({**URL, "headers": {"X Y": "hunter2"}}, "kafka-connectors:headers"),
        ({**URL, "headers": {"X": "hunter2\r\nEvil: 1"}}, "kafka-connectors:headers"),
        ({**URL, "insecure": "maybe"}, "kafka-connectors:insecure"),
        ({**URL, "insecure": 1.0}, "kafka-connectors:insecure"),
        ({**URL, "timeout": "soon"}, "kafka-connectors:timeout"),
        ({**URL, "timeout": 0}, "kafka-connectors:timeout"),
        ({**URL, "timeout": -1.0}, "kafka-connectors:timeout"),
        ({**URL, "retry": "hunter2"}, "kafka-connectors:retry"),
        ({**URL, "proxy": "proxy:3128"}, "kafka-connectors:proxy"),
        ({**URL, "ca": "/no/such/file"}, "kafka-connectors:ca"),
        ({**URL, "ca": "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----"}, "kafka-connectors:ca"),
        ({**URL, "cert": "/no/such/file"}, "kafka-connectors:cert"),
        ({**URL, "key": "-----BEGIN PRIVATE KEY-----\nhunter2"}, "kafka-connectors:key"),
        ({**URL, "cert": "-----BEGIN CERTIFICATE-----\nx", "key": "hunter2"}, "kafka-connectors:cert"),
    ],
)
def test_a_bad_setting_is_one_sentence_that_names_it(values: dict[str, Any], names: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**values)
    assert names in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


ENVIRONMENT = {
    "KAFKA_CONNECT_URL": "http://env:1",
    "KAFKA_CONNECT_USERNAME": "env-user",
    "KAFKA_CONNECT_PASSWORD": "env-password",
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("http://env:1", "env-user", "env-password", None)),
        (URL, ("http://w:8083", "env-user", "env-password", None)),
        ({**URL, "username": "own"}, ("http://w:8083", "own", "env-password", None)),
        ({**URL, "username": "own", "password": "p"}, ("http://w:8083", "own", "p", None)),
        ({**URL, "token": "t"}, ("http://w:8083", None, None, "t")),
    ],
)
def test_the_environment_fills_what_is_missing(values: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    given = read(ENVIRONMENT, **values)
    assert (given.urls[0], given.username, given.password, given.token) == expected


def test_settings_do_not_show_secrets() -> None:
    shown = repr(read(**URL, username="u", password="hunter2", headers={"X-Key": "hunter3"}))
    assert "hunter" not in shown
