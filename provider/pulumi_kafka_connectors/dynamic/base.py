"""The base of the dynamic providers: each operation decodes its inputs, calls `core` and encodes the result."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, TypeVar

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.runtime.rpc import wrap_rpc_secret

from pulumi_kafka_connectors.core.operation import Operation, OperationFailed, Operations, Props
from pulumi_kafka_connectors.core.settings import NAMES, NAMESPACE, Access
from pulumi_kafka_connectors.core.values import UNKNOWN, Secret, is_unknown
from pulumi_kafka_connectors.dynamic import sdk

R = TypeVar("R")
_PROVIDER: Final = "__provider"
"""The property with the pickled provider, which the host stores with every resource."""


class KafkaConnectorsError(Exception):
    """The error that the user sees when an operation fails; its text is one line."""


# Without a module path, the host's last line reads `KafkaConnectorsError: connector ...`.
KafkaConnectorsError.__module__ = "builtins"


def from_wire(value: Any) -> Any:
    """A value from the engine, with secrets and unknowns marked as in `core`."""
    if isinstance(value, type(pulumi.UNKNOWN)):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: from_wire(inner) for key, inner in value.items() if key != _PROVIDER}
    if isinstance(value, list | tuple):
        return [from_wire(inner) for inner in value]
    return value


def to_wire(value: Any) -> Any:
    """A value for the engine, with secrets and unknowns marked as in the SDK."""
    if is_unknown(value):
        return pulumi.UNKNOWN
    if isinstance(value, Secret):
        return wrap_rpc_secret(to_wire(value.value))
    if isinstance(value, Mapping):
        return {key: to_wire(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(inner) for inner in value]
    return value


class Provider(ResourceProvider):
    """A dynamic provider for one module of `core`. It is pickled by name only, without any state."""

    serialize_as_secret_always = False
    operations: ClassVar[Operations]

    def __init__(self) -> None:
        super().__init__()
        self._access = Access({})

    def __reduce__(self) -> tuple[type[Provider], tuple[()]]:
        return type(self), ()

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the configuration of the stack or of the explicit provider; operations report what is wrong with it."""
        self._access = Access.from_config({f"{NAMESPACE}:{name}": req.config.get(f"{NAMESPACE}:{name}") for name in NAMES})
        sdk.allow_operations(os.environ.get(sdk.THREADS_VARIABLE))

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Reject invalid inputs, and normalize the others to the form that is stored."""
        checked = self._run(self.operations.check, from_wire(_olds), from_wire(news))
        # A failure that names a property would print the property's value.
        failures = [CheckFailure("", text) for text in checked.sentences()]
        return CheckResult(to_wire(checked.inputs), failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Decide between no change, an update and a replacement; the engine itself shows the detailed diff."""
        changes = self._run(self.operations.compare, from_wire(_olds), from_wire(_news))
        if not changes.any:
            # What the plugin declared lacks what the host needs to find this provider: an update stores it.
            return DiffResult(changes=_PROVIDER not in _olds)
        replaces = list(changes.replaces)
        return DiffResult(None if changes.inputs else True, replaces, delete_before_replace=bool(replaces))

    def create(self, props: Props) -> CreateResult:
        """Create what is declared."""
        outcome = self._run(self.operations.create, from_wire(props))
        return CreateResult(outcome.id, to_wire(outcome.outputs))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Read the resource as it is, as outputs and as inputs."""
        outcome = self._run(self.operations.read, id_, from_wire(props))
        return ReadResult(outcome.id, to_wire(outcome.outputs), to_wire(outcome.inputs))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Update the resource to the new inputs; one that the plugin declared and that is unchanged is only stored anew."""
        if _PROVIDER not in _olds and not self._run(self.operations.compare, from_wire(_olds), from_wire(_news)).any:
            return UpdateResult(to_wire({**from_wire(_olds), **from_wire(_news)}))
        return UpdateResult(to_wire(self._run(self.operations.update, from_wire(_olds), from_wire(_news)).outputs))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete it and wait until it is gone."""
        self._run(self.operations.delete, _id, from_wire(_props))

    def _run(self, call: Callable[..., R], *args: Any) -> R:
        """Run one operation; the host prints a failure as one line."""
        sdk.show_tracebacks()
        try:
            return call(Operation(self._access, owner=sdk.current_urn()), *args)
        except OperationFailed as problem:
            text = str(problem)
        sdk.hide_tracebacks()
        raise KafkaConnectorsError(text) from None
