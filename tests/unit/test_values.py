from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kafka_connectors.core.values import (
    LONGEST_DURATION,
    REFUSED,
    UNKNOWN,
    Secret,
    has_unknowns,
    is_offset_value,
    is_unknown,
    mark_secrets,
    offset_from_wire,
    offset_to_wire,
    reveal,
    seconds_of,
    text_of,
    texts_of,
    wire_text,
)

# Markers


def test_unknowns_are_found_at_any_depth() -> None:
    assert is_unknown(UNKNOWN)
    assert not is_unknown([UNKNOWN])
    unknown: list[Any] = [UNKNOWN, [UNKNOWN], {"a": (1, {"b": UNKNOWN})}, Secret(UNKNOWN), {"a": Secret([UNKNOWN])}]
    assert all(map(has_unknowns, unknown))
    known: list[Any] = [None, "", [], {"a": [1, {"b": "c"}]}, Secret("x")]
    assert not any(map(has_unknowns, known))


def test_no_marker_shows_its_value() -> None:
    assert repr(UNKNOWN) == "unknown"
    assert "hunter2" not in repr({"a": Secret("hunter2")})


def test_secrets_are_revealed_at_any_depth() -> None:
    assert reveal({"a": Secret({"b": (Secret("x"), 1)}), "c": UNKNOWN}) == {"a": {"b": ["x", 1]}, "c": UNKNOWN}


def test_keys_of_the_configuration_are_marked_once_and_only_where_they_are_known() -> None:
    props = {"name": "a", "config": {"p": "x", "q": Secret("y"), "u": UNKNOWN, "r": "z"}}
    marked = mark_secrets(props, {"p", "q", "u", "absent"})
    assert marked == {"name": "a", "config": {"p": Secret("x"), "q": Secret("y"), "u": UNKNOWN, "r": "z"}}
    for other in ({"config": UNKNOWN}, {"config": None}, {}):
        assert mark_secrets(other, {"p"}) == other


# Configuration values


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
    ("value", "kind"),
    [
        (None, "None"),
        ([], "a list"),
        ((1,), "a list"),
        ({1}, "a list"),
        ({}, "a map"),
        ({"a": 1}, "a map"),
        (float("nan"), "not a finite number"),
        (float("inf"), "not a finite number"),
        (b"x", "a bytes"),
        (object(), "an object"),
        ("\ud800", "text with an unpaired surrogate"),
        (10**5000, "a number with thousands of digits"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_invalid_value_becomes_a_marker_with_its_type(value: Any, kind: str) -> None:
    assert text_of(value) == {REFUSED: kind}


@pytest.mark.parametrize(("value", "text"), [(4.0, "4"), (-0.0, "0"), (0.5, "0.5"), (True, "true"), ("4.0", "4.0")])
def test_whole_numbers_from_the_wire_lose_the_added_zero(value: Any, text: str) -> None:
    assert wire_text(value) == text


def test_a_configuration_becomes_text_key_by_key_and_anything_else_a_marker() -> None:
    assert texts_of({"a": 1, "b": None}) == {"a": "1", "b": {REFUSED: "None"}}
    assert texts_of(["a"]) == {REFUSED: "a list"}
    assert texts_of("a") == "a"


# Offsets


@pytest.mark.parametrize(
    "value", ["text", "", True, False, None, 0, 5, -(2**53), 2**53 + 1, 2**63 - 1, -(2**63), 0.5, 5.0, 1e300, -0.0]
)
def test_offsets_keep_their_json_types_over_a_wire_of_floats(value: Any) -> None:
    wire = offset_to_wire(value)
    if isinstance(wire, int) and not isinstance(wire, bool):
        wire = float(wire)
    assert is_offset_value(wire)
    read = offset_from_wire(wire)
    assert read == value
    assert type(read) is type(value)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.booleans() | st.none())
def test_any_plain_value_survives_inside_an_offset(value: Any) -> None:
    read = offset_from_wire(offset_to_wire(value))
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("value", [[1], {"a": 1}, float("nan"), float("inf"), object(), b"x"])
def test_values_that_no_offset_can_contain_are_not_offset_values(value: Any) -> None:
    assert not is_offset_value(offset_to_wire(value))


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ({"long": "5"}, True),
        ({"long": "-5"}, True),
        ({"double": "1e300"}, True),
        ({"long": 5.0}, False),
        ({"long": "x"}, False),
        ({"long": "5.0"}, False),
        ({"long": "5", "double": "5"}, False),
        ({"double": "x"}, False),
        ({"other": "5"}, False),
        ({REFUSED: "a list"}, False),
        ({}, False),
        (UNKNOWN, True),
    ],
)
def test_marks_of_numbers_hold_one_number(value: Any, good: bool) -> None:
    assert is_offset_value(value) is good


# Durations


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(5, 5), (2.5, 2.5), ("90", 90), ("90s", 90), ("1.5s", 1.5), ("5m", 300), ("1h30m", 5400), ("1h1m1s", 3661)],
)
def test_durations(value: Any, seconds: float) -> None:
    assert seconds_of(value) == seconds


SOON: list[Any] = [True, None, [], float("nan")]
NO_DURATIONS: list[tuple[Any, str]] = [
    *[(value, "give seconds, or text such as") for value in ("", "soon", "5x", "-5s", "5 m")],
    *[(value, "give seconds, or text such as") for value in SOON],
    *[(value, "greater than zero") for value in (0, -1, "0s", "0")],
    *[(value, "less than ten years") for value in (LONGEST_DURATION + 1, "99999999h")],
]


@pytest.mark.parametrize(("value", "words"), NO_DURATIONS)
def test_invalid_durations_are_reported(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        seconds_of(value)


def test_a_duration_may_be_ten_years_and_no_longer() -> None:
    assert seconds_of(315_360_000) == 315_360_000
    with pytest.raises(ValueError, match="less than ten years"):
        seconds_of(315_360_001)
