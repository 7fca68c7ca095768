"""What must be encrypted in the state, although it does not look like a secret or nobody can say that it is one."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime import rpc

import pulumi_kafka_connectors as kc
from tests.support.host import Host, forked_host, plain
from tests.support.names import faulty
from tests.support.program import registered
from tests.support.worker import FakeWorker, Fault, fake_worker

CHAIN = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n"
SECRET = rpc._special_secret_sig


def marked(value: Any) -> bool:
    return isinstance(value, dict) and value.get(rpc._special_sig_key) == SECRET


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(("name", "value", "secret"), [
    ("cert", CHAIN + KEY, True),
    ("cert", CHAIN, False),
    ("cert", "/etc/tls/client.pem", False),
    ("proxy", "http://user:hunter2@proxy:3128", True),
    ("proxy", "user:hunter2@proxy:3128", True),
    ("proxy", "http://proxy:3128", False),
    ("url", "http://user:hunter2@connect:8083", True),
    ("url", "http://connect:8083", False),
    ("url", ["http://connect-1:8083", "http://user:hunter2@connect:8083"], True),
    ("ca", CHAIN + KEY, True),
])  # fmt: skip
def test_settings_that_hold_a_secret_are_marked(name: str, value: Any, secret: bool, later: bool) -> None:
    def declare() -> kc.Provider:
        given: dict[str, Any] = {name: pulumi.Output.from_input(value) if later else value}
        return kc.Provider("p", **{"url": "http://connect:8083", **given})

    found = registered(declare, marks=True)[f"kafka-connectors:{name}"]
    assert marked(found) is secret


def test_one_of_several_addresses_may_be_an_output() -> None:
    def declare() -> kc.Provider:
        return kc.Provider("p", url=["http://a:8083", pulumi.Output.from_input("http://u:hunter2@b:8083")])

    assert marked(registered(declare, marks=True)["kafka-connectors:url"])


@pytest.mark.parametrize("sensitive", ["topic", 5, {"topic": True}])
def test_what_is_no_list_of_keys_is_refused(worker: FakeWorker, plugin: Host, sensitive: Any) -> None:
    worker.invalid = lambda config: {"topic": [f"Invalid value {config['topic']} for configuration topic: it is bad"]}
    topic = "hunter2" if sensitive == "topic" else "t"
    inputs = registered(lambda: kc.Connector("a", config=faulty(topic=topic), sensitive=sensitive))
    checked, failures = plugin.check(inputs)
    assert "sensitive must be a list of configuration keys" in failures
    if sensitive == "topic":
        assert marked(checked["config"]["topic"])


@pytest.mark.parametrize("kind", [list, tuple, set, iter])
def test_a_list_of_keys_may_be_of_any_kind(kind: Any) -> None:
    inputs = registered(lambda: kc.Connector("a", config=faulty(), sensitive=kind(["topic"])))
    assert inputs["sensitive"] == ["topic"]


@pytest.mark.parametrize("why", ["forbidden", "old", "away"])
def test_a_key_that_drifted_in_is_secret_until_a_worker_tells_what_it_is(front_end: str, why: str) -> None:
    with fake_worker("2.8.2" if why == "old" else "4.3.0") as worker, forked_host(front_end=front_end) as plugin:
        plugin.configure(url=worker.url, retry="1")
        outs = plain(plugin.create({"name": "a", "config": faulty()})[1])
        worker.connectors["a"]["config"].update(pin="hunter2", file="/a/b")
        refusal = Fault(".* /connector-plugins.*", 403, {"error_code": 403, "message": "no"}, times=99)
        worker.faults = [refusal] if why == "forbidden" else [Fault(".* /connector-plugins.*", close="now", times=99)]
        if why == "old":
            worker.faults = []
        _, outs, inputs = plugin.read("a", outs)
        for props in (outs, inputs):
            assert marked(props["config"]["pin"])
            assert marked(props["config"]["file"]) is (why != "old")
        assert not marked(inputs["config"]["topic" if "topic" in inputs["config"] else "rate"])
    with fake_worker() as worker, forked_host(front_end=front_end) as plugin:
        plugin.configure(url=worker.url)
        checked, _ = plugin.check({"name": "a", "config": faulty(pin="hunter2", file="/a/b", rate=2)}, inputs)
        assert checked["passwords"] == ["pin"]
        assert not marked(checked["config"]["file"])


@pytest.mark.parametrize("validate", ["off", False, "warn", True])
def test_definitions_are_asked_whatever_validate_says(worker: FakeWorker, plugin: Host, validate: Any) -> None:
    checked, failures = plugin.check({"name": "a", "config": faulty(pin="hunter2"), "validate": validate})
    assert failures == []
    assert checked["passwords"] == ["pin"]
    assert marked(checked["config"]["pin"])
    asked = [line for line in worker.lines() if line.startswith("PUT")]
    assert bool(asked) is (validate in ("warn", True))


def test_what_is_not_known_yet_is_secret_as_soon_as_it_is(worker: FakeWorker, plugin: Host) -> None:
    given = {"name": "a", "config": {**faulty(), "pin": pulumi.UNKNOWN, "topic": pulumi.UNKNOWN}}
    checked, failures = plugin.check(given)
    assert failures == []
    assert checked["passwords"] == ["pin"]
