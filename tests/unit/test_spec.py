from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.spec import (
    CONNECTOR,
    CONNECTOR_OUTPUTS,
    DEFAULTS,
    FLAGS,
    INPUTS,
    LOCAL,
    OBSERVED,
    PASSWORDS,
    TARGET_STATES,
    TOPIC,
    Adopt,
    delete_spec,
    differing_keys,
    own_config,
    spec_of,
)
from pulumi_kafka_connectors.core.values import REFUSED, UNKNOWN, offset_to_wire

GOOD: dict[str, Any] = {"name": "a", "config": {"connector.class": "C"}}

# The table


def test_names_are_one_lower_case_word_and_meet_nowhere() -> None:
    names = [entry.name for entry in (*CONNECTOR, *CONNECTOR_OUTPUTS)]
    assert all(name.isalpha() and name.islower() for name in names)
    assert len({*names, PASSWORDS}) == len(names) + 1


def test_every_entry_says_what_it_means_in_whole_sentences() -> None:
    for entry in (*CONNECTOR, *CONNECTOR_OUTPUTS, *TOPIC):
        assert entry.meaning.endswith("."), entry.name
        assert entry.type in ("map", "text", "list", "any", "boolean", "number", "boolean or text", "number or text"), (
            entry.name
        )


def test_what_the_table_says_of_each_input() -> None:
    assert [entry.name for entry in CONNECTOR if entry.required] == ["config"]
    assert [entry.name for entry in CONNECTOR if entry.replaces] == ["name"]
    assert {entry.name: entry.first for entry in CONNECTOR if entry.first} == {"offsets": "3.6", "forget": "3.6"}
    assert {"sensitive", "adopt", "validate", "wait", "settle", "rollback", "timeouts", "forget"} == LOCAL
    assert FLAGS == {"wait": True, "rollback": True, "forget": False}
    assert {"sensitive": [], "adopt": False, "validate": "error", **FLAGS} == DEFAULTS
    assert OBSERVED == ("status", "type", "tasks", "cluster", "version")
    assert [state.word for state in TARGET_STATES] == ["running", "paused", "stopped"]
    assert [entry.name for entry in TOPIC if entry.replaces] == ["name", "replication_factor"]


# A declaration


def test_every_input_is_read() -> None:
    given = {
        **GOOD,
        "state": "paused",
        "sensitive": ["a", "b"],
        "restart": {"any": 1},
        "offsets": [{"partition": {"p": 1.0}, "offset": None}],
        "timeouts": {"create": "5m", "delete": 9.0},
        "adopt": True,
        "validate": "off",
        "wait": False,
        "settle": "1m",
        "rollback": False,
        "forget": True,
    }
    assert set(given) == set(INPUTS)
    read = spec_of(given)
    assert (read.name, read.config, read.state) == ("a", {"connector.class": "C"}, State.PAUSED)
    assert (read.sensitive, read.restart) == (("a", "b"), {"any": 1})
    assert (read.timeouts.create, read.timeouts.update, read.timeouts.delete) == (300, 300, 9)
    assert (read.adopt, read.wait, read.settle, read.rollback, read.forget) == (Adopt.ANY, False, 60, False, True)
    assert read.offsets is not None
    assert (read.offsets[0].partition, read.offsets[0].offset) == ({"p": 1}, None)


def test_defaults_are_those_of_the_design() -> None:
    read = spec_of(GOOD)
    assert (read.state, read.adopt, read.settle) == (None, None, None)
    assert (read.wait, read.rollback, read.forget) == (True, True, False)
    assert (read.timeouts.create, read.timeouts.update, read.timeouts.delete) == (300, 300, 300)
    assert read.offsets is None


def test_seconds_to_settle_may_be_none_at_all() -> None:
    assert spec_of({**GOOD, "settle": 0.0}).settle == 0


@pytest.mark.parametrize(("value", "expected"), [(False, Adopt.NOTHING), ("same", Adopt.SAME), (True, Adopt.ANY)])
def test_adopt_has_three_values(value: Any, expected: Adopt) -> None:
    assert Adopt.of(value) is expected
    assert spec_of({**GOOD, "adopt": value}).adopt is expected


@pytest.mark.parametrize("value", ["true", "Same", "", 0, 1, None, ["same"]])
def test_anything_else_is_no_value_of_adopt(value: Any) -> None:
    with pytest.raises(ValueError, match='must be False, "same" or True'):
        Adopt.of(value)


@pytest.mark.parametrize(
    ("props", "forget", "seconds"),
    [
        ({}, False, 300),
        ({"forget": True, "timeouts": {"delete": "5s"}}, True, 5),
        ({"forget": "yes", "timeouts": {"delete": "soon"}}, False, 300),
        ({"timeouts": {"create": 5}, "state": "hibernating", "config": 5, "adopt": "later", "offsets": {}}, False, 300),
        ({"timeouts": 5, "restart": {}, "news": [1]}, False, 300),
    ],
)
def test_a_delete_reads_what_it_needs_of_whatever_is_stored(props: dict[str, Any], forget: bool, seconds: float) -> None:
    read = delete_spec("a", props)
    assert (read.name, read.forget, read.timeouts.delete) == ("a", forget, seconds)


def test_an_empty_list_of_offsets_is_not_none() -> None:
    assert spec_of({**GOOD, "offsets": []}).offsets == ()


@pytest.mark.parametrize(
    "value", ["text", "", True, False, None, 0, 5, -(2**53), 2**53 + 1, 2**63 - 1, -(2**63), 0.5, 5.0, 1e300, -0.0]
)
def test_offsets_keep_their_json_types_over_a_wire_of_floats(value: Any) -> None:
    wire = offset_to_wire(value)
    if isinstance(wire, int) and not isinstance(wire, bool):
        wire = float(wire)
    read = spec_of({**GOOD, "offsets": [{"partition": {"p": wire}, "offset": {"o": wire}}]}).offsets
    assert read is not None
    assert read[0].offset is not None
    for got in (read[0].partition["p"], read[0].offset["o"]):
        assert got == value
        assert type(got) is type(value)


def test_no_declaration_shows_its_configuration() -> None:
    assert "hunter2" not in repr(spec_of({**GOOD, "config": {"a": "hunter2"}, "restart": "hunter2"}))


# Configurations


def test_a_configuration_is_kept_as_text_without_what_workers_add() -> None:
    mark = {REFUSED: "a list"}
    given = {"a": 4.0, "b": True, "c": None, "d": "", "name": "x", "__internal.config.version": "7", "u": UNKNOWN, "r": mark}
    assert own_config(given) == {"a": "4", "b": "true", "d": "", "u": UNKNOWN, "r": mark}
    assert own_config(own_config(given)) == own_config(given)


def test_keys_that_workers_add_never_differ() -> None:
    live = own_config({"a": "1", "name": "x", "__internal.config.version": "7"})
    assert differing_keys(live, {"a": "1"}) == []
    assert differing_keys(live, {"a": "2", "b": ""}) == ["a", "b"]
