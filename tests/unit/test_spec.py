from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_kafka_connectors import spec
from pulumi_kafka_connectors.spec import UNKNOWN, clean, spec_of, text_of

GOOD: dict[str, Any] = {"name": "a", "config": {"connector.class": "C"}}


def but(**changed: Any) -> dict[str, Any]:
    return {**GOOD, **changed, "config": {**GOOD["config"], **changed.get("config", {})}}


# Values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (" kept ", " kept "),
        ("line\nline", "line\nline"),
        (4, "4"),
        (-1, "-1"),
        (2**63 - 1, "9223372036854775807"),
        (10**30, "1" + "0" * 30),
        (True, "true"),
        (False, "false"),
        (0.1, "0.1"),
        (1.0, "1.0"),
        (1e22, "1e+22"),
    ],
)
def test_values_become_the_text_that_kafka_stores(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    "value", [None, [], {}, {"a": 1}, ["a"], (1,), {1}, float("nan"), float("inf"), b"x", object(), "\ud800"]
)
def test_what_is_no_value_is_refused_by_its_key_and_not_shown(value: Any) -> None:
    _, problems = clean(but(config={"some.key": text_of(value)}))
    assert len(problems) == 1
    assert problems[0].startswith("config['some.key']: ")


def test_whole_numbers_that_came_as_floats_lose_what_the_wire_added() -> None:
    inputs, problems = clean(but(config={"tasks.max": 4.0, "ratio": 0.5, "flag": True}))
    assert problems == []
    assert inputs["config"] == {"connector.class": "C", "tasks.max": "4", "ratio": "0.5", "flag": "true"}


@pytest.mark.parametrize(
    "value", ["text", "", True, False, None, 0, 5, -(2**53), 2**53 + 1, 2**63 - 1, -(2**63), 0.5, 5.0, 1e300, -0.0]
)
def test_offsets_keep_their_json_types_over_a_wire_of_floats(value: Any) -> None:
    wire = spec.offset_value(value)
    if isinstance(wire, int) and not isinstance(wire, bool):
        wire = float(wire)
    offsets = [{"partition": {"p": wire}, "offset": {"o": wire}}]
    assert clean(but(offsets=offsets))[1] == []
    read = spec_of(but(offsets=offsets)).offsets
    assert read is not None
    assert read[0].offset is not None
    for got in (read[0].partition["p"], read[0].offset["o"]):
        assert got == value
        assert type(got) is type(value)


# Reading


def test_unset_and_unknown_inputs_stay_what_they_are() -> None:
    given_ = {**GOOD, "state": None, "__provider": "x", "status": None}
    assert clean(given_) == (GOOD, [])
    later: dict[str, Any] = {
        "name": UNKNOWN,
        "config": UNKNOWN,
        "state": UNKNOWN,
        "offsets": UNKNOWN,
        "timeouts": UNKNOWN,
        "adopt": UNKNOWN,
    }
    assert clean(later) == (later, [])
    later = but(config={"connector.class": UNKNOWN, "x": UNKNOWN}, sensitive=[UNKNOWN], timeouts={"create": UNKNOWN})
    assert clean(later) == (later, [])
    later = {**GOOD, "offsets": [UNKNOWN, {"partition": {"a": UNKNOWN}, "offset": UNKNOWN}]}
    assert clean(later) == (later, [])
    assert spec.has_unknowns(later)
    assert not spec.has_unknowns(GOOD)


def test_name_in_the_configuration_is_left_out_when_it_is_equal() -> None:
    assert clean(but(config={"name": "a"})) == (GOOD, [])
    assert clean({**but(config={"name": UNKNOWN})})[1] == []


def test_everything_wrong_is_told_at_once() -> None:
    _, problems = clean(
        {
            "name": "a/b",
            "config": {"name": "other", "x": text_of(None), "y": text_of([1])},
            "state": "asleep",
            "sensitive": "key",
            "adopt": "yes",
            "timeouts": {"create": "soon", "read": 5.0},
            "offsets": [{"offset": {}}, {"partition": {"a": [1]}, "extra": 1}],
        }
    )
    assert len(problems) == 13
    assert all("\n" not in problem for problem in problems)


def test_defaults_are_those_of_the_design() -> None:
    read = spec_of(GOOD)
    assert (read.state, read.adopt, read.validate, read.wait, read.rollback, read.forget) == (
        None,
        False,
        True,
        True,
        True,
        False,
    )
    assert (read.timeouts.create, read.timeouts.update, read.timeouts.delete) == (300, 300, 300)
    assert read.offsets is None


def test_an_empty_list_of_offsets_is_not_none() -> None:
    assert spec_of({**GOOD, "offsets": []}).offsets == ()


@pytest.mark.parametrize(
    ("given_", "seconds"),
    [(5, 5), (2.5, 2.5), ("90", 90), ("90s", 90), ("1.5s", 1.5), ("5m", 300), ("1h30m", 5400), ("1h1m1s", 3661)],
)
def test_durations(given_: Any, seconds: float) -> None:
    assert spec.seconds(given_) == seconds


