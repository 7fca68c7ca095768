from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.connect import OAuth, Settings
from pulumi_kafka_connectors.core.settings import NAMES, Access, SettingsError

URL: dict[str, Any] = {"url": "http://w:8083"}
CLIENT: dict[str, Any] = {"tokenurl": "https://l/token", "clientid": "c", "clientsecret": "hunter2"}


def read(environment: dict[str, str] | None = None, **values: Any) -> Settings:
    return Access(values, environment or {}).settings()


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
        ({"password": "hunter2"}, "kafka-connectors:password is set without kafka-connectors:username"),
        ({**URL, "username": "u", **CLIENT}, "kafka-connectors:username and kafka-connectors:tokenurl exclude each other"),
        ({**URL, "token": "hunter2", **CLIENT}, "kafka-connectors:token and kafka-connectors:tokenurl exclude each other"),
        (
            {**URL, "token": "hunter2", "username": "u", **CLIENT},
            "kafka-connectors:token and kafka-connectors:username and kafka-connectors:tokenurl exclude each other",
        ),
        ({**URL, "password": "hunter2", **CLIENT}, "kafka-connectors:password is set without kafka-connectors:username"),
        (
            {**URL, "tokenurl": "http://l"},
            "tokenurl is set without kafka-connectors:clientid and kafka-connectors:clientsecret",
        ),
        (
            {**URL, "clientid": "c", "clientsecret": "hunter2"},
            "kafka-connectors:clientid is set without kafka-connectors:tokenurl",
        ),
        ({**URL, "tokenurl": "http://l", "clientid": "c"}, "tokenurl is set without kafka-connectors:clientsecret"),
        ({**URL, "scopes": "a"}, "kafka-connectors:scopes is set without kafka-connectors:tokenurl and"),
        ({**URL, **CLIENT, "tokenurl": "login/token"}, "kafka-connectors:tokenurl is not an http or https address"),
        ({**URL, **CLIENT, "tokenurl": "http://l/#hunter2"}, "kafka-connectors:tokenurl is not an http or https address"),
        ({**URL, **CLIENT, "tokenurl": "http://u:hunter2@l"}, "kafka-connectors:tokenurl holds a login"),
        ({**URL, **CLIENT, "clientid": "a\nb"}, "kafka-connectors:clientid holds a line break"),
        ({**URL, **CLIENT, "clientsecret": ["hunter2"]}, "kafka-connectors:clientsecret must be text"),
        ({**URL, **CLIENT, "scopes": 'a "hunter2"'}, "kafka-connectors:scopes must be a list of scopes"),
        ({**URL, **CLIENT, "scopes": ["a b"]}, "kafka-connectors:scopes must be a list of scopes"),
        ({**URL, **CLIENT, "scopes": {"a": "b"}}, "kafka-connectors:scopes must be a list of scopes"),
        ({**URL, **CLIENT, "scopes": [5.0]}, "kafka-connectors:scopes must be a list of scopes"),
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
def test_a_bad_setting_is_one_error_message_that_names_it(values: dict[str, Any], names: str) -> None:
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
def test_the_environment_provides_missing_settings(values: dict[str, Any], expected: tuple[str | None, ...]) -> None:
    given = read(ENVIRONMENT, **values)
    assert (given.urls[0], given.username, given.password, given.token) == expected


