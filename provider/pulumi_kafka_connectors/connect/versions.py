"""Kafka versions as workers tell them. Pure."""

from __future__ import annotations

import re

Version = tuple[int, int, int]

# Confluent Platform counts by itself; its workers answer "7.5.0-ccs" for Kafka 3.5.0.
_CONFLUENT = {5: (2, 0), 6: (2, 6), 7: (3, 0), 8: (4, 0)}


def kafka_version(text: str) -> Version | None:
    """`(3, 9, 1)` for "3.9.1" or for "7.9.1-ccs"; None when it cannot be told."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if found is None:
        return None
    major, minor, patch = (int(part or 0) for part in found.groups())
    if re.search(r"-(ccs|ce|cp)\b", text):
        if major not in _CONFLUENT:
            return None
        kafka_major, first_minor = _CONFLUENT[major]
        return kafka_major, first_minor + minor, patch
    return major, minor, patch
