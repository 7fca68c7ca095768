"""What connector files mean, and one sentence with file and line for whatever is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pulumi_kafka_connectors.files.folder import LONGEST_FILE, ConnectorFile, FilesError, parse_file, read_files
from pulumi_kafka_connectors.files.formats import READERS

CLASS = {"connector.class": "C"}


def parsed(file: str, content: str | bytes) -> ConnectorFile:
    return parse_file(file, content.encode() if isinstance(content, str) else content)


def problems(file: str, content: str | bytes) -> list[str]:
    with pytest.raises(FilesError) as caught:
        parsed(file, content)
    assert "hunter2" not in str(caught.value)
    return caught.value.problems


# What a file means


@pytest.mark.parametrize(
    ("file", "content", "name", "state"),
    [
        ("a.json", '{"name": "n", "config": {"connector.class": "C"}}', "n", None),
        ("a.json", '{"config": {"connector.class": "C"}}', "a", None),
        ("a.json", '{"config": {"connector.class": "C", "name": "n"}}', "n", None),
        ("a.json", '{"name": "n", "config": {"connector.class": "C", "name": "n"}}', "n", None),
        ("a.json", '{"name": "n", "config": {"connector.class": "C"}, "initial_state": "STOPPED"}', "n", "stopped"),
        ("a.json", '{"name": "n", "config": {"connector.class": "C"}, "state": "paused"}', "n", "paused"),
        ("a.json", '{"config": {"connector.class": "C"}, "state": "RUNNING", "initial_state": "running"}', "a", "running"),
        ("a.json", '{"name": "n", "config": {"connector.class": "C"}, "tasks": [{"task": 0}], "type": "sink"}', "n", None),
        ("a.json", '{"name": "n", "connector.class": "C"}', "n", None),
        ("a.b.JSON", '{"connector.class": "C"}', "a.b", None),
        ("a.yaml", "name: n\nconfig:\n  connector.class: C\nstate: paused\n", "n", "paused"),
        ("a.yml", "connector.class: C\n", "a", None),
        ("a.yml", '{"name": "n", "config": {"connector.class": "C"}}', "n", None),
        ("a.properties", "name=n\nconnector.class=C\n", "n", None),
        ("a.properties", "connector.class: C", "a", None),
        ("ü.json", '{"name": "a b/ü", "config": {"connector.class": "C"}}', "a b/ü", None),
    ],
)
def test_a_file_is_the_body_of_a_post_or_a_configuration(file: str, content: str, name: str, state: str | None) -> None:
    found = parsed(file, content)
    assert (found.name, found.config, found.state, found.file) == (name, CLASS, state, file)
    assert found.stem == Path(file).stem


def test_a_state_beside_a_configuration_without_a_body_is_one_of_its_keys() -> None:
    assert parsed("a.json", '{"connector.class": "C", "state": "x"}').config == {**CLASS, "state": "x"}


VALUES = {"int": "1", "float": "1.50", "exp": "1e3", "big": "9" * 5000, "bool": "true", "neg": "-0", "empty": "", "null": "null", "uni": "ü\U0001f600", "multi": "a\nb"}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (
            "a.json",
            '{"connector.class": "C", "int": 1, "float": 1.50, "exp": 1e3, "big": ' + "9" * 5000 + ', "bool": true, '
            '"neg": -0, "empty": "", "null": "null", "uni": "\\u00fc\\ud83d\\ude00", "multi": "a\\nb"}',
        ),
        (
            "a.yaml",
            "connector.class: C\nint: 1\nfloat: 1.50\nexp: 1e3\nbig: " + "9" * 5000 + "\nbool: true\nneg: -0\n"
            'empty: ""\n"null": "null"\nuni: ü\U0001f600\nmulti: |-\n  a\n  b\n',
        ),
        (
            "a.properties",
            "connector.class=C\nint=1\nfloat 1.50\nexp:1e3\nbig = " + "9" * 5000 + "\nbool=true\nneg=-0\n"
            "empty=\nnull=null\nuni=\\u00fc\U0001f600\nmulti=a\\n\\\n  b\n",
        ),
    ],
)
def test_values_are_text_as_written(file: str, content: str) -> None:
    assert parsed(file, content).config == {**CLASS, **VALUES}


def test_yaml_words_dates_and_octal_numbers_stay_as_written() -> None:
    written = {
        "a": "yes",
        "b": "010",
        "c": "12:30:00",
        "d": "2024-01-01",
        "on": "off",
        "e": "0x1F",
        "f": "1_000",
        "g": ".inf",
    }
    content = "connector.class: C\n" + "".join(f"{key}: {value}\n" for key, value in written.items())
    assert parsed("a.yaml", content).config == {**CLASS, **written}


def test_yaml_tags_construct_nothing() -> None:
    content = "connector.class: C\na: !!python/object/apply:os.system [exit 1]\n"
    assert problems("a.yaml", content) == [
        "a.yaml, line 2: a is a list: write its items as one text with commas between them"
    ]


def test_yaml_values_may_be_repeated_by_an_alias() -> None:
    assert parsed("a.yaml", "connector.class: C\na: &x one\nb: *x\n").config == {**CLASS, "a": "one", "b": "one"}


@pytest.mark.parametrize("ending", ["json", "yaml", "properties"])
@pytest.mark.parametrize("change", ["bom", "crlf", "both"])
def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(ending: str, change: str) -> None:
    content = {
        "json": b'{\n"connector.class": "C",\n"a": "b"\n}\n',
        "yaml": b"# c\nconnector.class: C\na: b\n",
        "properties": b"# c\nconnector.class=C\na=b\n",
    }[ending]
    if change != "bom":
        content = content.replace(b"\n", b"\r\n")
    if change != "crlf":
        content = b"\xef\xbb\xbf" + content
    found = parsed(f"a.{ending}", content)
    assert found.config == {**CLASS, "a": "b"}
    assert found.at("a") == f"a.{ending}, line 3"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.json", '{\n"name": "n",\n"config": {\n"connector.class": "C",\n"a": "x\\"}{[,"}}'),
        ("a.yaml", "name: n\nconfig:\n  # c\n  connector.class: C\n  a: |\n    x\n"),
        ("a.properties", "# c\nb=x\\\n  y\nconnector.class=C\na=1"),
    ],
)
def test_the_line_of_every_key_is_known(file: str, content: str) -> None:
    assert parsed(file, content).at("a") == f"{file}, line 5"
    assert parsed(file, content).at("absent") == file


# What is wrong with it

LIST = "is a list: write its items as one text with commas between them"
MAP = "is a map: values are text, numbers or booleans"
NULL = "is null: give a value, or leave the key out"
NO_MAP = "contains no map: give the body of a POST (name, config) or the configuration itself"
NO_CLASS = "has no connector.class: is this the configuration of a connector?"
HINT = "(put values that begin with a special character in quotes)"


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        # Syntax
        ("a.json", b"", ["a.json: is empty"]),
        ("a.yaml", b" \n\n", ["a.yaml: is empty"]),
        ("a.properties", b"\xef\xbb\xbf", ["a.properties: is empty"]),
        ("a.yaml", b"# only\n", ["a.yaml: contains only comments"]),
        ("a.json", b'{\n"a": "\0hunter2"}', ["a.json, line 2: contains a NUL character"]),
        ("a.yaml", b"a: b\nc: \0hunter2", ["a.yaml, line 2: contains a NUL character"]),
        ("a.properties", b"a=b\nc=\0", ["a.properties, line 2: contains a NUL character"]),
        ("a.json", b'{"a":\n"hunter2\xff"}', ["a.json, line 2: is not valid UTF-8: save it in that encoding"]),
        ("a.json", '{"a": "b"}'.encode("utf-16"), ["a.json, line 1: is not valid UTF-8: save it in that encoding"]),
        ("a.json", b'{"a": "hunter2",\n5: 1}', ["a.json, line 2: is not valid JSON: Expecting property name enclosed in double quotes, column 1"]),
        ("a.json", b'{"a": "hunter2"\n"b": 1}', ["a.json, line 2: is not valid JSON: Expecting ',' delimiter, column 1"]),
        ("a.json", b'{"a": NaN}', ["a.json: contains NaN or Infinity, which is not valid JSON"]),
        ("a.json", b'{"a": -Infinity}', ["a.json: contains NaN or Infinity, which is not valid JSON"]),
        ("a.json", b"[" * 200_000, ["a.json: is nested too deeply"]),
        ("a.json", b'{"a":' * 200_000, ["a.json: is nested too deeply"]),
        ("a.yaml", b"[\n" * 5000, ["a.yaml: is nested too deeply"]),
        ("a.yaml", b"- " * 5000, ["a.yaml: is nested too deeply"]),
        ("a.yaml", b"a: b\np: *hunter2", [f"a.yaml, line 2: is not valid YAML: found undefined alias {HINT}"]),
        ("a.yaml", b"a: b\np: %hunter2", [f"a.yaml, line 2: is not valid YAML: found character '%' that cannot start any token {HINT}"]),
        ("a.yaml", b"a: b\np: hunter2: x", [f"a.yaml, line 2: is not valid YAML: mapping values are not allowed here {HINT}"]),
        ("a.yaml", b"a: !hunter2!x y", [f"a.yaml, line 1: is not valid YAML: found undefined tag handle {HINT}"]),
        ("a.yaml", b"a: &hunter2 b\nc: &hunter2 d\n", [f"a.yaml, line 2: is not valid YAML: second occurrence {HINT}"]),
        ("a.yaml", b"a: b\n\tc: d", [f"a.yaml, line 2: is not valid YAML: found character that cannot start any token {HINT}"]),
        ("a.yaml", b"{a: hunter2", [f"a.yaml, line 1: is not valid YAML: expected ',' or '}}', but got '<stream end>' {HINT}"]),
        ("a.yaml", b"a: b\n---\nc: d", [f"a.yaml, line 2: is not valid YAML: but found another document {HINT}"]),
        ("a.yaml", b"a: b\nc: \x07", ["a.yaml, line 2: contains a character that YAML does not allow"]),
        ("a.yaml", b"connector.class: C\n? [a]\n: b", ["a.yaml, line 2: has a key that is not text"]),
        ("a.yaml", b"a: &a {b: c}\n<<: *a", ["a.yaml, line 2: `<<` is not supported: write out the keys that it stands for"]),
        ("a.properties", b"a=b\nc=\\u00zz", ["a.properties, line 2: contains `\\u` without four hexadecimal digits"]),
        # Meaning
        ("a.json", b"[]", [f"a.json: {NO_MAP}"]),
        ("a.json", b'"hunter2"', [f"a.json: {NO_MAP}"]),
        ("a.json", b"null", [f"a.json: {NO_MAP}"]),
        ("a.yaml", b"hunter2", [f"a.yaml: {NO_MAP}"]),
        ("a.json", b"{}", [f"a.json: {NO_CLASS}"]),
        ("a.json", b'{"name": "n",\n"config": {}}', [f"a.json, line 2: {NO_CLASS}"]),
        ("a.properties", b"bootstrap.servers=a:1\n", [f"a.properties: {NO_CLASS}"]),
        ("a.json", b'{"connector.class": "C",\n"a": ["hunter2"]}', [f"a.json, line 2: a {LIST}"]),
        ("a.json", b'{"config": {"connector.class": "C",\n"a": {"b": "hunter2"}}}', [f"a.json, line 2: config['a'] {MAP}"]),
        ("a.yaml", b"connector.class: C\na:\n- hunter2\nb: ~\nc:\n", [f"a.yaml, line 2: a {LIST}", f"a.yaml, line 4: b {NULL}", f"a.yaml, line 5: c {NULL}"]),
        ("a.json", b'{"connector.class": null}', [f"a.json, line 1: connector.class {NULL}"]),
        ("a.json", b'{"name": "n", "config": []}', [f"a.json, line 1: config {LIST}", f"a.json: {NO_CLASS}"]),
        ("a.json", b'{"name": ["n"], "config": {"connector.class": "C"}}', [f"a.json, line 1: name {LIST}"]),
        ("a.json", b'{"name": " ", "config": {"connector.class": "C"}}', ["a.json, line 1: name is empty"]),
        ("a.json", b'{"connector.class": "C", "": "x"}', ["a.json, line 1: contains an empty key"]),
        ("a.json", b'{"connector.class": "C", "a": "\\ud800"}', ["a.json, line 1: a contains text that is not valid Unicode"]),
        ("a.json", b'{"name": "n", "config": {"connector.class": "C",\n"name": "m"}}', ["a.json, line 2: the name in config differs from the one beside it"]),
        ("a.json", b'{"config": {"connector.class": "C"}, "state": "RUNING"}', ["a.json, line 1: state must be running, paused or stopped"]),
        ("a.json", b'{"config": {"connector.class": "C"}, "state": ["x"]}', [f"a.json, line 1: state {LIST}"]),
        ("a.json", b'{"config": {"connector.class": "C"}, "state": "running",\n"initial_state": "stopped"}', ["a.json, line 2: state and initial_state differ: keep one of them"]),
        ("a.json", b'{"config": {"connector.class": "C"},\n"adopt": true}', ["a.json, line 2: adopt is not part of a connector"]),
        ("a.json", b'{"connector.class": "C",\n"a": "x${config:hunter2"}', ["a.json, line 2: a: after `${config:` must come KEY} or NAMESPACE:KEY}; as text it is written `$${config:`"]),
        # Repeated keys
        ("a.json", b'{"connector.class": "C",\n"a": "hunter2",\n"a": "x"}', ["a.json, line 3: a is there more than once"]),
        ("a.json", b'{"a": "x",\n"\\u0061": "y", "connector.class": "C"}', ["a.json, line 2: a is there more than once"]),
        ("a.json", b'{"name": "n", "config": {"connector.class": "C", "name": "n",\n"name": "n"}}', ["a.json, line 2: config['name'] is there more than once"]),
        ("a.yaml", b"connector.class: C\na: hunter2\na: x\n", ["a.yaml, line 3: a is there more than once"]),
        ("a.yaml", b"config:\n  connector.class: C\n  a: x\n  a: y\n", ["a.yaml, line 4: config['a'] is there more than once"]),
        ("a.properties", b"connector.class=C\na=hunter2\n\na=x\n", ["a.properties, line 4: a is there more than once"]),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_told_with_its_line(file: str, content: bytes, expected: list[str]) -> None:
    assert problems(file, content) == expected


def test_more_than_a_mebibyte_is_not_read() -> None:
    fits = b'{"connector.class": "C", "a": "' + b"x" * (LONGEST_FILE - 33) + b'"}'
    assert len(fits) == LONGEST_FILE
    assert len(parsed("a.json", fits).config["a"]) == LONGEST_FILE - 33
    assert problems("a.json", fits + b" ") == [
        "a.json: has more than 1048576 bytes: is this the configuration of a connector?"
    ]


def test_aliases_do_not_multiply_a_large_map() -> None:
    large = "{" + ", ".join(f"k{number}: v" for number in range(20)) + "}"
    content = f"connector.class: C\na: &a {large}\n" + "".join(f"b{number}: *a\n" for number in range(200))
    assert [value for value in READERS[".yaml"](content).root.values() if value] == ["C"]
    found = problems("a.yaml", content)
    assert found[0] == f"a.yaml, line 2: a {MAP}"
    assert found[-1] == "a.yaml: and 191 more"
    assert len(found) == 11


@pytest.mark.parametrize(
    "content", ["&r {connector.class: C, config: *r}", "a: &a [*a]\nb: &b [*a, *a]\nconnector.class: C", "&r [*r]"]
)
def test_an_alias_within_itself_ends(content: str) -> None:
    assert problems("a.yaml", content)


def test_control_characters_of_keys_and_names_are_not_shown() -> None:
    (text,) = problems("a\x1b[31m.json", '{"connector.class": "C",\n"a\\u001b\\nb": ["x"]}')
    assert text == f"a\ufffd[31m.json, line 2: a\ufffd b {LIST}"


# Folders


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)


def test_the_files_of_a_folder_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, b_json='{"connector.class": "C"}', a_properties="connector.class=C", c_yml="connector.class: C")
    (tmp_path / "README.md").write_text("# hi")
    (tmp_path / ".hidden.json").write_text("{")
    (tmp_path / "e.json.bak").write_text("{")
    (tmp_path / "sub.json").mkdir()
    write(tmp_path / "sub.json", d_json="{")
    assert [found.name for found in read_files(tmp_path)] == ["a", "b", "c"]
    assert [found.name for found in read_files(tmp_path / "b.json")] == ["b"]


def test_all_wrong_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, a_json="{", b_json='{"connector.class": "C"}', c_yaml="connector.class: C\na: []", d_properties="a=1")
    with pytest.raises(FilesError) as caught:
        read_files(tmp_path)
    assert str(caught.value).splitlines() == [
        f"3 problems in {tmp_path}:",
        "a.json, line 1: is not valid JSON: Expecting property name enclosed in double quotes, column 2",
        f"c.yaml, line 2: a {LIST}",
        f"d.properties: {NO_CLASS}",
    ]


def test_a_name_in_two_files_is_told_with_both(tmp_path: Path) -> None:
    write(tmp_path, a_json='{"name": "n", "connector.class": "C"}', b_yaml="name: n\nconnector.class: C")
    with pytest.raises(FilesError) as caught:
        read_files(tmp_path)
    assert str(caught.value) == "b.yaml: connector n is in a.json too"


def test_two_files_that_differ_in_their_ending_only_are_told(tmp_path: Path) -> None:
    write(tmp_path, a_json='{"name": "n", "connector.class": "C"}', a_yaml="name: m\nconnector.class: C")
    with pytest.raises(FilesError) as caught:
        read_files(tmp_path)
    assert str(caught.value) == "a.yaml: resource a is in a.json too"


def test_a_folder_that_is_not_there_or_has_no_file_is_an_error(tmp_path: Path) -> None:
    endings = ".json, .yaml, .yml, .properties"
    with pytest.raises(FilesError, match=f"contains no connector: no file that ends in {endings}"):
        read_files(tmp_path)
    with pytest.raises(FilesError, match="cannot be read: No such file or directory"):
        read_files(tmp_path / "absent")
    (tmp_path / "notes.txt").touch()
    with pytest.raises(FilesError, match="contains no connector"):
        read_files(tmp_path / "notes.txt")


def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to(tmp_path / "absent")
    with pytest.raises(FilesError) as caught:
        read_files(tmp_path)
    assert caught.value.problems == ["a.json: is not a regular file", "b.json: is not a regular file"]


def test_the_repr_shows_no_value() -> None:
    assert "hunter2" not in repr(parsed("a.json", '{"connector.class": "C", "a": "hunter2"}'))
