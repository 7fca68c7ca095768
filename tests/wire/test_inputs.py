"""Invalid and hostile inputs through the constructor and `check`, as a program would give them."""

from __future__ import annotations

import logging
from typing import Any

import pulumi
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime import set_all_config

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors.core import listing
from pulumi_kafka_connectors.dynamic import ConnectorProvider
from pulumi_kafka_connectors.resources.connector import Connector
from tests.support.host import plain
from tests.support.names import faulty
from tests.support.program import registered
from tests.support.worker import FakeWorker

CONFIG: dict[str, Any] = faulty()


def but(**config: Any) -> dict[str, Any]:
    return {"config": {**CONFIG, **config}}


LATER = "an output"
# Ignore errors of the SDK's mocks (see `registered`) at the end of the run, too.
logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)


class Odd:
    """Not a valid input of any kind."""


ODD: list[Any] = [
    [],
    {},
    ["x"],
    {"x": "y"},
    (1,),
    {1, 2},
    b"bytes",
    float("nan"),
    float("inf"),
    Odd(),
    Odd,
    range(3),
    "\ud800",
]
NAMES = [
    "",
    " ",
    " a",
    "a ",
    "\ta",
    "a\n",
    ".",
    "..",
    "a/b",
    "/",
    "%",
    "100%",
    "a\\b",
    "a;b",
    "{a",
    "a}",
    "a\0b",
    "\x7f",
    "\x85",
]
TYPED_WRONG: list[Any] = ["yes", "true", "", 1, 0, 0.5, [], ["x"], {}, {"a": "b"}]
DURATIONS: list[Any] = ["", "soon", "5x", "-5s", "0", "0s", "5 m", "m5", "1e3", "5mm", 0, -1, -0.5, True, [], {}, ["5m"]]
NO_MAPS: list[Any] = [None, {}, "text", 5, True, [], ["a"], [("a", "b")]]
LISTS: list[Any] = [[1], [True], [["a"]], ["a", 5], [{}]]
ENTRIES: list[Any] = [
    None, "x", 5, [], {}, {"offset": {"a": 1}}, {"partition": {}, "offset": {}}, {"partition": None}, {"partition": "p"},
    {"partition": ["p"]}, {"partition": {"a": [1]}}, {"partition": {"a": {"b": 1}}}, {"partition": {"a": Odd()}},
    {"partition": {"a": 1}, "offset": "5"}, {"partition": {"a": 1}, "offset": 5}, {"partition": {"a": 1}, "offset": [1]},
    {"partition": {"a": 1}, "offset": {"b": [1]}}, {"partition": {"a": 1}, "offset": {"b": {"c": 1}}},
    {"partition": {"a": 1}, "offset": {"b": float("nan")}}, {"partition": {"a": 1}, "offsets": {}}, {"Partition": {"a": 1}},
]  # fmt: skip

CASES: list[tuple[dict[str, Any], str]] = [
    *[(but(key=value), "config['key']") for value in [None, *ODD]],
    *[
        ({"config": {**CONFIG, "connector.class": value}}, "config['connector.class']")
        for value in ["", " ", "\n", " C", "C ", "C\t", None, *ODD]
    ],
    *[({"config": {key: value for key, value in CONFIG.items() if key != "connector.class"}}, "config['connector.class']")],
    *[({"config": {**CONFIG, key: "x"}}, "config[") for key in ["", " ", " a", "a ", "a\nb", "a\tb", "a\0", "\x7f", "\x9f"]],
    *[({"config": value}, "config") for value in NO_MAPS],
    *[(but(name=value), "config['name']") for value in ["b", "", "It", " it", 5, True]],
    *[(but(**{"db.password": mask}), "config['db.password']") for mask in ["**", "****", "••••", "[hidden]"]],
    *[(but(big="x" * 1_000_000), "config has")],
    *[({**but(), "name": name}, "name must not") for name in NAMES],
    *[({**but(), "name": name}, "name must be text") for name in [5, 5.5, True, ["a"], {"a": "b"}]],
    *[
        ({**but(), "state": state}, "state must be")
        for state in ["RUNNING", "Paused", "stop", " running", "", "deleted", 1, True, [], ["running"], {}]
    ],
    *[
        ({**but(), flag: value}, f"{flag} must be")
        for flag in ("adopt", "validate", "wait", "rollback", "forget")
        for value in TYPED_WRONG
    ],
    *[({**but(), "sensitive": value}, "sensitive must be") for value in LISTS],
    *[({**but(), "timeouts": value}, "timeouts must be") for value in ["5m", 5, True, ["create"]]],
    *[({**but(), "timeouts": {"create": value}}, "timeouts['create']") for value in DURATIONS],
    *[({**but(), "timeouts": {key: 5}}, f"timeouts['{key}']") for key in ["read", "Create", "replace", ""]],
    *[({**but(), "offsets": value}, "offsets must be") for value in ["x", 5, True, {"partition": {"a": 1}}]],
    *[({**but(), "offsets": [value]}, "offsets[0]") for value in ENTRIES],
]


