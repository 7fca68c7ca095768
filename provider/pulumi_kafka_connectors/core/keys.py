"""Which keys of a configuration look like a misspelt key of the plugin. Pure.

A plugin may read keys that it does not define (of its driver, its client, its converters), and Connect ignores the others
without a word. So an unknown key is only suspicious if it is very close to a defined one that is not set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

_FORWARDED: Final = (
    "admin.override.",
    "consumer.override.",
    "header.converter.",
    "key.converter.",
    "predicates.",
    "producer.override.",
    "topic.creation.",
    "transforms.",
    "value.converter.",
)
"""Prefixes of the keys that Connect hands to what other keys name."""
_FORWARDED_BY_PACKAGE: Final = {
    "io.debezium.": (
        "converters.",
        "database.",
        "driver.",
        "hibernate.",
        "notification.",
        "offset.",
        "post.processors.",
        "schema.history.",
        "signal.",
    ),
    "org.apache.kafka.connect.mirror.": ("admin.", "consumer.", "producer.", "source.", "target."),
    "com.mongodb.": ("topic.override.",),
}
_SHORTEST: Final = 3
"""Characters of a word that can be misspelt: `id` and `ms` cannot."""
_LONG: Final = 8
"""Characters from which on two slips still are the same word."""
_MOST: Final = 2


def forwarded_prefixes(plugin: str) -> tuple[str, ...]:
    """Prefixes of the keys that Connect or a plugin hands to something else, whatever follows.

    Args:
        plugin: the connector's class.
    """
    own = (
        prefix for package, prefixes in _FORWARDED_BY_PACKAGE.items() if plugin.startswith(package) for prefix in prefixes
    )
    return (*_FORWARDED, *own)


def misspelt(plugin: str, given: Collection[str], known: Collection[str]) -> dict[str, str]:
    """The keys that are probably misspelt, each with the key that is probably meant.

    Args:
        plugin: the connector's class.
        given: the keys of its configuration.
        known: the keys that the plugin and Connect define; nothing is misspelt if there are none.
    """
    prefixes = forwarded_prefixes(plugin)
    unknown = sorted(key for key in set(given) - set(known) if not key.startswith(prefixes))
    missing = sorted(set(known) - set(given))
    nearest = {key: min(_candidates(key, missing), default=None) for key in unknown}
    return {key: found[1] for key, found in nearest.items() if found is not None}


def _candidates(key: str, missing: Collection[str]) -> Iterator[tuple[int, str]]:
    for other in missing:
        slips = _slips(key, other)
        if slips is not None:
            yield slips, other


def _slips(key: str, other: str) -> int | None:
    """How many slips lead from one key to the other: None for more than are likely."""
    parts, meant = key.split("."), other.split(".")
    if len(parts) != len(meant):
        return 1 if len(key) >= _LONG and abs(len(key) - len(other)) <= 1 and _distance(key, other) == 1 else None
    slips = [_slips_in_word(left, right) for left, right in zip(parts, meant, strict=True) if left != right]
    total = sum(_MOST + 1 if count is None else count for count in slips)
    return total if total <= _MOST else None


def _slips_in_word(word: str, meant: str) -> int | None:
    if min(len(word), len(meant)) < _SHORTEST or _digits(word) != _digits(meant):
        return None
    if meant.startswith(word) or word.startswith(meant):
        return min(abs(len(meant) - len(word)), _MOST)
    allowed = _MOST if len(meant) >= _LONG else 1
    distance = _distance(word, meant) if abs(len(word) - len(meant)) <= allowed else allowed + 1
    return distance if distance <= allowed else None


def _digits(word: str) -> str:
    return "".join(sign for sign in word if sign.isdigit())


def _distance(left: str, right: str) -> int:
    """Inserted, left out, exchanged and swapped characters."""
    before: list[int] = []
    current = list(range(len(right) + 1))
    for row, sign in enumerate(left, 1):
        earlier, before, current = before, current, [row]
        for column, other in enumerate(right, 1):
            costs = [before[column] + 1, current[-1] + 1, before[column - 1] + (sign != other)]
            if row > 1 and column > 1 and sign == right[column - 2] and left[row - 2] == other:
                costs.append(earlier[column - 2] + 1)
            current.append(min(costs))
    return current[-1]
