from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_kafka_connectors.files.placeholders import BadPlaceholder, Placeholder, escaped, pieces, placeholder


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${config:dbPassword}", [Placeholder("dbPassword")]),
        ("${config:shared:db.password-1}", [Placeholder("db.password-1", "shared")]),
        ("a ${config:b} c", ["a ", Placeholder("b"), " c"]),
        ("${config:a}${config:b:c}", [Placeholder("a"), Placeholder("c", "b")]),
        ("user=${config:user};password=${config:pw}", ["user=", Placeholder("user"), ";password=", Placeholder("pw")]),
        # Not a placeholder: a reference that a worker resolves, and what only resembles one.
        ("${file:/run/secrets/db.properties:password}", ["${file:/run/secrets/db.properties:password}"]),
        ("${env:PASSWORD}${vault:a/b:c}", ["${env:PASSWORD}${vault:a/b:c}"]),
        ("${configs:a} ${config} {config:a} $config:a $$", ["${configs:a} ${config} {config:a} $config:a $$"]),
        ("${file:${config:a}:b}", ["${file:", Placeholder("a"), ":b}"]),
        # Escaped
        ("$${config:a}", ["${config:a}"]),
        ("$$${config:a}", ["$${config:a}"]),
        ("$${config:a} ${config:b}", ["${config:a} ", Placeholder("b")]),
        ("$${config:", ["${config:"]),
    ],
)
def test_texts_and_placeholders_of_a_value(text: str, expected: list[str | Placeholder]) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize(
    "text",
    ["${config:", "${config:}", "${config:hunter2", "${config: a}", "${config:a:b:c}", "${config:a:}", "${config::a}", "${config:a b}", "${config:${config:a}}"],
)  # fmt: skip
def test_what_only_begins_as_a_placeholder_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadPlaceholder) as caught:
        pieces(text)
    assert str(caught.value) == ("after `${config:` must come KEY} or NAMESPACE:KEY}; as text it is written `$${config:`")


@settings(max_examples=50)
@given(st.text(alphabet="${}config:a b"))
def test_an_escaped_text_is_read_as_the_text(text: str) -> None:
    assert pieces(escaped(text)) == ([text] if text else [])


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["${config:", "$", "a}", "${file:a:b}"])).map("".join))
def test_an_escaped_text_with_openings_is_read_as_the_text(text: str) -> None:
    assert pieces(escaped(text)) == ([text] if text else [])


@pytest.mark.parametrize("namespace", [None, "shared"])
def test_a_written_placeholder_is_read_as_one(namespace: str | None) -> None:
    assert pieces(placeholder("a.b", namespace)) == [Placeholder("a.b", namespace)]
    assert escaped("nothing to escape: ${file:a:b}") == "nothing to escape: ${file:a:b}"
