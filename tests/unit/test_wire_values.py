"""Property values of the provider protocol: secrets, unknowns and outputs, both ways, at every depth."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from pulumi_kafka_connectors.core.values import UNKNOWN, Secret
from pulumi_kafka_connectors.plugin.wire import props_from_wire, props_to_wire

SIGNATURE = rpc._special_sig_key
SECRET, OUTPUT = rpc._special_secret_sig, rpc._special_output_value_sig
UNKNOWNS = {
    "any": rpc.UNKNOWN,
    "boolean": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "list": "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "asset": "030794c1-ac77-496b-92df-f27374a8bd58",
    "archive": "e48ece36-62e2-4504-bad9-02848725956a",
    "map": "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
"""From `sdk/go/common/resource/plugin/rpc.go`."""


def struct_of(values: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct


def marked(value: Any, signature: Any = SECRET) -> dict[str, Any]:
    return {SIGNATURE: signature, "value": value}


def output(**parts: Any) -> dict[str, Any]:
    return {SIGNATURE: OUTPUT, **parts}


SAME = ["", "text", "ü\x00\n🙂", True, False, 0.0, 1.5, -1e300, [], {}, ["a", ["b"], {"c": 1.0}], {"a": {"b": ["c"]}}]


@pytest.mark.parametrize("value", SAME, ids=repr)
def test_plain_values_are_the_same_both_ways(value: Any) -> None:
    assert props_from_wire(struct_of({"a": value})) == {"a": value}
    assert props_to_wire({"a": value}) == struct_of({"a": value})


@pytest.mark.parametrize(("value", "expected"), [
    (None, None),
    ([None], [None]),
    (marked("s"), Secret("s")),
    (marked(None), Secret(None)),
    (marked({"a": marked("s")}), Secret({"a": Secret("s")})),
    ({"a": [marked(1.0)]}, {"a": [Secret(1.0)]}),
    ({SIGNATURE: SECRET}, Secret(None)),
    (marked("s", "of a later version"), marked("s", "of a later version")),
    (marked("s", 5.0), marked("s", 5.0)),
    (marked("s", {"a": SECRET}), marked("s", {"a": SECRET})),
    ({SIGNATURE: None}, {SIGNATURE: None}),
    (output(value="v"), "v"),
    (output(value="v", secret=True), Secret("v")),
    (output(value="v", secret=False), "v"),
    (output(value="v", secret="yes"), "v"),
    (output(value="v", dependencies=["urn:a"]), "v"),
    (output(value={"a": output(value=marked("s"))}, secret=False), {"a": Secret("s")}),
], ids=range(17))  # fmt: skip
def test_special_values_become_marks(value: Any, expected: Any) -> None:
    assert props_from_wire(struct_of({"a": value})) == {"a": expected}


@pytest.mark.parametrize("text", UNKNOWNS.values(), ids=UNKNOWNS)
def test_unknowns_of_every_type_become_marks_at_every_depth(text: str) -> None:
    given = {"a": text, "b": [text], "c": {"d": text}, "e": marked(text), "f": output(value=text)}
    found = props_from_wire(struct_of(given))
    assert found == {"a": UNKNOWN, "b": [UNKNOWN], "c": {"d": UNKNOWN}, "e": Secret(UNKNOWN), "f": UNKNOWN}


@pytest.mark.parametrize(("value", "expected"), [
    (output(), UNKNOWN),
    (output(secret=False), UNKNOWN),
    (output(secret=True), Secret(UNKNOWN)),
])  # fmt: skip
def test_an_output_without_a_value_is_unknown(value: Any, expected: Any) -> None:
    assert props_from_wire(struct_of({"a": value})) == {"a": expected}


def test_a_text_that_holds_the_mark_of_an_unknown_is_text() -> None:
    assert props_from_wire(struct_of({"a": f"{rpc.UNKNOWN} "})) == {"a": f"{rpc.UNKNOWN} "}


def test_a_value_without_a_kind_is_nothing() -> None:
    assert props_from_wire(Struct(fields={"a": Value()})) == {"a": None}


def test_what_only_the_dynamic_front_end_stores_is_left_out() -> None:
    assert props_from_wire(struct_of({"__provider": "gASV", "a": {"__provider": "b"}})) == {"a": {"__provider": "b"}}


@pytest.mark.parametrize(("value", "expected"), [
    (UNKNOWN, rpc.UNKNOWN),
    (Secret("s"), marked("s")),
    (Secret(UNKNOWN), marked(rpc.UNKNOWN)),
    ({"a": [Secret({"b": UNKNOWN})]}, {"a": [marked({"b": rpc.UNKNOWN})]}),
    (5, 5.0),
    ((1, 2), [1.0, 2.0]),
    ({1: "a"}, {"1": "a"}),
    ("a\ud800", "a\\ud800"),
    ({"a\ud800": 1}, {"a\\ud800": 1.0}),
    ([None], [None]),
    (10**400, f"{10**400:#x}"),
    (-(10**400), f"{-(10**400):#x}"),
], ids=range(12))  # fmt: skip
def test_marks_become_special_values(value: Any, expected: Any) -> None:
    assert props_to_wire({"a": value}) == struct_of({"a": expected})


def test_properties_without_a_value_are_not_sent() -> None:
    assert props_to_wire({"a": None, "b": {"c": None}}) == Struct(
        fields={"b": Value(struct_value=Struct(fields={"c": Value(null_value=NULL_VALUE)}))}
    )


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_none_pass(number: float) -> None:
    found = props_from_wire(props_to_wire({"a": number}))["a"]
    assert found == number or math.isnan(found)


def test_deep_values_pass() -> None:
    deep: Any = "a"
    for _ in range(30):
        deep = {"a": [deep]}
    struct = Struct.FromString(props_to_wire({"a": deep}).SerializeToString())
    assert props_from_wire(struct) == {"a": deep}


TEXTS = st.text().filter(lambda text: text not in UNKNOWNS.values())
LEAVES = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), TEXTS, st.just(UNKNOWN))
KEYS = st.text(max_size=5).filter(lambda text: text != SIGNATURE)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3), st.builds(Secret, inner)),
    max_leaves=10,
)


@given(st.dictionaries(KEYS, VALUES.filter(lambda value: value is not None), max_size=4))
def test_every_value_survives_a_round_trip(props: dict[str, Any]) -> None:
    assert props_from_wire(props_to_wire(props)) == props


ANY_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=9),
        st.sampled_from([*UNKNOWNS.values(), SECRET, OUTPUT]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([SIGNATURE, "value", "secret", "dependencies", "a"]), inner, max_size=4),
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=3), ANY_JSON, max_size=4))
def test_whatever_arrives_is_converted_and_can_be_sent_back(values: dict[str, Any]) -> None:
    found = props_from_wire(struct_of(values))
    sent = props_to_wire(found)
    json_format.MessageToDict(sent)
    again = props_from_wire(sent)
    assert again == {key: value for key, value in found.items() if value is not None}
