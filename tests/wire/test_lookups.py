from __future__ import annotations

import inspect
from collections.abc import Iterator

import pulumi
import pytest
from pulumi.runtime import set_all_config

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors.core.redaction import HIDDEN
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault

SECRETS = {"db.password": "hunter2", "pin": "pl4nted", "jdbc.url": "jdbc:x://svc:hunter2@db/x"}


@pytest.fixture(autouse=True)
def stack(worker: FakeWorker) -> Iterator[None]:
    set_all_config({"kafka-connectors:url": worker.url, "kafka-connectors:retry": "1"})
    worker.connectors["a"] = {"config": {**faulty(), **SECRETS, "name": "a"}, "state": "RUNNING"}
    yield
    set_all_config({})


def test_every_lookup_has_an_output_variant_with_the_same_parameters() -> None:
    plain = [name for name in kc.__all__ if name.startswith(("get_", "validate")) and not name.endswith("_output")]
    assert len(plain) == 11
    for name in plain:
        one, other = (inspect.signature(getattr(kc, found)).parameters for found in (name, f"{name}_output"))
        assert list(one) == list(other), name


def test_results_are_typed(worker: FakeWorker) -> None:
    assert kc.get_worker().version == "4.3.0"
    assert [task.state for task in kc.get_status("a").tasks] == ["RUNNING"]
    assert {key.name: key.type for key in kc.get_plugin("testing.FaultySource")}["pin"] == "PASSWORD"
    assert list(kc.get_connectors()) == ["a"]


def test_secrets_are_hidden_unless_asked_for() -> None:
    shown = kc.get_connector("a").config
    assert {key for key, value in shown.items() if value == HIDDEN} == set(SECRETS)
    assert shown["rate"] == "1"
    info = kc.get_connectors()["a"].info
    assert info is not None
    assert info.config == shown
    assert kc.get_tasks("a")[0].config == shown
    assert kc.get_connector("a", secrets=True).config["pin"] == "pl4nted"


def test_validation_returns_messages(worker: FakeWorker) -> None:
    worker.invalid = lambda config: {"rate": [f"Invalid value {config['rate']} for configuration rate: no number"]}
    assert kc.validate({"connector.class": "testing.FaultySource", "rate": 1.5}) == [
        "config['rate']: Invalid value 1.5 for configuration rate: no number"
    ]
    with pytest.raises(kc.LookupFailed, match=r"with connector\.class"):
        kc.validate({"rate": 1})


def test_failures_are_one_error_message_without_traceback_or_login(worker: FakeWorker) -> None:
    assert issubclass(kc.LookupFailed, pulumi.RunError)
    with pytest.raises(kc.LookupFailed, match="nothing"):
        kc.get_connector("nothing")
    worker.faults = [Fault("GET /", 400, {"error_code": 400, "message": "no\nhunter2"})]
    set_all_config(
        {"kafka-connectors:url": worker.url, "kafka-connectors:username": "u", "kafka-connectors:password": "hunter2"}
    )
    with pytest.raises(kc.LookupFailed) as caught:
        kc.get_worker()
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    set_all_config({})
    with pytest.raises(kc.LookupFailed, match="kafka-connectors:url"):
        kc.get_worker()


def test_an_output_needs_the_output_variant() -> None:
    with pytest.raises(kc.LookupFailed, match="use the _output variant"):
        kc.get_connector(pulumi.Output.from_input("a"))  # type: ignore[arg-type]


def test_all_connectors_come_with_their_status() -> None:
    status = kc.get_connectors()["a"].status
    assert status is not None
    assert status.connector.state == "RUNNING"
