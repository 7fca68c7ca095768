"""The Prometheus text format: pure."""

from __future__ import annotations

import re

import pytest

from pulumi_kafka_connectors.cli.metrics import exposition, silence
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.connect.states import State

SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (?P<value>\d+)')
"""A sample line, as the format defines label values."""
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def samples(text: str) -> dict[str, dict[tuple[tuple[str, str], ...], int]]:
    """The values by metric and labels; fails where the format is broken or a series occurs twice."""
    assert text.endswith("\n")
    found: dict[str, dict[tuple[tuple[str, str], ...], int]] = {}
    announced: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            announced.append(line.split(" ")[2])
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert announced[-2:] == [match["name"]] * 2, (
            "HELP and TYPE come before the samples of a metric, which stand together"
        )
        labels = tuple(
            (key, re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], value))
            for key, value in LABEL.findall(match["labels"] or "")
        )
        assert labels not in found.setdefault(match["name"], {})
        found[match["name"]][labels] = int(match["value"])
    assert len(set(announced)) * 2 == len(announced), "a metric is announced once"
    return found


def connector(name: str, state: str, *tasks: str, type: str = "sink") -> Shown:  # noqa: A002
    parts = tuple(Part(number, State(task)) for number, task in enumerate(tasks))
    return Shown(name, type, Part(None, State(state)), parts)


def test_the_state_of_each_connector_and_task_is_a_sample() -> None:
    text = exposition([connector("a", "RUNNING", "RUNNING", "FAILED")])
    assert 'kafka_connect_connector_state{connector="a",type="sink",state="running"} 1\n' in text
    assert 'kafka_connect_task_state{connector="a",type="sink",task="1",state="failed"} 1\n' in text
    assert "# TYPE kafka_connect_task_state gauge\n" in text
    assert samples(text)["kafka_connect_up"] == {(): 1}


def test_counts_are_there_for_every_state_so_that_alerts_see_a_zero() -> None:
    found = samples(exposition([connector("a", "RUNNING", "FAILED"), connector("b", "PAUSED", "PAUSED", "PAUSED")]))
    counts = {labels[0][1]: value for labels, value in found["kafka_connect_tasks"].items()}
    assert counts.keys() == {state.word for state in State}
    assert (counts["failed"], counts["paused"], counts["running"]) == (1, 2, 0)
    assert found["kafka_connect_connectors"][("state", "paused"),] == 1


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\\nb", "a\nb", 'grün🙂 {x="1"} 5', "", "a,b="])
def test_every_name_survives_as_a_label(name: str) -> None:
    series = samples(exposition([connector(name, "RUNNING")]))["kafka_connect_connector_state"]
    assert [dict(labels)["connector"] for labels in series] == [name]


def test_names_that_steer_a_terminal_stay_different_and_harmless() -> None:
    text = exposition([connector(name, "RUNNING") for name in ("a\x1b", "a\u202e", "a\u202d", "a\r")])
    assert not set(text) & {"\x1b", "\u202e", "\u202d", "\r"}
    assert len(samples(text)["kafka_connect_connector_state"]) == 4


def test_an_unknown_state_of_a_newer_worker_is_counted_too() -> None:
    found = samples(exposition([connector("a", "DOZING", "DOZING")]))
    assert found["kafka_connect_tasks"][("state", "dozing"),] == 1
    assert sum(found["kafka_connect_connectors"].values()) == 1


def test_a_connector_without_a_status_is_unassigned_and_a_missing_one_is_left_out() -> None:
    found = samples(exposition([Shown("a"), Shown("b", found=False)]))
    assert list(found["kafka_connect_connector_state"]) == [
        (("connector", "a"), ("type", "unknown"), ("state", "unassigned"))
    ]
    assert "kafka_connect_task_state" not in found


def test_without_a_worker_only_that_is_told() -> None:
    assert samples(silence()) == {"kafka_connect_up": {(): 0}}
