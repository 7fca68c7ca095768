"""The provider protocol: each method decodes its request, makes one call to `core` and encodes the result."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.core import connectors, topics
from pulumi_kafka_connectors.core.clock import SYSTEM
from pulumi_kafka_connectors.core.diff import Kind, details
from pulumi_kafka_connectors.core.operation import Operation, OperationFailed, Operations, Outcome
from pulumi_kafka_connectors.core.secrets import holds_login_or_key
from pulumi_kafka_connectors.core.settings import SECRET, Access, SettingsError
from pulumi_kafka_connectors.core.values import Secret, has_unknowns, reveal
from pulumi_kafka_connectors.plugin.engine import Engine, ResourceLog
from pulumi_kafka_connectors.plugin.schema_file import SCHEMA_FILE
from pulumi_kafka_connectors.plugin.wire import props_from_wire, props_to_wire

R = TypeVar("R")
PREFIX: Final = "kafka-connectors:index:"


RESOURCES: Final[dict[str, Operations]] = {f"{PREFIX}Connector": connectors, f"{PREFIX}Topic": topics}
_KINDS: Final = {
    Kind.ADD: (provider_pb2.PropertyDiff.ADD, provider_pb2.PropertyDiff.ADD_REPLACE),
    Kind.DELETE: (provider_pb2.PropertyDiff.DELETE, provider_pb2.PropertyDiff.DELETE_REPLACE),
    Kind.UPDATE: (provider_pb2.PropertyDiff.UPDATE, provider_pb2.PropertyDiff.UPDATE_REPLACE),
}


def one_line_errors(method: Callable[[Any, Any, grpc.ServicerContext], R]) -> Callable[[Any, Any, grpc.ServicerContext], R]:
    """Answer a failure as one line that the engine shows at the resource; with what is there, where something is."""

    @functools.wraps(method)
    def wrapped(self: Plugin, request: Any, context: grpc.ServicerContext) -> R:
        try:
            return method(self, request, context)
        except OperationFailed as problem:
            status = _status(" ".join(str(problem).split()), problem.remains)
        except Exception as problem:  # noqa: BLE001 - the text may hold a secret, and a traceback helps nobody here
            where = f"{method.__name__}: {type(problem).__name__}"
            status = _status(f"a defect of pulumi-kafka-connectors, please report it: {where}", None)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, status.message)
        raise AssertionError  # `abort` does not return

    return wrapped


def _status(text: str, remains: Outcome | None) -> status_pb2.Status:
    """The status of a failure; with what remains, the engine stores the resource together with its problem."""
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    if remains is not None:
        status.details.add().Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=remains.id,
                properties=props_to_wire(remains.outputs),
                reasons=[text],
                inputs=props_to_wire(remains.inputs or {}),
            )
        )
    return status


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one provider of the engine.

    Args:
        engine: where warnings and progress go.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._access = Access({})

    def _operation(self, urn: str, timeout: float = 0.0) -> Operation:
        return Operation(self._access, ResourceLog(self._engine, urn), urn, timeout or None)

    # The provider

    @one_line_errors
    def Handshake(self, request: Any, _context: grpc.ServicerContext) -> provider_pb2.ProviderHandshakeResponse:
        """What both sides understand."""
        self._engine.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @one_line_errors
    def Attach(self, request: plugin_pb2.PluginAttach, _context: grpc.ServicerContext) -> Empty:
        """Serve an engine that did not start this process (`PULUMI_DEBUG_PROVIDERS`)."""
        self._engine.attach(request.address)
        SYSTEM.renew()  # an engine that ends cancels, and this process serves the next one
        return Empty()

    @one_line_errors
    def GetPluginInfo(self, _request: Empty, _context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version."""
        return plugin_pb2.PluginInfo(version=installation.plugin_version())

    @one_line_errors
    def GetSchema(self, _request: Any, _context: grpc.ServicerContext) -> provider_pb2.GetSchemaResponse:
        """The schema of the package."""
        return provider_pb2.GetSchemaResponse(schema=SCHEMA_FILE.read_text(encoding="utf-8"))

    @one_line_errors
    def CheckConfig(self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Say once what is wrong with the settings, not at every resource."""
        news = props_from_wire(request.news)
        access = Access(reveal(news))
        operation = Operation(access, ResourceLog(self._engine, request.urn), request.urn)
        failures = []
        try:
            if not has_unknowns(news):  # one that depends on another resource; the run that knows it checks it
                access.require_valid()
        except SettingsError as problem:
            failures.append(provider_pb2.CheckFailure(reason=operation.format_error(problem)))
        marked = {
            name: Secret(reveal(value)) if name in SECRET or holds_login_or_key(value) else value
            for name, value in news.items()
        }
        return provider_pb2.CheckResponse(inputs=props_to_wire(marked), failures=failures)

    @one_line_errors
    def DiffConfig(self, request: provider_pb2.DiffRequest, _context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Other settings never replace the provider: each resource finds out whether it is on another cluster."""
        olds, news = reveal(props_from_wire(request.olds)), reveal(props_from_wire(request.news))
        diffs = sorted(key for key in olds.keys() | news.keys() if olds.get(key) != news.get(key) and key != "version")
        changes = provider_pb2.DiffResponse.DIFF_SOME if diffs else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=diffs)

    @one_line_errors
    def Configure(
        self, request: provider_pb2.ConfigureRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Keep the settings; what is wrong with them, `CheckConfig` has said."""
        self._access = Access(reveal(props_from_wire(request.args)))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @one_line_errors
    def Cancel(self, _request: Empty, _context: grpc.ServicerContext) -> Empty:
        """End every wait: what an operation has created by then is recorded as it is."""
        SYSTEM.cancel()
        return Empty()

    @one_line_errors
    def Invoke(self, request: provider_pb2.InvokeRequest, _context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Call a function."""
        from pulumi_kafka_connectors.plugin import functions  # late: pydantic takes longer to import than a preview

        answer = functions.call(self._operation(""), request.tok.removeprefix(PREFIX), props_from_wire(request.args))
        return provider_pb2.InvokeResponse(**{"return": props_to_wire(answer)})

    # Resources

    @one_line_errors
    def Check(self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Reject invalid inputs, and normalize the others to the form that is stored."""
        news = props_from_wire(request.news)
        if news.get("name") is None:
            news["name"] = request.urn.split("::", 3)[-1]
        checked = _operations(request.urn).check(self._operation(request.urn), props_from_wire(request.olds), news)
        # A failure that names a property would print the property's value.
        failures = [provider_pb2.CheckFailure(reason=text) for text in checked.sentences()]
        return provider_pb2.CheckResponse(inputs=props_to_wire(checked.inputs), failures=failures)

    @one_line_errors
    def Diff(self, request: provider_pb2.DiffRequest, _context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Decide between no change, an update and a replacement, with every key that differs."""
        olds, news = props_from_wire(request.olds), props_from_wire(request.news)
        changes = _operations(request.urn).compare(self._operation(request.urn), olds, news)
        if not changes.any:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        detailed = {
            path: provider_pb2.PropertyDiff(kind=_KINDS[detail.kind][detail.replaces], inputDiff=True)
            for path, detail in details(reveal(olds), reveal(news), changes).items()
        }
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME,
            diffs=sorted(changes.inputs),
            replaces=changes.replaces,
            deleteBeforeReplace=bool(changes.replaces),
            detailedDiff=detailed,
            hasDetailedDiff=bool(detailed),
        )

    @one_line_errors
    def Create(self, request: provider_pb2.CreateRequest, _context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create what is declared."""
        operations, props = _operations(request.urn), props_from_wire(request.properties)
        operation = self._operation(request.urn, request.timeout)
        outcome = operations.expect(operation, {}, props) if request.preview else operations.create(operation, props)
        return provider_pb2.CreateResponse(id=outcome.id, properties=props_to_wire(outcome.outputs))

    @one_line_errors
    def Read(self, request: provider_pb2.ReadRequest, _context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Read the resource as it is: for a refresh, or for an import, which knows its id alone."""
        operation = self._operation(request.urn, getattr(request, "timeout", 0.0))  # not in SDKs of 2025
        outcome = _operations(request.urn).read(operation, request.id, props_from_wire(request.properties))
        outputs, inputs = props_to_wire(outcome.outputs), props_to_wire(outcome.inputs or {})
        return provider_pb2.ReadResponse(id=outcome.id, properties=outputs, inputs=inputs)

    @one_line_errors
    def Update(self, request: provider_pb2.UpdateRequest, _context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Update the resource to the new inputs."""
        operations = _operations(request.urn)
        olds, news = props_from_wire(request.olds), props_from_wire(request.news)
        call = operations.expect if request.preview else operations.update
        outcome = call(self._operation(request.urn, request.timeout), olds, news)
        return provider_pb2.UpdateResponse(properties=props_to_wire(outcome.outputs))

    @one_line_errors
    def Delete(self, request: provider_pb2.DeleteRequest, _context: grpc.ServicerContext) -> Empty:
        """Delete it and wait until it is gone."""
        operation = self._operation(request.urn, request.timeout)
        _operations(request.urn).delete(operation, request.id, props_from_wire(request.properties))
        return Empty()


def _operations(urn: str) -> Operations:
    """The operations of the type that a URN names (the last one: a child's type follows those of its parents)."""
    token = urn.split("::")[2].rpartition("$")[2] if urn.count("::") > 2 else ""
    if token not in RESOURCES:
        raise OperationFailed(f"there is no resource type {token!r}: there are {', '.join(RESOURCES)}")
    return RESOURCES[token]