def registered_inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs that the engine receives from this constructor call, with outputs for `LATER`."""

    def declare() -> Connector:
        arguments: dict[str, Any] = {
            key: pulumi.Output.from_input({**CONFIG, "number": 5}) if value is LATER else value
            for key, value in inputs.items()
        }
        if isinstance(arguments["config"], dict):
            config = arguments["config"].items()
            arguments["config"] = {key: pulumi.Output.from_input(5) if value is LATER else value for key, value in config}
        return Connector("it", **arguments)

    return registered(declare)


@pytest.fixture
def provider(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> ConnectorProvider:
    monkeypatch.setattr(listing, "GATHER", 0.0)  # no other caller to wait for
    provider = ConnectorProvider()
    provider.configure(ConfigureRequest(Config({"kafka-connectors:url": worker.url}, "project")))
    return provider


def test_there_are_at_least_two_hundred_cases() -> None:
    assert len(CASES) >= 200


@pytest.mark.parametrize(("inputs", "words"), CASES, ids=lambda value: repr(value)[:50])
def test_a_mistake_is_an_error_message_that_names_the_key(
    worker: FakeWorker, provider: ConnectorProvider, inputs: dict[str, Any], words: str
) -> None:
    result = provider.check({}, registered_inputs(inputs))
    reasons = [failure.reason for failure in result.failures]
    assert any(reason.startswith(words) for reason in reasons), reasons
    assert all(failure.property == "" and "\n" not in failure.reason for failure in result.failures)
    assert "Traceback" not in "".join(reasons)
    # At most the plugin validated the valid keys.
    assert worker.writes() == []


@pytest.mark.parametrize(
    "inputs",
    [
        but(number=5, ratio=0.5, flag=True, empty="", text="a\nb", reference="${file:a:b}"),
        but(one=LATER, other=LATER),
        {"config": LATER},
        {**but(), "name": "a b?#&+->'\"grün🙂", "state": "stopped", "sensitive": ["topic"], "restart": {"any": [1]}},
        {**but(), "offsets": [], "adopt": True, "validate": True, "wait": False, "rollback": False, "forget": True},
        {
            **but(),
            "offsets": [
                {"partition": {"a": 2**60}, "offset": None},
                {"partition": {"a": "b"}, "offset": {"c": 5.0, "d": True}},
            ],
        },
        {**but(), "timeouts": {"create": "1h30m", "update": 5, "delete": 0.5}},
        {**but(), "opts": pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="10m", delete="30s"))},
    ],
    ids=range(8),
)
def test_valid_inputs_pass(provider: ConnectorProvider, inputs: dict[str, Any]) -> None:
    result = provider.check({}, registered_inputs(inputs))
    assert [failure.reason for failure in result.failures] == []
    if "opts" in inputs:
        assert result.inputs["timeouts"] == {"create": 600, "delete": 30}


@pytest.mark.parametrize("secret", [[], ["kafka-connectors:username"]])
def test_a_setting_that_the_stack_encrypts_stays_secret_in_an_explicit_provider(secret: list[str]) -> None:
    set_all_config({"kafka-connectors:url": "http://connect:8083", "kafka-connectors:username": "deployer"}, secret)
    found = registered(lambda: kc.Provider("p"), marks=True)["kafka-connectors:username"]
    set_all_config({})
    assert (plain(found), isinstance(found, dict)) == ("deployer", bool(secret))
