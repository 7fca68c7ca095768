"""Pipelines as Mermaid and DOT."""

from __future__ import annotations

import html
import re

import pytest

from pulumi_kafka_connectors.cli.diagram import Node, dot, mermaid
from pulumi_kafka_connectors.cli.report import Part, Shown
from pulumi_kafka_connectors.connect.states import State
from tests.support.pages import DOCS

HOSTILE = [
    'a"b',
    'x"] --> y["z',
    "end",
    "a<br/>b<script>",
    "#quot; &amp; &#35;",
    "%% note",
    "`code` **bold** _it_ __x__",
    "- list",
    "1. list",
    "a\\nb\\",
    "a;b{c}(d)|e|",
    "grün 🙂",
    "fa:fa-car",
    "${x} $1",
    "a\nb\u202e\x1b[31m",
]


def node(name: str, type_: str = "source", *topics: str, tasks: str = "R", state: State = State.RUNNING) -> Node:
    """A connector whose tasks run (R) or failed (F)."""
    states = {"R": State.RUNNING, "F": State.FAILED}
    parts = tuple(Part(number, states[sign], cause="no") for number, sign in enumerate(tasks))
    return Node(Shown(name, type_, Part(None, state, cause="no"), parts), topics)


def mermaid_labels(text: str) -> dict[str, list[str]]:
    """The lines of each node's label as a browser shows them, by identifier."""
    found = re.findall(r'^    ([ct]\d+)\[\(?"([^"]*)"\)?\]:::\w+$', text, re.MULTILINE)
    return {
        name: [html.unescape(re.sub(r"#(\d+);", r"&#\1;", part)) for part in label.split("<br/>")] for name, label in found
    }


def dot_labels(text: str) -> dict[str, list[str]]:
    """The same as Graphviz shows them."""
    found = re.findall(r'^    ([ct]\d+) \[label="((?:[^"\\]|\\.)*)", ', text, re.MULTILINE)
    shown = {}
    for name, label in found:
        texts = re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], label).split("\n")
        shown[name] = [html.unescape(line) for line in texts]
    return shown


def shown(name: str) -> str:
    return " ".join(name.replace("\u202e", "\ufffd").replace("\x1b", "\ufffd").split())


def test_records_flow_from_sources_through_topics_to_sinks() -> None:
    nodes = [node("files", "sink", "orders", "people"), node("db", "source", "orders")]
    text = mermaid(nodes)
    assert text.startswith("flowchart LR\n")
    assert mermaid_labels(text) == {
        "c1": ["db", "source, running, 1 task"],
        "c2": ["files", "sink, running, 1 task"],
        "t1": ["orders"],
        "t2": ["people"],
    }
    assert re.findall(r"^    (.*-->.*)$", text, re.MULTILINE) == ["c1 --> t1", "t1 --> c2", "t2 --> c2"]
    assert dot_labels(dot(nodes)) == mermaid_labels(text)
    assert re.findall(r"^    (.*->.*);$", dot(nodes), re.MULTILINE) == ["c1 -> t1", "t1 -> c2", "t2 -> c2"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    nodes = [node(name, "source", name)]
    for labels in (mermaid_labels(mermaid(nodes)), dot_labels(dot(nodes))):
        assert labels == {"c1": [shown(name), "source, running, 1 task"], "t1": [shown(name)]}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_add_no_line(name: str) -> None:
    for draw in (mermaid, dot):
        assert draw([node(name, "sink", name)]).count("\n") == draw([node("a", "sink", "b")]).count("\n")


@pytest.mark.parametrize(
    ("name", "written"),
    [("1. a", "1#46; a"), ("- a", "#45; a"), ("__a__b_", "#95;#95;a#95;#95;b#95;"), ("fa:fa-car", "fa#58;fa-car")],
)
def test_nothing_becomes_a_list_emphasis_or_an_icon(name: str, written: str) -> None:
    assert f'["{written}<br/>' in mermaid([node(name)])


def test_ordinary_names_stay_readable() -> None:
    assert '["shop-db.public.orders_v1<br/>' in mermaid([node("shop-db.public.orders_v1")]).replace("#95;", "_")


@pytest.mark.parametrize(
    ("tasks", "state", "text"),
    [
        ("RFR", State.RUNNING, "FAILED: 1 of 3 tasks"),
        ("F", State.RUNNING, "FAILED: 1 of 1 task"),
        ("", State.FAILED, "FAILED"),
    ],
)
def test_what_failed_is_marked(tasks: str, state: State, text: str) -> None:
    nodes = [node("a", tasks=tasks, state=state)]
    drawn = mermaid(nodes)
    assert mermaid_labels(drawn)["c1"] == ["a", f"source, {text}"]
    assert '"]:::failed\n' in drawn
    assert "penwidth=3" in dot(nodes)


@pytest.mark.parametrize(("state", "style"), [(State.RUNNING, "running"), (State.PAUSED, "other"), (State.STOPPED, "other")])
def test_what_did_not_fail_has_its_state(state: State, style: str) -> None:
    drawn = mermaid([node("a", tasks="", state=state)])
    assert f"source, {state.word}, no tasks" in mermaid_labels(drawn)["c1"]
    assert f'"]:::{style}\n' in drawn


def test_without_a_type_nobody_knows_the_direction() -> None:
    nodes = [node("a", "unknown", "t")]
    assert "    c1 --- t1\n" in mermaid(nodes)
    assert "    c1 -> t1 [dir=none];\n" in dot(nodes)


def test_a_connector_without_topics_is_drawn_and_a_pipeline_may_be_empty() -> None:
    assert "c1" in mermaid_labels(mermaid([node("a")]))
    assert mermaid_labels(mermaid([])) == {}
    assert dot([]).endswith("}\n")


def test_styles_that_are_used_are_defined() -> None:
    drawn = mermaid([node("a"), node("b", tasks="F"), node("c", "sink", "t", state=State.PAUSED)])
    assert set(re.findall(r":::(\w+)", drawn)) <= set(re.findall(r"classDef (\w+)", drawn))


def test_the_page_shows_the_picture_that_the_script_drew() -> None:
    picture = (DOCS / "pictures" / "graph.mmd").read_text()
    assert f"```mermaid\n{picture}```\n" in (DOCS / "command-line.md").read_text()
    labels = list(mermaid_labels(picture).values())
    assert {"c", "t"} == {name[0] for name in mermaid_labels(picture)}
    assert [label for label in labels if "FAILED" in label[-1]]
