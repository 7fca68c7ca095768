"""Text as a literal in the files that `export` writes. Pure."""

from __future__ import annotations

import json
import re
from typing import Final

from pulumi_kafka_connectors.core.redaction import visible

_NOT_IN_YAML: Final = "\ufffe\uffff"
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_WORDS: Final = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
"""Plain scalars that some version of YAML reads as something else than text, in any case."""


def quoted(value: str) -> str:
    """A literal in double quotes whose escapes Python and YAML share; what an editor would not show is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(sign if visible(sign) == sign and sign not in _NOT_IN_YAML else _escape(sign) for sign in text)


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def yaml_key(value: str) -> str:
    """A key of a YAML map: without quotes where YAML needs none."""
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else quoted(value)


def uninterpolated(value: str) -> str:
    """The text from which a YAML program of Pulumi gets this value: there `${` begins a reference and `$$` is `$`."""
    return re.sub(r"\${2,}|\$(?=\{)", lambda dollars: dollars[0] * 2, value)
