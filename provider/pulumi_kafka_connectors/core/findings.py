"""Which errors of a validation are worth a problem: none that only follows from another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pulumi_kafka_connectors.connect.errors import is_connection_failure, is_missing_value

WAY_OUT: Final = '; if the same program creates that system, set validate="warn"'

Entry = tuple[str, str]
"""A configuration key and what the worker says about it."""


def without_consequences(entries: Iterable[Entry]) -> list[Entry]:
    """The errors in their order, without those that say nothing new.

    That is: an error that another key has too (`topics` and `topics.regex`), and that a value is null where the same key
    has another error.
    """
    listed = list(dict.fromkeys(entries))
    return [entry for at, entry in enumerate(listed) if not _follows(entry, at, listed)]


def _follows(entry: Entry, at: int, listed: Sequence[Entry]) -> bool:
    key, text = entry
    repeated = any(text == earlier for _, earlier in listed[:at])
    return repeated or (is_missing_value(text) and any(other == key and words != text for other, words in listed))


def with_way_out(text: str) -> str:
    """The error, with what to do where a plugin tried to reach a system that may not exist yet."""
    return text + WAY_OUT if is_connection_failure(text) else text
