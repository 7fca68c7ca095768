"""Connector classes as a Python module: a `TypedDict` and a function for each class. Pure."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pulumi_kafka_connectors.cli.definitions.config_keys import CLASS, NUMBERS, ConnectorClass, Key
from pulumi_kafka_connectors.cli.quoting import quoted
from pulumi_kafka_connectors.core.redaction import visible

_WIDTH: Final = 125
_LONGEST_DEFAULT: Final = 200
_TYPES: Final = {
    "BOOLEAN": 'bool | Literal["true", "false"]',
    **dict.fromkeys(NUMBERS, "int | str"),
    "DOUBLE": "float | str",
    **dict.fromkeys(("STRING", "LIST", "CLASS", "PASSWORD"), "str"),
}
_ANY: Final = "str | int | float | bool"
_DIRECTIVE: Final = re.compile(
    r"(^|#)(\s*(?:type|mypy|pyright|basedpyright|fmt|ruff|flake8|isort|yapf|pylint|noqa))\s*:", re.IGNORECASE
)
"""What checkers and formatters would obey in a comment."""
_DISARMED: Final = r"\1\2 :"
_HEAD: Final = '''\
"""Configurations of connectors with their keys and types, for `pulumi_kafka_connectors.Connector(config=...)`.

Each `TypedDict` has the keys that its class defines. Its function also takes `more` keys by prefix, for example
`transforms.unwrap.type` or `producer.override.linger.ms`; there, a defined key may have any value, for example a reference
`${file:...}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, cast

from pulumi import Input
from typing_extensions import Required, TypedDict

Value = Input[str | int | float | bool]
'''
_TAIL: Final = """

def _merged(
    known: Mapping[str, object],
    prefixes: tuple[str, ...],
    config: Mapping[str, object],
    more: Mapping[str, Value],
) -> dict[str, Value]:
    for key in [*config, *more]:
        if key in config and key in more:
            raise ValueError(f"{key} is both in the configuration and in `more`: give it once")
        if key not in known and not (key in more and key.startswith(prefixes)):
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"keys in `more` start with one of {', '.join(prefixes)}"
            raise ValueError(f"{key} is not a key of this connector class: {hint}")
    return cast("dict[str, Value]", {**config, **more})
"""


def module(classes: Sequence[ConnectorClass], origin: Sequence[str]) -> str:
    """The text of the module, formatted.

    Args:
        classes: what it describes.
        origin: what made it; one comment line each.
    """
    names = names_of([one.name for one in classes])
    parts = [_typed_dict(one, name) + _function(one, name) for one, name in zip(classes, names, strict=True)]
    return "".join([*(_comment(line, "") for line in origin), _HEAD, "\n".join(parts), _TAIL])


def names_of(classes: Sequence[str]) -> list[str]:
    """The name of the `TypedDict` of each class: without its package, unless another class has that name too."""
    simple = [_identifier(name.rpartition(".")[2]) for name in classes]
    shared = Counter(map(str.lower, simple))
    names: list[str] = []
    for name, short in zip(classes, simple, strict=True):
        wanted = short if shared[short.lower()] == 1 else _identifier(name)
        taken = sum(wanted.lower() == other.rstrip("0123456789").lower() for other in names)
        names.append(f"{wanted}{taken + 1}" if taken else wanted)
    return names


def _identifier(name: str) -> str:
    words = re.split(r"[^A-Za-z0-9_]+", name)
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    joined = joined.removesuffix("Connector") or joined or "Connector"
    return f"{'_' if joined[0].isdigit() else ''}{joined}Config"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _typed_dict(found: ConnectorClass, name: str) -> str:
    keys = "".join(_comments(key) + _item(key, found) for key in found.keys)
    text = f"A configuration of {found.name}, version {found.version or 'unknown'}."
    return f'\n{name} = TypedDict(\n    "{name}",\n    {{\n{keys}    }},\n    total=False,\n)\n{quoted(text)}\n'


def _function(found: ConnectorClass, name: str) -> str:
    prefixes = "".join(f"        {quoted(prefix)},\n" for prefix in found.prefixes)
    return f'''

def {_snake(name)}(
    config: {name},
    more: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """The configuration, with `more` keys that start with one of the prefixes; a misspelt key is a `ValueError`."""
    prefixes = (
{prefixes}    )
    return _merged({name}.__annotations__, prefixes, config, more or {{}})
'''


def _comments(key: Key) -> str:
    facts = [key.type, *(["required"] if key.required else [])]
    if key.importance:
        facts.append(f"importance {key.importance}")
    if key.default is not None:
        facts.append(f"default {_shortened(key.default)}")
    return _comment(key.documentation, "        ") + _comment(", ".join(facts), "        ")


def _shortened(default: str) -> str:
    return quoted(default if len(default) <= _LONGEST_DEFAULT else f"{default[:_LONGEST_DEFAULT]}...")


def _comment(text: str, indent: str) -> str:
    """Comment lines with this text, none of which a checker or a formatter obeys."""
    shown = " ".join(visible(text).split())
    lines = textwrap.wrap(shown, _WIDTH - len(indent) - 3, break_on_hyphens=False)
    return "".join(f"{indent}# {_DIRECTIVE.sub(_DISARMED, line)}\n" for line in lines)


def _item(key: Key, found: ConnectorClass) -> str:
    """The key with its type, as the formatter breaks it into lines."""
    literals = _literals(key, found)
    wrappers = ["Required", "Input"] if key.required else ["Input"]
    return "".join(
        f"{line}\n" for line in _broken(f"{quoted(key.name)}: ", wrappers, literals, _TYPES.get(key.type, _ANY), 8)
    )


def _literals(key: Key, found: ConnectorClass) -> list[str]:
    if key.name == CLASS:
        return [quoted(name) for name in (found.name, *found.aliases)]
    numbers = [str(int(value)) for value in key.values if key.type in NUMBERS]
    return [*numbers, *map(quoted, key.values)]


def _broken(start: str, wrappers: Sequence[str], literals: Sequence[str], plain: str, indent: int) -> list[str]:
    inner = f"Literal[{', '.join(literals)}]" if literals else plain
    end = "," if start else ""
    line = f"{' ' * indent}{start}{''.join(f'{name}[' for name in wrappers)}{inner}{']' * len(wrappers)}{end}"
    if len(line) <= _WIDTH or not (wrappers or literals):
        return [line]
    opening, rest = (wrappers[0], wrappers[1:]) if wrappers else ("Literal", [])
    if wrappers:
        inside = _broken("", rest, literals, plain, indent + 4)
    else:
        inside = [f"{' ' * (indent + 4)}{literal}," for literal in literals]
    return [f"{' ' * indent}{start}{opening}[", *inside, f"{' ' * indent}]{end}"]
