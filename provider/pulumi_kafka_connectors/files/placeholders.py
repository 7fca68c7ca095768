"""Placeholders for secrets of the stack configuration, in the values of connector files. Pure.

`${config:KEY}` stands for the secret `KEY` of the project, `${config:NAMESPACE:KEY}` for one of another namespace; a value
may contain several, with text around them. `$${config:` stands for the text `${config:`, and so on: of several `$` in front,
one is an escape. Everything else, the workers' own references such as `${file:/run/secrets/db:password}` included, is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_OPENING: Final = re.compile(r"(\$+)\{config:")
_INSIDE: Final = re.compile(r"(?:([^\s:{}]+):)?([^\s:{}]+)\}")


class BadPlaceholder(ValueError):
    """A text that begins as a placeholder does not go on as one; the message never shows the text."""


@dataclass(frozen=True)
class Placeholder:
    """A secret of the stack configuration; without a namespace, of the project."""

    key: str
    namespace: str | None = None

    def __str__(self) -> str:
        return self.key if self.namespace is None else f"{self.namespace}:{self.key}"


def placeholder(key: str, namespace: str | None = None) -> str:
    """The text that stands for a secret of the stack configuration."""
    return f"${{config:{Placeholder(key, namespace)}}}"


def escaped(text: str) -> str:
    """What stands for this text in a file; the same text unless it contains `${config:`."""
    return _OPENING.sub(r"$\g<0>", text)


def pieces(text: str) -> list[str | Placeholder]:
    """The texts and placeholders that a value consists of, in order, escapes resolved; no text is empty.

    Raises:
        BadPlaceholder: `${config:` is not followed by `KEY}` or `NAMESPACE:KEY}`.
    """
    return [piece for piece in _pieces(text) if piece != ""]


def _pieces(text: str) -> Iterator[str | Placeholder]:
    plain, start = "", 0
    while opening := _OPENING.search(text, start):
        plain += text[start : opening.start()]
        start = opening.end()
        if len(opening[1]) > 1:
            plain += opening[0][1:]
            continue
        inside = _INSIDE.match(text, start)
        if inside is None:
            raise BadPlaceholder("after `${config:` must come KEY} or NAMESPACE:KEY}; as text it is written `$${config:`")
        yield plain
        yield Placeholder(inside[2], inside[1])
        plain, start = "", inside.end()
    yield plain + text[start:]
