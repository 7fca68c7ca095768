"""A connector as it is on the cluster, for whatever writes it down as a declaration. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.redaction import is_mask, secret_keys


@dataclass(frozen=True)
class Found:
    """One connector as it is on the cluster.

    Attributes:
        config: in the form of `spec.own_config`.
        state: running, paused or stopped.
        passwords: keys that its plugin types as PASSWORD; None if no worker reports them.
        observed: its outputs: status, type, tasks, version.
    """

    name: str
    config: Mapping[str, str] = field(repr=False)
    state: str = "running"
    passwords: frozenset[str] | None = frozenset()
    observed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def declared(self) -> dict[str, str]:
        """The configuration without what workers add; the class comes first."""
        return dict(sorted(self.config.items(), key=lambda item: (item[0] != "connector.class", item[0])))

    @property
    def secret(self) -> set[str]:
        """Keys whose values are secret, or masked, so that they may be."""
        return secret_keys(self.declared, self.passwords or ()) | set(self.masked)

    @property
    def masked(self) -> list[str]:
        """Keys whose values the workers mask."""
        return sorted(key for key, value in self.config.items() if is_mask(value))

    @property
    def failed(self) -> bool:
        """Whether the connector or one of its tasks failed."""
        return self.observed.get("status") == State.FAILED.word
