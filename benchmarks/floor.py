"""A dynamic resource that does nothing: what Pulumi's engine, Python program and plugin process cost by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider, UpdateResult


class NothingProvider(ResourceProvider):
    """Answers at once."""

    serialize_as_secret_always = False

    def __reduce__(self) -> tuple[type[NothingProvider], tuple[()]]:
        return NothingProvider, ()

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep the properties."""
        return CreateResult(props["name"], props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Nothing has changed."""
        return ReadResult(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep the new properties."""
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Nothing is there."""


class Nothing(Resource, module="benchmarks", name="Nothing"):
    """A resource with the properties of a connector."""

    config: pulumi.Output[Mapping[str, str]]
    name: pulumi.Output[str]

    def __init__(self, name: str, config: Mapping[str, str]) -> None:
        super().__init__(NothingProvider(), name, {"name": name, "config": dict(config)})
