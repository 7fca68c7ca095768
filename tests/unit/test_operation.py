"""What leaves an operation: one error message without secrets, whatever happens in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_kafka_connectors.connect.errors import Unauthorized, Unreachable
from pulumi_kafka_connectors.core.operation import (
    Failure,
    Operation,
    OperationFailed,
    Props,
    names_in,
    secret_config_keys,
    translate_errors,
)
from pulumi_kafka_connectors.core.settings import Access, SettingsError
from pulumi_kafka_connectors.core.values import Secret
from tests.support.operations import RecordingListener

PROPS: Props = {"name": "a", "config": {"db.password": "hunter2", "topics": "orders", "pin": Secret("pl4nted")}}


def operation(listener: RecordingListener | None = None, **settings: Any) -> Operation:
    return Operation(Access(settings, {}), listener)


@translate_errors
def fail(_operation: Operation, _props: Mapping[str, Any], problem: BaseException | None = None) -> str:
    if problem is not None:
        raise problem
    return "done"


def failure(problem: BaseException, **settings: Any) -> str:
    with pytest.raises(OperationFailed) as caught:
        fail(operation(**settings), PROPS, problem)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_what_succeeds_is_handed_on() -> None:
    assert fail(operation(), PROPS) == "done"


@pytest.mark.parametrize("kind", [Failure, Unreachable, SettingsError])
def test_an_expected_failure_is_its_text_on_one_line_without_secrets(kind: type[Exception]) -> None:
    assert failure(kind("no hunter2\n  and no pl4nted for orders")) == "no [hidden] and no [hidden] for orders"


@pytest.mark.parametrize("defect", [ZeroDivisionError("hunter2"), SystemExit("hunter2"), KeyboardInterrupt("hunter2")])
def test_an_unexpected_failure_is_a_defect_with_its_traceback_without_secrets(defect: BaseException) -> None:
    text = failure(defect)
    assert text.startswith("a defect of pulumi-kafka-connectors, please report it: Traceback")
    assert type(defect).__name__ in text
    assert "hunter2" not in text


def test_an_error_that_was_formatted_already_is_not_formatted_again() -> None:
    problem = OperationFailed("as it is")
    assert failure(problem) == "as it is"


def test_a_refused_login_says_where_it_is_set() -> None:
    text = failure(Unauthorized("GET", "http://w/", 401, "no"))
    assert text.startswith(
        "GET http://w/: 401 no: check kafka-connectors:username, :password and :token; plain `pulumi refresh`"
    )
    assert text.endswith("after a change of stack configuration add --run-program")


def test_a_refused_client_is_told_where_that_is_set() -> None:
    text = failure(Unauthorized("GET", "http://w/", 401, "no"), tokenurl="http://l", clientid="c", clientsecret="s3cr")
    assert text.startswith("GET http://w/: 401 no: check kafka-connectors:tokenurl, :clientid, :clientsecret and :scopes; ")


@pytest.mark.parametrize(
    ("settings", "secret"),
    [
        ({"username": "u", "password": "hunter22"}, "hunter22"),
        ({"username": "u", "password": "hunter22"}, "dTpodW50ZXIyMg=="),
        ({"token": "t0k3n-x"}, "t0k3n-x"),
        ({"headers": {"Authorization": "Bearer t0k3n-x"}}, "t0k3n-x"),
        ({"headers": '{"X-Key": "t0k3n-x"}'}, "t0k3n-x"),
        ({"kafka": {"sasl.password": "hunter22", "bootstrap.servers": "b:9092"}}, "hunter22"),
        ({"proxy": "http://u:hunter22@proxy:3128"}, "hunter22"),
    ],
)
def test_logins_of_the_settings_are_secret_too(settings: dict[str, Any], secret: str) -> None:
    assert failure(Failure(f"the gateway says {secret} at b:9092"), **settings) == "the gateway says [hidden] at b:9092"


def test_logins_of_the_environment_are_secret_too() -> None:
    made = Operation(Access({}, {"KAFKA_CONNECT_TOKEN": "t0k3n-x", "KAFKA_SASL_PASSWORD": "hunter22"}))
    assert made.redactor.one_line("t0k3n-x and hunter22") == "[hidden] and [hidden]"


def test_warnings_and_progress_go_to_the_listener_without_secrets() -> None:
    listener = RecordingListener()
    made = operation(listener)
    made.learn(PROPS)
    made.warn("the\nhunter2")
    made.progress("still hunter2")
    assert (listener.warnings, listener.progress_messages) == (["the [hidden]"], ["still [hidden]"])


def test_without_a_listener_they_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    operation().warn("one")
    operation().progress("two")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("WARNING", "one"), ("INFO", "two")]


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({}, {"db.password", "pin"}),
        ({"sensitive": ["topics"]}, {"db.password", "pin", "topics"}),
        ({"passwords": ["topics"]}, {"db.password", "pin", "topics"}),
        ({"sensitive": ["other"]}, {"db.password", "pin"}),
    ],
)
def test_keys_are_secret_by_their_looks_as_listed_as_marked_and_as_typed(more: dict[str, Any], keys: set[str]) -> None:
    assert secret_config_keys({**PROPS, **more}) == keys


def test_properties_without_a_configuration_have_no_secret_keys() -> None:
    assert secret_config_keys({"config": None}) == set()


@pytest.mark.parametrize(
    ("listed", "names"), [(["a", 5, "b"], ["a", "b"]), (("a",), ["a"]), ("a", ["a"]), (None, []), ({"a": 1}, [])]
)
def test_only_names_are_read_from_a_list(listed: Any, names: list[str]) -> None:
    assert names_in({"sensitive": listed}, "sensitive") == names
