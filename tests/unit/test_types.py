"""What `pulumi-kafka-connectors types` writes: keys from definitions, as a Python module and as a JSON Schema."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from pulumi_kafka_connectors.cli.definitions import json_schema, typed_dicts
from pulumi_kafka_connectors.cli.definitions.config_keys import (
    PROBE,
    ConnectorClass,
    Key,
    aliases,
    class_named,
    connector_class,
    missed,
    nearest,
    probes,
)
from pulumi_kafka_connectors.cli.types import origin_of
from pulumi_kafka_connectors.connect.models import ConfigKey, ConfigValue, ValidatedKey, Validation

PLUGIN = "io.example.OrdersSinkConnector"
FULL = [Key("connector.class", required=True), Key("topics", "LIST", required=True)]


def key(name: str, type_: str = "STRING", default: str | None = None, **more: Any) -> ConfigKey:
    return ConfigKey(name=name, type=type_, default_value=default, **more)


def read(*definitions: ConfigKey, name: str = PLUGIN, **values: ConfigValue) -> dict[str, Key]:
    """What becomes of definitions; in the keywords, `_` stands for `.`."""
    return {found.name: found for found in whole(*definitions, name=name, **values).keys}


def whole(*definitions: ConfigKey, name: str = PLUGIN, **values: ConfigValue) -> ConnectorClass:
    validated = [ValidatedKey(value=value) for value in values.values()]
    return connector_class(name, "1.0", {name}, definitions, Validation(configs=validated))


def refused(name: str, error: str) -> ConfigValue:
    return ConfigValue(name=name, errors=[error])


# Keys


def test_the_class_comes_first_then_required_keys_and_each_key_once_by_name() -> None:
    found = whole(key("b"), key("z", required=True), key("connector.class", required=True), key("a"), key("a"), key("name"))
    assert [one.name for one in found.keys] == ["connector.class", "z", "a", "b"]


@pytest.mark.parametrize(
    ("definition", "default"),
    [
        (key("port", "INT", "5432"), "5432"),
        (key("file", "STRING", ""), ""),
        (key("file"), None),
        (key("login", "PASSWORD", "pl4nted"), None),
        (key("api.token", "STRING", "pl4nted"), None),
        (key("url", "STRING", "jdbc:x://me:pl4nted@host/db"), None),
    ],
)
def test_a_default_that_may_be_a_secret_is_left_out(definition: ConfigKey, default: str | None) -> None:
    assert read(definition)[definition.name].default == default


@pytest.mark.parametrize(
    ("type_", "default", "error", "recommended", "values"),
    [
        ("STRING", "none", "Invalid value x for configuration k: String must be one of: none, all", [], ("all", "none")),
        (
            "STRING",
            "poll",
            "Invalid value x for configuration k: String must be one of (case insensitive): POLL, INTERVAL",
            [],
            ("interval", "poll"),
        ),
        (
            "STRING",
            "SSL",
            "Invalid value x for configuration k: String must be one of (case insensitive): SSL, PLAIN",
            [],
            ("PLAIN", "SSL"),
        ),
        ("STRING", "fail", "The 'k' value is invalid: Value must be one of warn, fail", ["fail"], ("fail", "warn")),
        (
            "STRING",
            "INSERT",
            "The 'k' value is invalid: Value must be one of insert, upsert",
            [],
            ("INSERT", "insert", "upsert"),
        ),
        ("STRING", "fail", "", ["warn", None, "fail"], ("fail", "warn")),
        ("INT", "1", "", ["10", "1"], ("1", "10")),
        ("INT", "1", "", ["1", "a"], ()),
        ("STRING", None, "", ["one.topic", "other.topic"], ()),
        ("STRING", "other", "", ["one.topic"], ()),
        ("STRING", "none", "Invalid value x for another: String must be one of: none, all", [], ()),
        ("STRING", "none", "k must be one of the tables that are there", [], ()),
        ("STRING", "none", "", [], ()),
        ("CLASS", "a.B", "", ["a.B", "a.C"], ()),
        ("LIST", "a", "", ["a", "b"], ()),
        ("PASSWORD", "a", "", ["a", "b"], ()),
    ],
)
def test_a_key_accepts_only_the_values_that_its_definition_or_recommender_lists_with_its_default(
    type_: str, default: str | None, error: str, recommended: list[str | None], values: tuple[str, ...]
) -> None:
    value = ConfigValue(name="k", errors=[error] if error else [], recommended_values=recommended)
    assert read(key("k", type_, default), k=value)["k"].values == values


def test_a_version_is_not_one_of_those_that_are_installed() -> None:
    value = ConfigValue(name="key.converter.plugin.version", recommended_values=["4.3.1"])
    assert read(key(value.name, default="4.3.1"), it=value)[value.name].values == ()


def test_a_plugin_misses_keys_that_their_definitions_do_not_require() -> None:
    missing = "The 'database.user' value is invalid: A value is required"
    errors = {"database.user": missing, "topics": "Must configure one of topics or topics.regex", "file": ""}
    configs = [ValidatedKey(definition=key(name), value=refused(name, error)) for name, error in errors.items()]
    undefined = ValidatedKey(value=refused("history", missing))
    assert missed(Validation(configs=[*configs, undefined])) == [key("database.user")]


def test_a_key_is_required_by_its_definition_or_by_its_plugin() -> None:
    definitions = [key("file", required=True), key("database.user"), key("topics", "LIST")]
    found = connector_class(PLUGIN, "1.0", {PLUGIN}, definitions, Validation(), ["database.user"])
    assert {one.name for one in found.keys if one.required} == {"database.user", "file"}


def test_the_keys_of_connect_come_from_the_validation_where_the_definitions_lack_them() -> None:
    entry = ValidatedKey(definition=key("tasks.max", "INT", "1"))
    found = connector_class(PLUGIN, "1.0", {PLUGIN}, [key("file")], Validation(configs=[entry]))
    assert [one.name for one in found.keys] == ["file", "tasks.max"]


def test_a_pattern_of_keys_is_a_prefix_of_further_keys() -> None:
    found = whole(key("column.mask.with.(d+).chars"), key("[a]"))
    assert found.keys == ()
    assert "column.mask.with." in found.prefixes
    assert "" not in found.prefixes


@pytest.mark.parametrize(
    ("name", "prefix", "there"),
    [
        (PLUGIN, "transforms.", True),
        (PLUGIN, "producer.override.", True),
        (PLUGIN, "driver.", False),
        ("io.debezium.connector.mysql.MySqlConnector", "driver.", True),
        ("org.apache.kafka.connect.mirror.MirrorSourceConnector", "source.", True),
    ],
)
def test_the_prefixes_of_further_keys_are_those_of_connect_and_of_the_plugin(name: str, prefix: str, there: bool) -> None:
    assert (prefix in whole(key("a"), name=name).prefixes) is there


def test_only_optional_words_are_probed() -> None:
    definitions = [
        key("mode", default="initial"),
        key("port", "INT", "1"),
        key("host", default="db.example:1"),
        key("path", default="./a"),
        key("must", default="word", required=True),
        key("empty", default=""),
        key("unset"),
        key("plugin.version", default="final"),
        key("the.password", default="word"),
    ]
    assert probes(definitions) == {"mode": PROBE}


INSTALLED = {PLUGIN, "io.example.OrdersSourceConnector", "com.other.OrdersSourceConnector", "io.example.Plain"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (PLUGIN, ("OrdersSinkConnector", "OrdersSink")),
        ("io.example.OrdersSourceConnector", ()),
        ("io.example.Plain", ("Plain",)),
        ("Plain", ()),
    ],
)
def test_an_alias_belongs_to_one_class(name: str, found: tuple[str, ...]) -> None:
    assert aliases(name, INSTALLED | {name} if name != "Plain" else {name}) == found
    assert all(class_named(alias, INSTALLED) == name for alias in found)


def test_a_class_that_is_not_installed_is_none_and_has_nearest_ones() -> None:
    assert class_named("OrdersSource", INSTALLED) is None
    assert nearest("io.example.OrderSink", INSTALLED)[0] == PLUGIN
    assert nearest("Nothing", set()) == []


def test_documentation_is_one_line_of_at_most_4000_characters() -> None:
    found = read(key("a", documentation="one\n two\x1b" + " word" * 10_000), key("b"))
    assert found["a"].documentation.startswith("one two\ufffd word")
    assert len(found["a"].documentation) <= 4000
    assert found["b"].documentation == ""


# The module


def module_of(
    *keys: Key, name: str = PLUGIN, version: str = "1.0", prefixes: tuple[str, ...] = ("transforms.", "x.")
) -> str:
    return typed_dicts.module([ConnectorClass(name, version, ("OrdersSink",), keys, prefixes)], ["Made here."])


def executed(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "generated"}
    exec(compile(ast.parse(text, feature_version=(3, 10)), "generated", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (Key("a.b", "BOOLEAN"), '"a.b": Input[bool | Literal["true", "false"]],'),
        (Key("a.b", "INT"), '"a.b": Input[int | str],'),
        (Key("a.b", "LONG", required=True), '"a.b": Required[Input[int | str]],'),
        (Key("a.b", "SHORT", values=("1", "2")), '"a.b": Input[Literal[1, 2, "1", "2"]],'),
        (Key("a.b", "DOUBLE"), '"a.b": Input[float | str],'),
        (Key("a.b", "STRING"), '"a.b": Input[str],'),
        (Key("a.b", "STRING", values=("all", "none")), '"a.b": Input[Literal["all", "none"]],'),
        (Key("a.b", "LIST"), '"a.b": Input[str],'),
        (Key("a.b", "CLASS"), '"a.b": Input[str],'),
        (Key("a.b", "PASSWORD"), '"a.b": Input[str],'),
        (Key("a.b", "NEW"), '"a.b": Input[str | int | float | bool],'),
        (Key("connector.class", required=True), f'"connector.class": Required[Input[Literal["{PLUGIN}", "OrdersSink"]]],'),
    ],
)
def test_a_key_has_the_type_of_its_definition(found: Key, written: str) -> None:
    assert f"        {written}\n" in module_of(found)


def test_documentation_type_importance_and_default_stand_above_a_key() -> None:
    text = module_of(Key("port", "INT", default="5432", importance="high", documentation="Port of it."))
    assert '        # Port of it.\n        # INT, importance high, default "5432"\n        "port"' in text
    assert '        # STRING, required\n        "it"' in module_of(Key("it", required=True))
    assert '# STRING, default ""\n' in module_of(Key("it", default=""))


HOSTILE = [
    Key('quote\'"""\\key', documentation="Say \"\"\"so\"\"\" and '''so''' \\"),
    Key("line\nbreak", documentation="one\nimport os\n\r\x0b\x0cimport sys\u2028import re"),
    Key("bell\x07", default="\x1b[31m\n\x00"),
    Key("bidi\u202e", documentation="\u202eevil", importance="high\nimport os"),
    Key("huge", default="x" * 10_000, documentation="word " * 1_000 + "y" * 1_000),
    Key("weiß 🙂", "STRING\nimport os", values=('a"b', "c\\", "\n")),
    Key("class", documentation="type: ignore # mypy: ignore-errors"),
    Key("1", documentation="fmt: off", values=tuple(f"value-number-{number}" for number in range(20))),
    Key("__name__", documentation=""),
]


def test_no_text_of_a_worker_becomes_code() -> None:
    text = module_of(*FULL, *HOSTILE, version='1"""\nimport os')
    assert [type(node).__name__ for node in ast.parse(text).body].count("ImportFrom") == 6
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
    names = set(executed(text)["OrdersSinkConfig"].__annotations__)
    assert names == {one.name for one in [*FULL, *HOSTILE]}


def test_no_line_is_wider_than_125_and_nothing_is_invisible() -> None:
    text = module_of(*FULL, *HOSTILE)
    assert max(map(len, text.split("\n"))) <= 125
    assert re.search("[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]", text) is None


def test_no_comment_is_a_directive_for_a_checker_or_a_formatter() -> None:
    text = module_of(*FULL, *HOSTILE)
    comments = [line.strip() for line in text.splitlines() if line.startswith("        #")]
    assert not [line for line in comments if re.search(r"#\s*(type|mypy|fmt|pyright):", line)]
    assert "        # type : ignore # mypy : ignore-errors" in text


def test_the_module_is_formatted() -> None:
    keys = [*FULL, *HOSTILE[1:5], *HOSTILE[6:], Key("long.name" * 9, values=("a" * 20, "b" * 20), required=True)]
    command = [str(Path(sys.executable).with_name("ruff")), "format", "--isolated", "--line-length", "125", "--diff", "-"]
    result = subprocess.run(command, input=module_of(*keys), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "")


def test_the_same_definitions_make_the_same_module() -> None:
    first = whole(key("b", default="x"), key("a", required=True), a=refused("b", "b must be one of x, y"))
    second = whole(key("a", required=True), key("b", default="x"), a=refused("b", "b must be one of y, x"))
    assert typed_dicts.module([first], ["Made."]) == typed_dicts.module([second], ["Made."])


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (["io.a.OrdersSinkConnector"], ["OrdersSinkConfig"]),
        (["io.a.Orders"], ["OrdersConfig"]),
        (["io.a.Connector"], ["ConnectorConfig"]),
        (["Outer$Inner-Connector"], ["OuterInnerConfig"]),
        (["io.a.SinkConnector", "com.b.SinkConnector"], ["IoASinkConfig", "ComBSinkConfig"]),
        (["a.b.SINKConnector", "a.b.SinkConnector"], ["ABSINKConfig", "ABSinkConfig2"]),
        (["a.3dSink", ""], ["_3dSinkConfig", "ConnectorConfig"]),
    ],
)
def test_every_class_has_a_name_of_its_own(classes: list[str], names: list[str]) -> None:
    assert typed_dicts.names_of(classes) == names


def test_a_module_with_two_classes_of_one_name_has_both() -> None:
    classes = [ConnectorClass(f"{package}.JDBCSinkConnector", "", (), tuple(FULL), ("a.",)) for package in ("io.a", "io.b")]
    namespace = executed(typed_dicts.module(classes, ["Made."]))
    assert {"io_ajdbc_sink_config", "io_bjdbc_sink_config"} <= namespace.keys()


def test_types_are_as_written_where_the_program_runs() -> None:
    kind = executed(module_of(*FULL, Key("mode", values=("all", "none"))))["OrdersSinkConfig"]
    assert get_args(get_args(kind.__annotations__["mode"])[0]) == ("all", "none")
    assert kind.__required_keys__ == {"connector.class", "topics"}


# What its functions do in a program

MERGE = executed(module_of(*FULL, Key("tasks.max", "INT"), Key("errors.tolerance", values=("all", "none"))))[
    "orders_sink_config"
]
GIVEN = {"connector.class": "OrdersSink", "topics": "orders"}


def test_the_function_merges_further_keys() -> None:
    more = {"transforms.unwrap.type": "X", "errors.tolerance": "${file:a:b}"}
    assert MERGE(GIVEN, more) == {**GIVEN, **more}
    assert MERGE(GIVEN) == GIVEN


@pytest.mark.parametrize(
    ("config", "more", "error"),
    [
        ({"task.max": 1}, {}, "task.max is not a key of this connector class: did you mean tasks.max?"),
        ({}, {"task.max": 1}, "task.max is not a key of this connector class: did you mean tasks.max?"),
        ({}, {"driver.x": 1}, "driver.x is not a key of this connector class: keys in `more` start with one of transforms."),
        ({"transforms.x": 1}, {}, "transforms.x is not a key"),
        ({"tasks.max": 1}, {"tasks.max": 2}, "tasks.max is both in the configuration and in `more`: give it once"),
    ],
)
def test_the_function_refuses_a_key_that_nothing_explains(config: dict[str, Any], more: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=re.escape(error)):
        MERGE({**GIVEN, **config}, more)


# Where it comes from


def test_the_origin_names_the_command_and_the_versions_and_no_address() -> None:
    found = ConnectorClass(PLUGIN, "", (), (), ())
    assert origin_of([found], None, "4.3.1", schema=False) == [
        f"Made by `pulumi-kafka-connectors types {PLUGIN}`",
        "from the definitions of a Kafka Connect 4.3.1 worker:",
        f"{PLUGIN} of unknown version",
    ]
    [command, _, made_of] = origin_of([ConnectorClass(PLUGIN, "[2.0]", (), (), ())], "[2.0]", "4.3.1", schema=True)
    assert (command, made_of) == (
        f"Made by `pulumi-kafka-connectors types {PLUGIN} --plugin-version [2.0] --json-schema`",
        f"{PLUGIN} [2.0]",
    )
    hostile = origin_of([ConnectorClass("a\nimport os", "coding: utf-7", (), (), ())], None, "\x1b`", schema=False)
    assert not re.search("[\n\x1b:]", "".join([hostile[0], hostile[2]]))


# The schema


def accepts(schema: Any, value: Any, root: Any) -> bool:
    """Whether a value is valid; knows the keywords that are written."""
    if schema is False:
        return False
    types = {"object": dict, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
    checks: dict[str, Callable[[Any], bool]] = {
        "$ref": lambda pointer: accepts(root["definitions"][pointer.removeprefix("#/definitions/")], value, root),
        "type": lambda names: any(
            isinstance(value, types[name]) and (not isinstance(value, bool) or name == "boolean")  # type: ignore[arg-type]
            for name in ([names] if isinstance(names, str) else names)
        ),
        "enum": lambda values: any(type(one) is type(value) and one == value for one in values),
        "pattern": lambda pattern: not isinstance(value, str) or re.search(pattern, value) is not None,
        "anyOf": lambda cases: any(accepts(case, value, root) for case in cases),
        "allOf": lambda cases: all(accepts(case, value, root) for case in cases),
        "required": lambda keys: not isinstance(value, dict) or all(one in value for one in keys),
        "if": lambda case: accepts(schema["then"] if accepts(case, value, root) else schema.get("else", {}), value, root),
        "properties": lambda keys: (
            not isinstance(value, dict) or all(accepts(keys[one], value[one], root) for one in keys if one in value)
        ),
        "additionalProperties": lambda allowed: (
            allowed or not isinstance(value, dict) or all(_explained(schema, one, value[one], root) for one in value)
        ),
    }
    known = {"then", "else", "definitions", "patternProperties", "$schema", "$comment", "title", "description", "default"}
    assert schema.keys() <= checks.keys() | known, schema.keys()
    return all(checks[keyword](schema[keyword]) for keyword in schema if keyword in checks)


def _explained(schema: Any, name: str, value: Any, root: Any) -> bool:
    if name in schema["properties"]:
        return True
    patterns = [inside for pattern, inside in schema["patternProperties"].items() if re.search(pattern, name)]
    return bool(patterns) and all(accepts(inside, value, root) for inside in patterns)


KEYS = (
    *FULL,
    Key("connection.password", "PASSWORD"),
    Key("errors.tolerance", default="none", importance="medium", documentation="What to do.", values=("all", "none")),
    Key("flag", "BOOLEAN", default="false"),
    Key("level", "SHORT", default="1", values=("1", "2")),
    Key("ratio", "DOUBLE", default="0.8"),
    Key("tasks.max", "INT", default="1"),
    Key("odd", "NEW"),
)
ORDERS = ConnectorClass(PLUGIN, "1.0", ("OrdersSink",), KEYS, ("transforms.",))
OTHER = ConnectorClass("io.other.Source", "", (), (Key("connector.class", required=True), Key("file")), ("a.",))
ONE, TWO = json_schema.schema([ORDERS], ["Made", "here."]), json_schema.schema([ORDERS, OTHER], ["Made."])


@pytest.mark.parametrize("schema", [ONE, TWO], ids=["one class", "two classes"])
@pytest.mark.parametrize("form", ["map", "body"])
@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"name": "orders"}, True),
        ({"connector.class": "OrdersSink"}, True),
        ({"connector.class": "OrdersSnk"}, False),
        ({"topics": None}, False),
        ({"topcs": "orders"}, False),
        ({"tasks.max": 4}, True),
        ({"tasks.max": "4"}, True),
        ({"tasks.max": "${TASKS}"}, True),
        ({"tasks.max": "four"}, False),
        ({"tasks.max": True}, False),
        ({"tasks.max": 1.5}, False),
        ({"flag": True}, True),
        ({"flag": "false"}, True),
        ({"flag": "yes"}, False),
        ({"ratio": 0.5}, True),
        ({"ratio": [0.5]}, False),
        ({"level": 2}, True),
        ({"level": "2"}, True),
        ({"level": 3}, False),
        ({"errors.tolerance": "all"}, True),
        ({"errors.tolerance": "some"}, False),
        ({"errors.tolerance": "${env:TOLERANCE}"}, True),
        ({"transforms.a.type": "x"}, True),
        ({"transforms.a.type": ["x"]}, False),
        ({"mytransforms.a": "x"}, False),
        ({"odd": 1}, True),
        ({"odd": {}}, False),
    ],
)
def test_the_schema_accepts_what_the_class_does(schema: Any, form: str, change: Mapping[str, Any], valid: bool) -> None:
    config = {"connector.class": PLUGIN, "topics": "orders", **change}
    assert accepts(schema, config if form == "map" else {"name": "orders", "config": config}, schema) is valid


def test_the_schema_of_two_classes_goes_by_the_class() -> None:
    assert accepts(TWO, {"connector.class": "io.other.Source", "file": "a", "a.b": 1}, TWO)
    assert not accepts(TWO, {"connector.class": "io.other.Source", "topics": "a"}, TWO)
    assert not accepts(TWO, {"topics": "a"}, TWO)
    assert not accepts(ONE, {"topics": "a"}, ONE)


def test_the_schema_tells_documentation_and_default_in_their_types() -> None:
    keys = ONE["definitions"][PLUGIN]["properties"]
    assert (ONE["$schema"], ONE["$comment"]) == ("http://json-schema.org/draft-07/schema#", "Made here.")
    assert keys["errors.tolerance"]["description"] == "What to do. (STRING, importance medium)"
    defaults = {name: one["default"] for name, one in keys.items() if "default" in one}
    assert defaults == {"errors.tolerance": "none", "flag": False, "level": 1, "ratio": "0.8", "tasks.max": 1}
    assert json.loads(json.dumps(ONE)) == ONE


def test_the_schema_of_hostile_texts_shows_nothing_invisible() -> None:
    found = read(*(key(one.name, default=one.default, documentation=one.documentation) for one in HOSTILE))
    described = [json_schema.schema([ConnectorClass(PLUGIN, "1", (), tuple(found.values()), ())], [])]
    texts = [
        one["description"] for one in described[0]["definitions"][PLUGIN]["properties"].values() if "description" in one
    ]
    assert not re.search("[\x00-\x1f\u202e\u2028]", "".join(texts))
