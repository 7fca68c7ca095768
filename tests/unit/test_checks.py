"""Checks that need no worker: each problem names its key, all are reported at once, and none shows a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_kafka_connectors.core.checks import Problem, clean, config_problem, name_problem
from pulumi_kafka_connectors.core.spec import INPUTS, ConnectorSpec, spec_of
from pulumi_kafka_connectors.core.values import UNKNOWN, has_unknowns, offset_to_wire, text_of

GOOD: dict[str, Any] = {"name": "a", "config": {"connector.class": "C"}}


def but(**changed: Any) -> dict[str, Any]:
    return {**GOOD, **changed, "config": {**GOOD["config"], **changed.get("config", {})}}


# Normalization


def test_unset_and_unknown_inputs_stay_unchanged() -> None:
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
    assert has_unknowns(later)
    assert not has_unknowns(GOOD)


def test_values_are_normalized_to_the_form_of_the_worker() -> None:
    inputs, problems = clean(but(config={"tasks.max": 4.0, "ratio": 0.5, "flag": True}, timeouts={"create": "5m"}))
    assert problems == []
    assert inputs["config"] == {"connector.class": "C", "tasks.max": "4", "ratio": "0.5", "flag": "true"}
    assert inputs["timeouts"] == {"create": 300.0}


def test_name_in_the_configuration_is_omitted_when_it_is_equal() -> None:
    assert clean(but(config={"name": "a"})) == (GOOD, [])
    assert clean({**but(config={"name": UNKNOWN})})[1] == []


@pytest.mark.parametrize(
    "value", ["text", "", True, False, None, 0, 5, -(2**53), 2**53 + 1, 2**63 - 1, -(2**63), 0.5, 5.0, 1e300, -0.0]
)
def test_every_plain_value_is_allowed_in_offsets(value: Any) -> None:
    wire = offset_to_wire(value)
    assert clean(but(offsets=[{"partition": {"p": wire}, "offset": {"o": wire}}]))[1] == []


# Problems


@pytest.mark.parametrize(
    "value", [None, [], {}, {"a": 1}, ["a"], (1,), {1}, float("nan"), float("inf"), b"x", object(), "\ud800"]
)
def test_an_invalid_value_is_rejected_by_its_key_and_not_shown(value: Any) -> None:
    _, problems = clean(but(config={"some.key": text_of(value)}))
    assert [problem.key for problem in problems] == ["config['some.key']"]
    assert problems[0].text.startswith("config['some.key']: ")


def test_a_problem_has_the_key_in_its_text_and_separately() -> None:
    assert config_problem("tasks.max", " is no number") == Problem("config['tasks.max']", "config['tasks.max'] is no number")


def test_all_problems_are_reported_at_once() -> None:
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
    assert all("\n" not in problem.text for problem in problems)
    assert {problem.key for problem in problems} == {
        "name",
        "config['name']",
        "config['x']",
        "config['y']",
        "config['connector.class']",
        "state",
        "sensitive",
        "adopt",
        "timeouts['create']",
        "timeouts['read']",
        "offsets[0]",
        "offsets[1]",
    }


@pytest.mark.parametrize(("name", "refused"), [("a", False), ("a b?#&+->'\"grün🙂", False), ("a/b", True), ("..", True)])
def test_a_name_can_be_checked_alone(name: str, refused: bool) -> None:
    assert (name_problem(name) is not None) is refused


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
def test_bad_input_is_an_error_message_that_names_it(inputs: dict[str, Any], words: str) -> None:
    _, problems = clean({**GOOD, **inputs})
    assert problems
    texts = [problem.text for problem in problems]
    assert any(text.startswith(words) for text in texts)
    assert all(problem.text.startswith(problem.key) for problem in problems)
    assert all(("\n" not in text and "{" not in text.replace("{partition, offset}", "")) or "`{`" in text for text in texts)


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
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(INPUTS, ANY)))
def test_no_input_makes_reading_fail_in_any_other_way(inputs: dict[str, Any]) -> None:
    cleaned, problems = clean(inputs)
    assert all(isinstance(problem, Problem) and problem.text for problem in problems)
    if not problems and not has_unknowns(cleaned) and "name" in cleaned:
        assert isinstance(spec_of(cleaned), ConnectorSpec)
        assert clean(cleaned) == (cleaned, [])


def test_a_key_that_an_offset_does_not_have_is_named() -> None:
    entry = {"partition": {"p": 1.0}, "offset": None, "Offset": {}}
    _, problems = clean({"name": "a", "config": {"connector.class": "C"}, "offsets": [entry]})
    assert [problem.text for problem in problems] == ["offsets[0]['Offset'] is not known: it has partition and offset"]
