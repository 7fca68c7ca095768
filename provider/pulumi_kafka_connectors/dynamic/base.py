"""What the dynamic provider of every resource does with an operation: decode, call `core`, encode."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol, TypeVar

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

from pulumi_kafka_connectors.core.diff import Changes
from pulumi_kafka_connectors.core.operation import Checked, Operation, OperationFailed, Outcome, Props
from pulumi_kafka_connectors.core.settings import NAMES, NAMESPACE, Access
from pulumi_kafka_connectors.core.values import UNKNOWN, Secret, is_unknown
from pulumi_kafka_connectors.dynamic import sdk

R = TypeVar("R")


class KafkaConnectorsError(Exception):
    """What a user reads when an operation fails: one sentence."""


# Without a module path, the host's last line reads `KafkaConnectorsError: connector ...`.
KafkaConnectorsError.__module__ = "builtins"


class Operations(Protocol):
    """The operations of one kind of resource, as a module of `core` has them."""

    def check(self, operation: Operation, olds: Props, news: Props, /) -> Checked:
        """Refuse what cannot work, and bring inputs into the form that is stored."""

    def compare(self, operation: Operation, olds: Props, news: Props, /) -> Changes:
        """Nothing, update or replace."""

    def create(self, operation: Operation, props: Props, /) -> Outcome:
        """Create what is declared."""

    def read(self, operation: Operation, name: str, props: Props, /) -> Outcome:
        """What there is."""

    def update(self, operation: Operation, olds: Props, news: Props, /) -> Outcome:
        """Bring what there is to the new inputs."""

    def delete(self, operation: Operation, name: str, props: Props, /) -> None:
        """Delete it."""


def from_wire(value: Any) -> Any:
    """A value from the engine, with the marks of `core`."""
    if isinstance(value, type(pulumi.UNKNOWN)):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: from_wire(inner) for key, inner in value.items() if key != "__provider"}
    if isinstance(value, list | tuple):
        return [from_wire(inner) for inner in value]
    return value


def to_wire(value: Any) -> Any:
    """A value for the engine, with the marks of the SDK."""
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
    """A dynamic provider over one module of `core`. It is pickled by its name and holds nothing that would be pickled."""

    serialize_as_secret_always = False
    operations: ClassVar[Operations]

    def __init__(self) -> None:
        super().__init__()
        self._access = Access({})

    def __reduce__(self) -> tuple[type[Provider], tuple[()]]:
        return type(self), ()

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the configuration of the stack or of the explicit provider; what is wrong with it, operations tell."""
        self._access = Access.from_config({f"{NAMESPACE}:{name}": req.config.get(f"{NAMESPACE}:{name}") for name in NAMES})
        sdk.allow_operations(os.environ.get(sdk.THREADS_VARIABLE))

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot work, and bring inputs into the form that is stored."""
        checked = self._run(self.operations.check, from_wire(_olds), from_wire(news))
        # A failure that names a property would print the property's value.
        failures = [CheckFailure("", problem.text) for problem in checked.problems]
        return CheckResult(to_wire(checked.inputs), failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Nothing, update or replace. The engine itself shows the difference key by key."""
        changes = self._run(self.operations.compare, from_wire(_olds), from_wire(_news))
        if not changes.any:
            return DiffResult(changes=False)
        replaces = list(changes.replaces)
        return DiffResult(None if changes.inputs else True, replaces, delete_before_replace=bool(replaces))

    def create(self, props: Props) -> CreateResult:
        """Create what is declared."""
        outcome = self._run(self.operations.create, from_wire(props))
        return CreateResult(outcome.id, to_wire(outcome.outputs))

    def read(self, id_: str, props: Props) -> ReadResult:
        """What there is, as outputs and as inputs."""
        outcome = self._run(self.operations.read, id_, from_wire(props))
        return ReadResult(outcome.id, to_wire(outcome.outputs), to_wire(outcome.inputs))

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring what there is to the new inputs."""
        return UpdateResult(to_wire(self._run(self.operations.update, from_wire(_olds), from_wire(_news)).outputs))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete it and wait until it is gone."""
        self._run(self.operations.delete, _id, from_wire(_props))

    def _run(self, call: Callable[..., R], *args: Any) -> R:
        """One operation, whose failure the host prints as one line."""
        sdk.show_tracebacks()
        try:
            return call(Operation(self._access), *args)
        except OperationFailed as problem:
            text = str(problem)
        sdk.hide_tracebacks()
        raise KafkaConnectorsError(text) from None
