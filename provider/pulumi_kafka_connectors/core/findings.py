"""Which errors of a validation are worth a problem, and how they read. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pulumi_kafka_connectors.connect.errors import (
    absent_class,
    broken_class,
    is_connection_failure,
    is_missing_value,
    refusing_policy,
)

WAY_OUT: Final = '; if the same program creates that system, set validate="warn"'
LONGEST: Final = 240
"""Characters of what a driver says about a connection: two lines of a terminal."""

Entry = tuple[str, str]
"""A configuration key and what the worker says about it."""

_CLASS = re.compile(r"(?<![\w.$])(?:[a-z_]\w*\.)+([A-Z][\w$]*?)(?:Exception|Error|Failure)(?::\s+|(?=[\s.,;})]|$))")
_CAUSE = re.compile(r"[Cc]aused by:?\s+\{?([^{}]{1,200})")
_NOT_LOADED = re.compile(r"\AFailed to load class ([\w.$]+): \1\Z")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[A-Z][a-z]+|[A-Z]+(?![a-z])")


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


def with_overrides_together(entries: Iterable[Entry]) -> list[Entry]:
    """The errors, with one instead of those about keys that the worker's override policy forbids, at the first of these."""
    listed = list(entries)
    refused = [(key, policy) for key, text in listed if (policy := refusing_policy(text))]
    if not refused:
        return listed
    (first, policy), keys = refused[0], [key for key, _ in refused]
    more = f" (nor {', '.join(keys[1:])})" if keys[1:] else ""
    text = (
        f"the workers do not allow it{more}, since their connector.client.config.override.policy is {policy}: leave "
        f"{'them' if keys[1:] else 'it'} out, or have {_permission(policy, keys)} in the configuration of every worker"
    )
    return [(first, text) if key == first else (key, words) for key, words in listed if key not in keys[1:]]


def unusable(text: str) -> str | None:
    """The reason why the worker cannot use a plugin at all, with what to do; None if the error is another."""
    if (name := absent_class(text)) is not None:
        return (
            f"the plugin needs the class {name}, which is not installed with it: put the jar that contains it (often a "
            "driver) into the plugin's folder on every worker, and restart them"
        )
    if (name := broken_class(text)) is not None:
        return (
            f"the plugin cannot be used, since its class {name} failed to load: often a driver is not installed with it; "
            "the log of the worker has the reason"
        )
    return None


def _permission(policy: str, keys: Sequence[str]) -> str:
    """What a worker needs in order to allow these keys."""
    if policy != "Allowlist":
        return "another policy, such as All,"
    listed = dict.fromkeys(key.partition(".override.")[2] for key in keys)
    return f"{', '.join(listed)} added to connector.client.config.override.allowlist"


def readable(key: str, text: str) -> str:
    """The error for a person: no Java class names before the reason, each part once, no more than the driver's first words.

    Args:
        key: the configuration key that it is shown at.
        text: what the worker says, without secrets.
    """
    text = text.strip().removeprefix(f"The '{key}' value is invalid: ")
    text = _NOT_LOADED.sub(r"\1 is not installed on the workers", text)
    connecting = is_connection_failure(text)
    if connecting:
        text = text.partition("\n\n")[0]
    flat = " ".join(text.split())
    parts = _without_classes(flat).split(": ")
    flat = ": ".join(part for at, part in enumerate(parts) if at == 0 or part != parts[at - 1])
    return _first_words(flat) if connecting else flat


def _without_classes(text: str) -> str:
    """`Connection refused` for `java.net.ConnectException: Connection refused`, `unknown host: db` for a bare `db`."""

    def reason(found: re.Match[str]) -> str:
        words = " ".join(word.lower() for word in _WORD.findall(found[1])) or "error"
        rest = text[found.end() :]
        if not found[0].rstrip().endswith(":"):
            return words
        return "" if " " in rest.strip() else f"{words}: "

    return _CLASS.sub(reason, text)


def _first_words(text: str) -> str:
    """Whole sentences of a long text, as many as fit, with the root cause that the rest names."""
    if len(text) <= LONGEST:
        return text
    kept = ""
    for sentence in _SENTENCE.split(text):
        if kept and len(kept) + 1 + len(sentence) > LONGEST:
            break
        kept = f"{kept} {sentence}".strip()
    kept = kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 4].rpartition(' ')[0]} ..."
    kept = kept + '"' if kept.count('"') % 2 else kept
    causes = _CAUSE.findall(text)
    if not causes or causes[-1].strip() in kept:
        return kept
    return f"{kept.rstrip('.')} (caused by {causes[-1].strip()})"


def with_way_out(text: str) -> str:
    """The error, with what to do where a plugin tried to reach a system that may not exist yet."""
    return text.rstrip(".") + WAY_OUT if is_connection_failure(text) else text
