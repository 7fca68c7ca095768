"""A no-op dynamic resource, to measure the overhead of the engine, the Python program and the plugin process.

It has the inputs and outputs of a connector, since the overhead depends on the size of a resource.
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


class NoOpProvider(ResourceProvider):
    """A provider whose operations do nothing."""

    serialize_as_secret_always = False

    def __reduce__(self) -> tuple[type[NoOpProvider], tuple[()]]:
        return NoOpProvider, ()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the properties."""
        return CreateResult(props["name"], {**props, **_OBSERVED})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the properties unchanged."""
        return ReadResult(id_, props, {"name": props["name"], "config": props["config"]})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Return the new properties."""
        return UpdateResult({**_news, **_OBSERVED})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do nothing."""


class NoOp(Resource, module="benchmarks", name="NoOp"):
    """A resource with the properties of a connector."""

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(NoOpProvider(), name, {"name": name, "config": dict(config), **dict.fromkeys(_OBSERVED)})
