"""A dynamic resource that does nothing: what Pulumi's engine, Python program and plugin process cost by themselves.

It has the inputs and outputs of a connector, since what Pulumi does with a resource takes longer the more it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider, UpdateResult

_OBSERVED: dict[str, Any] = {
    "status": "running",
    "type": "source",
    "tasks": [{"id": 0, "state": "running"}],
    "version": "7.1",
}


class NothingProvider(ResourceProvider):
    """Answers at once."""

    serialize_as_secret_always = False

    def __reduce__(self) -> tuple[type[NothingProvider], tuple[()]]:
        return NothingProvider, ()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep the properties."""
        return CreateResult(props["name"], {**props, **_OBSERVED})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Nothing has changed."""
        return ReadResult(id_, props, {"name": props["name"], "config": props["config"]})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep the new properties."""
        return UpdateResult({**_news, **_OBSERVED})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing is there."""


class Nothing(Resource, module="benchmarks", name="Nothing"):
    """A resource with the properties of a connector."""

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(NothingProvider(), name, {"name": name, "config": dict(config), **dict.fromkeys(_OBSERVED)})