CLIENT_ENVIRONMENT = {
    "KAFKA_CONNECT_TOKEN_URL": "https://env/token",
    "KAFKA_CONNECT_CLIENT_ID": "env-client",
    "KAFKA_CONNECT_CLIENT_SECRET": "env-secret",
    "KAFKA_CONNECT_SCOPES": "a b",
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (CLIENT, OAuth("https://l/token", "c", "hunter2")),
        ({**CLIENT, "scopes": " a  b/c "}, OAuth("https://l/token", "c", "hunter2", ("a", "b/c"))),
        ({**CLIENT, "scopes": ["a", "b"]}, OAuth("https://l/token", "c", "hunter2", ("a", "b"))),
        ({**CLIENT, "scopes": '["a", "b"]'}, OAuth("https://l/token", "c", "hunter2", ("a", "b"))),
        ({**CLIENT, "clientid": 12345.0, "tokenurl": "http://l?a=b"}, OAuth("http://l?a=b", "12345", "hunter2")),
        ({}, None),
    ],
)
def test_an_oauth_client(values: dict[str, Any], expected: OAuth | None) -> None:
    assert read(**URL, **values).oauth == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, OAuth("https://env/token", "env-client", "env-secret", ("a", "b"))),
        ({"clientid": "own"}, OAuth("https://env/token", "own", "env-secret", ("a", "b"))),
        ({**CLIENT, "scopes": "c"}, OAuth("https://l/token", "c", "hunter2", ("c",))),
        ({"username": "u"}, None),
        ({"token": "t"}, None),
    ],
)
def test_the_environment_provides_a_client_unless_there_is_another_login(
    values: dict[str, Any], expected: OAuth | None
) -> None:
    assert read(CLIENT_ENVIRONMENT, **URL, **values).oauth == expected


@pytest.mark.parametrize(
    "environment",
    [
        {"KAFKA_CONNECT_PASSWORD": "hunter2"},
        {**CLIENT_ENVIRONMENT, "KAFKA_CONNECT_TOKEN": "hunter2"},
        {**CLIENT_ENVIRONMENT, "KAFKA_CONNECT_USERNAME": "u"},
        {**CLIENT_ENVIRONMENT, "KAFKA_CONNECT_PASSWORD": "hunter2"},
        {**CLIENT_ENVIRONMENT, "KAFKA_CONNECT_CLIENT_SECRET": ""},
    ],
)
def test_an_environment_with_half_a_login_or_two_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"exclude each other|is set without"):
        read(environment, **URL)


def test_a_client_of_the_settings_is_not_completed_with_another_login() -> None:
    given = read(ENVIRONMENT, **URL, **CLIENT)
    assert (given.username, given.password, given.oauth) == (None, None, OAuth("https://l/token", "c", "hunter2"))


@pytest.mark.parametrize(
    ("values", "environment", "client"),
    [(CLIENT, {}, True), ({}, CLIENT_ENVIRONMENT, True), (URL, {}, False), ({"token": "t"}, CLIENT_ENVIRONMENT, False)],
)
def test_whether_the_login_is_a_client(values: dict[str, Any], environment: dict[str, str], client: bool) -> None:
    assert Access(values, environment).has_client is client


def test_settings_do_not_show_secrets() -> None:
    shown = repr(read(**URL, username="u", password="hunter2", headers={"X-Key": "hunter3"}))
    assert "hunter" not in shown


def test_the_engine_hands_them_over_by_name_with_the_namespace() -> None:
    config = {f"kafka-connectors:{name}": None for name in NAMES}
    given = Access.from_config(
        {**config, "kafka-connectors:url": "http://w:1", "other:url": "http://x:1", "url": "http://y:1"}
    )
    assert given.settings().urls == ("http://w:1",)


# Kafka


