"""`pulumi-kafka-connectors types` against a worker whose plugin cannot be validated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.cli.definitions.config_keys import PROBE
from tests.support.worker import FakeWorker, Fault

PLUGIN = "testing.FaultySource"
KEYS = [
    {"name": "mode", "type": "STRING", "default_value": "slow", "documentation": "How."},
    {"name": "tasks.max", "type": "INT", "default_value": "1"},
]
DEFINITIONS = rf"GET /connector-plugins/{PLUGIN}/config"
VALIDATION = rf"PUT /connector-plugins/{PLUGIN}/config/validate"
VALIDATED = {"configs": [{"definition": KEYS[0], "value": {"name": "mode", "recommended_values": ["slow", "fast"]}}]}
BOOM = {"error_code": 500, "message": "java.lang.NullPointerException"}
Captured = pytest.CaptureFixture[str]


def fails(worker: FakeWorker, times: int, definitions: Any = KEYS) -> None:
    worker.faults += [Fault(DEFINITIONS, 200, definitions), Fault(VALIDATION, 500, BOOM, times=times)]
    worker.faults += [Fault(VALIDATION, 200, VALIDATED)]


def validated(worker: FakeWorker) -> list[dict[str, str]]:
    return [request.body for request in worker.requests if request.path.endswith("/validate")]


def test_a_plugin_that_fails_at_values_it_does_not_accept_is_asked_without_them(
    worker: FakeWorker, capsys: Captured
) -> None:
    fails(worker, times=1)
    assert main(["types", "--url", worker.url, PLUGIN]) == 0
    assert [config.get("mode") for config in validated(worker)] == [PROBE, None]
    assert '"mode": Input[Literal["fast", "slow"]]' in capsys.readouterr().out


def test_values_that_no_validation_tells_are_a_word_on_standard_error(worker: FakeWorker, capsys: Captured) -> None:
    fails(worker, times=2)
    assert main(["types", "--url", worker.url, PLUGIN]) == 0
    captured = capsys.readouterr()
    assert '"mode": Input[str]' in captured.out
    assert f"the values that keys of {PLUGIN} accept are not known" in captured.err


def test_without_the_keys_of_connect_nothing_is_written(worker: FakeWorker, capsys: Captured, tmp_path: Path) -> None:
    fails(worker, times=9, definitions=KEYS[:1])
    assert main(["types", "--url", worker.url, PLUGIN, "--output", str(tmp_path / "it.py")]) == 2
    assert "NullPointerException" in capsys.readouterr().err
    assert not (tmp_path / "it.py").exists()


def test_the_keys_of_connect_are_probed_where_only_a_validation_tells_them(worker: FakeWorker) -> None:
    told = {"configs": [{"definition": {"name": "errors.tolerance", "default_value": "none"}}]}
    worker.faults += [Fault(DEFINITIONS, 200, KEYS[:1]), Fault(VALIDATION, 200, told, times=2)]
    assert main(["types", "--url", worker.url, PLUGIN]) == 0
    first, second = validated(worker)
    assert (set(first), first["connector.class"]) == ({"connector.class", "name"}, PLUGIN)
    assert (second["mode"], second["errors.tolerance"]) == (PROBE, PROBE)


def test_a_file_that_cannot_be_written_is_told(worker: FakeWorker, capsys: Captured, tmp_path: Path) -> None:
    worker.faults += [Fault(DEFINITIONS, 200, KEYS), Fault(VALIDATION, 200, VALIDATED)]
    assert main(["types", "--url", worker.url, PLUGIN, "--json-schema", "--output", str(tmp_path / "no" / "it.json")]) == 2
    assert "it.json" in capsys.readouterr().err


def test_of_two_keys_that_replace_each_other_none_is_required(worker: FakeWorker, capsys: Captured) -> None:
    names = ["host", "url", "prefix"]
    keys = [*KEYS, *({"name": name, "type": "INT" if name == "host" else "STRING"} for name in names)]

    def missing(*absent: str) -> Fault:
        configs: list[dict[str, Any]] = [{"definition": key, "value": {"name": key["name"], "errors": []}} for key in keys]
        for entry in configs:
            if entry["value"]["name"] in absent:
                entry["value"]["errors"] = [f"The '{entry['value']['name']}' value is invalid: A value is required"]
        return Fault(VALIDATION, 200, {"configs": configs})

    worker.faults += [Fault(DEFINITIONS, 200, keys), missing(*names), missing(), missing(), missing("prefix")]
    assert main(["types", "--url", worker.url, PLUGIN]) == 0
    given = [{name: config[name] for name in names if name in config} for config in validated(worker)]
    assert given == [{}, {"url": PROBE, "prefix": PROBE}, {"host": "1", "prefix": PROBE}, {"host": "1", "url": PROBE}]
    out = capsys.readouterr().out
    assert [name for name in names if f'"{name}": Required' in out] == ["prefix"]