NO_OFFSETS: list[Any] = [None, "x", 5.0, [], {}, {"offset": {}}, {"partition": None, "offset": {"a": 1.0}}, {"partition": {}, "offset": {"a": 1.0}},
       {"partition": "p", "offset": {}}, {"partition": ["p"]}, {"partition": {"a": [1.0]}}, {"partition": {"a": {"b": "c"}}},
       {"partition": {"a": "b"}, "offset": "5"}, {"partition": {"a": "b"}, "offset": 5.0}, {"partition": {"a": "b"}, "offset": [1.0]},
       {"partition": {"a": "b"}, "offset": {"c": {"d": "e"}}}, {"partition": {"a": "b"}, "offsets": {"c": 1.0}},
       {"partition": {"a": "b"}, "offset": {"c": {"long": 5.0}}}, {"partition": {"a": "b"}, "offset": {"c": {"long": "x"}}},
       {"partition": {"a": "b"}, "offset": {"c": {"double": "x"}}}, {"partition": {"a": "b"}, "offset": {"c": {"refused": "a list"}}}]  # fmt: skip

NO_VALUES: list[Any] = [
    None,
    [],
    {},
    ["x"],
    {"x": "y"},
    (),
    set(),
    b"",
    float("nan"),
    float("-inf"),
    object(),
    "\udfff",
    range(3),
]

HOSTILE: list[tuple[dict[str, Any], str]] = [
    *[({"name": name}, "name must not") for name in
      ["", " ", " a", "a ", "\ta", ".", "..", "a/b", "/", "100%", "a\\b", "a;b", "a{b", "a}b", "a\nb", "a\0b", "\x7f", "\x85", "\u00a0"]],
    *[({"name": name}, "name must be text") for name in [5, 5.0, True, ["a"], {"a": 1}]],
    *[({"config": config}, "config must be a map") for config in [None, "text", 5.0, True, ["a"], {"refused": "a list"}]],
    *[({"config": {"connector.class": value}}, "config['connector.class']") for value in
      [None, "", " ", "\n", " C", "C ", "C\n", "\tC", text_of(None), text_of(["C"]), text_of({})]],
    ({"config": {}}, "config['connector.class']"),
    *[({"config": {"connector.class": "C", key: "x"}}, "config[") for key in ["", " ", " a", "a ", "a\nb", "a\0b", "\x7f"]],
    *[({"config": {"connector.class": "C", "k": text_of(value)}}, "config['k']") for value in NO_VALUES],
    *[({"config": {"connector.class": "C", "k": value}}, "config['k']") for value in [{"a": {"b": "c"}}, ["a", ["b"]], [None]]],
    ({"config": {"connector.class": "C", "__internal.config.version": "1"}}, "config['__internal.config.version']"),
    ({"config": {"connector.class": "C", "big": "x" * 1_000_001}}, "config has "),
    *[({"config": {"connector.class": "C", "db.password": mask}}, "config['db.password']") for mask in
      ["**", "********", "\u2022\u2022\u2022", "[hidden]", "●●●●"]],
    *[({"config": {"connector.class": "C", "name": name}}, "config['name']") for name in ["b", "", " a", "A", text_of(None)]],
    *[({"state": state}, "state must be") for state in
      ["RUNNING", "Paused", "stop", "", " running", "unassigned", 1.0, True, False, [], ["running"], {}, {"a": "b"}]],
    *[({"sensitive": value}, "sensitive must be") for value in ["key", 5.0, True, {"a": "b"}, [1.0], ["a", None], [["a"]]]],
    *[({flag: value}, f"{flag} must be") for flag in ["adopt", "validate", "wait", "rollback", "forget"]
      for value in ["true", "no", 1.0, 0.0, [], {}, ["x"]]],
    *[({"timeouts": value}, "timeouts must be") for value in ["5m", 5.0, True, ["create"]]],
    *[({"timeouts": {"create": value}}, "timeouts['create']") for value in
      ["", "soon", "5x", "-5s", "0", "0s", 0.0, -1.0, True, [], {}, float("nan"), float("inf"), "m5", "5 m", "1e3", "5mm"]],
    *[({"timeouts": {key: 5.0}}, f"timeouts['{key}']") for key in ["read", "CREATE", "", "replace"]],
    *[({"offsets": value}, "offsets must be") for value in ["x", 5.0, True, {"partition": {}}, {}]],
    *[({"offsets": [value]}, "offsets[0]") for value in NO_OFFSETS],
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "words"), HOSTILE, ids=lambda value: repr(value)[:60])
def test_bad_input_is_a_sentence_that_names_it(inputs: dict[str, Any], words: str) -> None:
    _, problems = clean({**GOOD, **inputs})
    assert problems
    assert any(problem.startswith(words) for problem in problems)
    assert all(
        ("\n" not in problem and "{" not in problem.replace("{partition, offset}", "")) or "`{`" in problem
        for problem in problems
    )


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=5)
    | st.just(UNKNOWN)
    | st.sampled_from(["running", "a", "C"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(spec.INPUTS, ANY)))
def test_no_input_whatever_makes_reading_fail_in_any_other_way(inputs: dict[str, Any]) -> None:
    cleaned, problems = clean(inputs)
    assert all(isinstance(problem, str) and problem for problem in problems)
    if not problems and not spec.has_unknowns(cleaned) and "name" in cleaned:
        assert isinstance(spec_of(cleaned), spec.ConnectorSpec)
        assert clean(cleaned) == (cleaned, [])