def test_properties_of_a_kafka_client_come_from_the_setting_and_the_environment() -> None:
    environment = {"KAFKA_BOOTSTRAP_SERVERS": "env:1", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p"}
    assert Access({}, environment).kafka() == {"bootstrap.servers": "env:1", "sasl.username": "u", "sasl.password": "p"}
    own = {"bootstrap.servers": "own:1", "request.timeout.ms": 5000.0, "enable.ssl": True}
    expected = {"bootstrap.servers": "own:1", "request.timeout.ms": "5000", "enable.ssl": "true"}
    assert Access({"kafka": own}, {}).kafka() == expected
    assert Access({"kafka": '{"bootstrap.servers": "own:1"}'}, environment).kafka()["bootstrap.servers"] == "own:1"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "no broker is known: put bootstrap.servers into the setting kafka-connectors:kafka"),
        ({"sasl.password": "hunter2"}, "no broker is known"),
        ("hunter2", "kafka-connectors:kafka must be a map"),
        (["hunter2"], "kafka-connectors:kafka must be a map"),
        ({"bootstrap.servers": "a:1", "sasl.password": ["hunter2"]}, "kafka-connectors:kafka: sasl.password must be text"),
    ],
)
def test_a_bad_property_is_one_error_message_that_names_it(value: Any, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Access({"kafka": value}, {}).kafka()
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


# Secrets


def test_every_secret_of_the_settings_is_known_also_where_they_cannot_be_used() -> None:
    given = {
        "url": "not an address",
        "username": "u",
        "password": "s3cret-1",
        "token": "s3cret-2",
        "headers": '{"Authorization": "Bearer s3cret-3"}',
        "key": "s3cret-4",
        "proxy": "http://u:s3cret-5@proxy:1",
        "kafka": {"bootstrap.servers": "open-1", "sasl.username": "open-2", "sasl.password": "s3cret-6"},
    }
    environment = {
        "KAFKA_CONNECT_PASSWORD": "s3cret-7",
        "KAFKA_CONNECT_TOKEN": "s3cret-8",
        "KAFKA_SASL_PASSWORD": "s3cret-9",
        "KAFKA_CONNECT_CLIENT_SECRET": "s3cret-10",
    }
    found = set(Access(given, environment).secrets())
    assert {f"s3cret-{number}" for number in range(1, 11)} <= found
    assert "dTpzM2NyZXQtMQ==" in found  # as the header of a login has it
    client = set(Access({**CLIENT, "clientsecret": "s:ü"}, {}).secrets())
    assert client == {"s:ü", "YzpzJTNBJUMzJUJD"}
    assert not found & {"open-1", "open-2", "u"}


def test_a_proxy_is_kept_as_given() -> None:
    assert read(**URL, proxy="http://proxy:3128").proxy == "http://proxy:3128"
    assert read(**URL).proxy is None


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        (None, {}, False),
        ("", {}, False),
        (True, {}, True),
        ("true", {}, True),
        ("TRUE", {}, True),
        ("same", {}, "same"),
        ("false", {"KAFKA_CONNECT_ADOPT": "same"}, "same"),
        ("same", {"KAFKA_CONNECT_ADOPT": ""}, "same"),
        ("same", {"KAFKA_CONNECT_ADOPT": "false"}, False),
    ],
)
def test_what_creates_take_over_by_default(given: Any, environment: dict[str, str], expected: Any) -> None:
    assert Access({"adopt": given}, environment).adopt().value == expected


@pytest.mark.parametrize(
    ("given", "environment", "name"),
    [("yes", {}, "setting kafka-connectors:adopt"), ("same", {"KAFKA_CONNECT_ADOPT": "1"}, "KAFKA_CONNECT_ADOPT")],
)
def test_another_value_names_where_it_is_set(given: Any, environment: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=f'^{name} must be False, "same" or True$'):
        Access({"adopt": given}, environment).adopt()


@pytest.mark.parametrize(("given", "seconds"), [(None, None), ("", None), (5.0, 5), ("2m", 120), (0, 0), ("0", 0)])
def test_how_long_tasks_must_run_by_default(given: Any, seconds: float | None) -> None:
    assert Access({"settle": given}, {}).settle() == seconds


@pytest.mark.parametrize(("given", "seconds"), [(None, 60), ("", 60), ("2m", 120), (0.5, 0.5)])
def test_a_validation_has_a_minute_unless_the_setting_says_otherwise(given: Any, seconds: float) -> None:
    assert Access({"validation": given}, {}).validation() == seconds


def test_every_setting_is_read_where_they_are_required() -> None:
    for wrong in ({"adopt": "yes"}, {"settle": "soon"}, {"validation": "soon"}, {"validation": 0}, {"url": "ftp://w"}):
        with pytest.raises(SettingsError):
            Access({**URL, **wrong}, {}).require()
    Access(URL, {}).require()


def test_a_login_may_contain_blanks_but_no_control_characters() -> None:
    assert read(**URL, username="a b", password="c d").username == "a b"
    with pytest.raises(SettingsError, match="control character"):
        read(**URL, username="a\x1fb")
