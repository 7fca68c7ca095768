"""Pulumi's property values in protobuf structs, and the values of `core`: conversion both ways, at every depth.

Whatever arrives is converted: nothing here raises for a struct that protobuf could parse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from pulumi_kafka_connectors.core.values import UNKNOWN, Secret, is_unknown, sendable

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Key of a map that stands for a special value; its text says which kind."""
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # a map
    }
)
"""Texts that stand for a value that is not known yet, by the type that it will have."""
_LARGEST_BITS: Final = 1000
"""Of an integer that becomes a number, which is a float in a struct."""


def props_from_wire(struct: Struct) -> dict[str, Any]:
    """The properties of a request, with `Secret` and `Unknown` as marks, without what only the dynamic front end stores."""
    return {key: _from_value(value) for key, value in struct.fields.items() if key != "__provider"}


def _from_value(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return _from_struct(value.struct_value)
        case "list_value":
            return [_from_value(inner) for inner in value.list_value.values]
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "number_value":
            return value.number_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def _from_struct(struct: Struct) -> Any:
    signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else None
    if signature == _SECRET:
        return Secret(_from_value(struct.fields["value"]))
    if signature == _OUTPUT:
        known = _from_value(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
        return Secret(known) if "secret" in struct.fields and struct.fields["secret"].bool_value else known
    return {key: _from_value(value) for key, value in struct.fields.items()}


def props_to_wire(props: Mapping[str, Any]) -> Struct:
    """Properties for a response; text that protobuf cannot carry is replaced by text that shows it."""
    return Struct(fields={sendable(key): _to_value(value) for key, value in props.items() if value is not None})


def _to_value(value: Any) -> Value:
    if is_unknown(value):
        return Value(string_value=_UNKNOWN)
    if isinstance(value, Secret):
        marked = Struct(fields={_SIGNATURE: Value(string_value=_SECRET), "value": _to_value(value.value)})
        return Value(struct_value=marked)
    if isinstance(value, Mapping):
        return Value(struct_value=Struct(fields={sendable(str(key)): _to_value(inner) for key, inner in value.items()}))
    if isinstance(value, list | tuple):
        return Value(list_value=ListValue(values=[_to_value(inner) for inner in value]))
    if isinstance(value, bool):
        return Value(bool_value=value)
    if isinstance(value, int) and value.bit_length() > _LARGEST_BITS:
        return Value(string_value=f"{value:#x}")
    if isinstance(value, int | float):
        return Value(number_value=value)
    return Value(null_value="NULL_VALUE") if value is None else Value(string_value=sendable(str(value)))
