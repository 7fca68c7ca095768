"""Connectors and tasks as a table, in plain columns and for a terminal."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from pulumi_kafka_connectors.cli import report, table
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.connect.states import State

FAILED = Part(1, State.FAILED, "w:8083", "org.Oops: [bold red]no[/]", "org.Oops: [bold red]no[/]\n\tat x.Y")
ORDERS = Shown("orders", "sink", Part(None, State.RUNNING, "w:8083"), (Part(0, State.RUNNING, "v:8083"), FAILED))
PAUSED = Shown("[red]p[/red]:smile:", "source", Part(None, State.PAUSED, "w:8083"))
ALL = [ORDERS, PAUSED, Shown("new", "source"), Shown("gone", found=False)]

PLAIN = """\
CONNECTOR            TYPE    TASK  STATE          WORKER
orders               sink          RUNNING        w:8083
                             0     RUNNING        v:8083
                             1     FAILED         w:8083
    org.Oops: [bold red]no[/]
[red]p[/red]:smile:  source        PAUSED         w:8083
new                  source        no status yet
gone                               not found
"""


def rendered(*, whole_traces: bool = False, terminal: bool = True, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=width)
    console.print(table.rich_table(ALL, whole_traces=whole_traces))
    return out.getvalue()


def test_the_plain_table_is_stable() -> None:
    assert table.plain(ALL, whole_traces=False) == PLAIN


def test_whole_traces_stand_below_their_row() -> None:
    assert "w:8083\n    org.Oops: [bold red]no[/]\n    \tat x.Y\n[red]p" in table.plain(ALL, whole_traces=True)


@pytest.mark.parametrize("whole_traces", [False, True])
def test_texts_of_workers_are_never_read_as_markup(whole_traces: bool) -> None:
    shown = rendered(whole_traces=whole_traces, terminal=False)
    assert "[red]p[/red]:smile:" in shown
    assert "[bold red]no[/]" in shown


@pytest.mark.parametrize("width", [60, 100])
def test_a_terminal_shows_every_connector_in_its_width(width: int) -> None:
    lines = rendered(terminal=False, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert {"orders", "new", "gone"} <= {line.split()[0] for line in lines if line and not line.startswith(" ")}


def test_a_failure_is_coloured_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31mFAILED" in rendered()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" not in rendered()
    assert "FAILED" in rendered()


def test_the_summary_counts_connectors_tasks_and_states() -> None:
    assert table.summary([ORDERS, PAUSED]) == "2 connectors, 2 tasks: 2 running, 1 failed, 1 paused"
    assert table.summary([]) == "0 connectors, 0 tasks"


def test_json_keeps_names_exact_and_sends_no_control_character() -> None:
    told = report.as_json([Shown("a\x1b\u202e"), *ALL], whole_traces=True)
    text = json.dumps(told)
    assert json.loads(text)["connectors"][0]["name"] == "a\x1b\u202e"
    assert text.isascii()
    assert text.isprintable()


def test_json_tells_what_failed_and_what_is_missing() -> None:
    told = report.as_json(ALL, whole_traces=False)
    assert (told["healthy"], told["failed"], told["missing"]) == (False, 1, 1)
    assert told["connectors"][0] == {
        "name": "orders",
        "status": "failed",
        "type": "sink",
        "connector": {"state": "running", "worker": "w:8083"},
        "tasks": [
            {"id": 0, "state": "running", "worker": "v:8083"},
            {"id": 1, "state": "failed", "worker": "w:8083", "cause": "org.Oops: [bold red]no[/]"},
        ],
    }
    assert told["connectors"][2] == {
        "name": "new", "status": "unassigned", "type": "source", "connector": None, "tasks": []
    }  # fmt: skip
    assert told["connectors"][3] == {"name": "gone", "status": "missing"}
    assert report.as_json([PAUSED], whole_traces=False)["healthy"] is True
