"""The `Connector` resource and its dynamic provider: between Pulumi's engine and `converge`.

The module path and the names `ConnectorProvider` and `Connector` are stored in users' state: they never change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pulumi_kafka_connectors import diff, frames, secrecy, settings, slots, spec
from pulumi_kafka_connectors.bridge import Props, config_input, decoded, is_later, marked, reported
from pulumi_kafka_connectors.connect import ConnectError, Settings, Unauthorized
from pulumi_kafka_connectors.failure import Failure

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connect import Client
    from pulumi_kafka_connectors.converge import Observed
    from pulumi_kafka_connectors.validation import Validator

_OBSERVED = ("status", "type", "tasks", "version")
_ON_CLUSTER = frozenset({"config", "state", "restart", "offsets"})
"""Inputs whose change means REST calls; the others only say how operations go about it."""


class ConnectorError(Exception):
    """What a user reads when an operation fails: one sentence."""


# Without a module path, the host's last line reads `ConnectorError: connector ...`.
ConnectorError.__module__ = "builtins"


def _marked(props: Mapping[str, Any]) -> Props:
    """Properties as the engine stores them: every secret value of the configuration marked as one."""
    return marked(props, _secrets(props))


def _secrets(props: Mapping[str, Any]) -> set[str]:
    """Keys of the configuration whose values are secret: by name, as listed, and as the plugin types them."""
    config = props.get("config")
    if not isinstance(config, Mapping):
        return set()
    listed = {*_listed(props, "sensitive"), *_listed(props, "passwords")}
    return secrecy.secret_keys(config, listed)


def _listed(props: Mapping[str, Any], name: str) -> list[str]:
    value = props.get(name)
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list | tuple) else []


def _outputs(inputs: Mapping[str, Any], found: Observed) -> Props:
    return _marked({**inputs, **found.outputs})


# What an unchanged preview does not need is imported late: it takes longer than the preview itself.


def _client(known: Settings) -> Client:
    from pulumi_kafka_connectors.connect import Client

    return Client(known)


def _validator(known: Settings) -> Validator:
    from pulumi_kafka_connectors.validation import validator_of

    return validator_of(known)


_reported = reported(ConnectorError, (ConnectorError, Failure, ConnectError, settings.SettingsError))


class ConnectorProvider(ResourceProvider):
    """Create, read, update and delete of connectors for Pulumi's engine. Holds nothing that would be pickled."""

    serialize_as_secret_always = False

    def __init__(self) -> None:
        super().__init__()
        self._known: Settings | settings.SettingsError = settings.SettingsError("the provider is not configured")

    def __reduce__(self) -> tuple[type[ConnectorProvider], tuple[()]]:
        return ConnectorProvider, ()

    def configure(self, req: ConfigureRequest) -> None:
        """Read the configuration of the stack or of the explicit provider; what is wrong with it, operations tell."""
        keys = [f"{settings.NAMESPACE}:{name}" for name in settings.NAMES]
        try:
            self._known = settings.from_config({key: req.config.get(key) for key in keys})
        except settings.SettingsError as problem:
            self._known = problem
        slots.widen(os.environ.get(slots.VARIABLE))

    @property
    def _settings(self) -> Settings:
        if isinstance(self._known, settings.SettingsError):
            raise self._known
        return self._known

    @_reported
    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot work, and bring inputs into the form that is stored."""
        olds = decoded(_olds)
        inputs, problems = spec.clean(decoded(news))
        try:
            asked, passwords = self._findings(olds, inputs)
        except (settings.SettingsError, ConnectError) as problem:
            asked, passwords = [self.told(problem, [inputs])], frozenset[str]()
        if passwords:
            inputs["passwords"] = sorted(passwords)
        told = [*problems, *(text for text in asked if not _about_same_key(text, problems))]
        # A failure that names a property would print the property's value.
        return CheckResult(_marked(inputs), [CheckFailure("", text) for text in told])

    def _findings(self, olds: Props, inputs: Props) -> tuple[Sequence[str], frozenset[str]]:
        """Problems and typed passwords as the workers tell them: asked only when inputs changed, and only about what
        is known."""
        known, config = self._settings, inputs["config"]
        plugin = config.get("connector.class") if isinstance(config, Mapping) else None
        if not isinstance(plugin, str) or not plugin or plugin != plugin.strip():
            return (), frozenset()
        kept = frozenset(_listed(olds, "passwords")) & config.keys()
        unchanged = bool(olds) and not diff.change(olds, inputs).inputs
        if unchanged or inputs.get("validate") is False:
            return (), kept
        if spec.has_unknowns(config) or spec.has_unknowns(inputs.get("name")):
            found = _validator(known).passwords(plugin)
        else:
            plain = {key: value for key, value in config.items() if isinstance(value, str)}
            found = _validator(known).findings(inputs.get("name", ""), plain, _secrets(inputs))
        return found.problems, found.passwords & config.keys() if found.reached else kept

    @_reported
    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Nothing, update or replace; offline. The engine itself shows the difference key by key."""
        change = diff.change(decoded(_olds), decoded(_news))
        if not change.any:
            return DiffResult(changes=False)
        replaces = list(change.replaces)
        return DiffResult(None if change.inputs else True, replaces, delete_before_replace=bool(replaces))

    @_reported
    def create(self, props: Props) -> CreateResult:
        """Create the connector and wait until it runs."""
        from pulumi_kafka_connectors import converge

        inputs = _inputs(props)
        found = converge.create(_client(self._settings), spec.spec_of(inputs))
        return CreateResult(inputs["name"], _outputs(inputs, found))

    @_reported
    def read(self, id_: str, props: Props) -> ReadResult:
        """The connector as it is, as outputs and as inputs, so that every drifted key shows."""
        from pulumi_kafka_connectors import converge

        known = decoded(props)
        found = converge.read(_client(self._settings), id_)
        if found is None:
            if "status" not in known:
                raise ConnectorError(f"connector {id_} does not exist on {', '.join(self._settings.urls)}")
            return ReadResult("", {})
        inputs = {**_inputs(known), "name": id_}
        declared = inputs.get("config") or {}
        inputs["config"] = spec.unmasked(spec.own(found.config), declared)
        if inputs.get("state") is not None and found.target == found.state:
            inputs["state"] = found.state
        passwords = set(_listed(inputs, "passwords"))
        if inputs["config"].keys() - declared.keys():
            passwords |= _validator(self._settings).typed(inputs["config"])
        if passwords:
            inputs["passwords"] = sorted(passwords)
        return ReadResult(id_, _outputs(inputs, found), _marked(inputs))

    @_reported
    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the connector to the new inputs; a change of how operations go about it makes no REST call."""
        from pulumi_kafka_connectors import converge

        olds, news = decoded(_olds), _inputs(_news)
        change = diff.change(olds, news)
        if change.inputs and not change.inputs & _ON_CLUSTER and not change.drifted:
            return UpdateResult(_marked({**news, **{key: olds[key] for key in _OBSERVED if key in olds}}))
        found = converge.update(_client(self._settings), spec.spec_of(olds), spec.spec_of(news))
        return UpdateResult(_outputs(news, found))

    @_reported
    def delete(self, _id: str, _props: Props) -> None:
        """Delete the connector and wait until it is gone."""
        from pulumi_kafka_connectors import converge

        converge.delete(_client(self._settings), spec.spec_of({**_inputs(_props), "name": _id}))

    def told(self, problem: Exception, props: Sequence[Mapping[str, Any]], *, lines: bool = False) -> str:
        """The sentence for a person: no secret in it, and what to do about a refused login."""
        text = str(problem) if lines else " ".join(str(problem).split())
        if isinstance(problem, Unauthorized):
            text += (
                f": check {settings.NAMESPACE}:username, :password and :token; plain `pulumi refresh` and `pulumi destroy` "
                "use the settings saved in the state, after a change of stack configuration add --run-program"
            )
        words: set[str] = set()
        for given in map(decoded, props):
            config = given.get("config")
            if not isinstance(config, Mapping):
                continue
            config = {key: value for key, value in config.items() if isinstance(value, str)}
            words |= self._words(str(given.get("name", "")), config, _secrets({**given, "config": config}))
        return secrecy.hide(text, words)

    def _words(self, name: str, config: Mapping[str, str], keys: set[str]) -> set[str]:
        try:
            return _validator(self._settings).words(name, config, keys)
        except settings.SettingsError:
            return secrecy.secret_words(config, keys)


def _inputs(props: Mapping[str, Any]) -> Props:
    given = decoded(props)
    return {key: given[key] for key in (*spec.INPUTS, "passwords") if given.get(key) is not None}


def _about_same_key(text: str, problems: list[str]) -> bool:
    key = text.partition("]:")[0]
    return any(problem.startswith(f"{key}]") for problem in problems)


# The program's side


def _offsets_input(offsets: Any) -> Any:
    if isinstance(offsets, Mapping):
        return {key: _offsets_input(value) for key, value in offsets.items()}
    if isinstance(offsets, list | tuple):
        return [_offsets_input(value) for value in offsets]
    if is_later(offsets):
        return pulumi.Output.from_input(offsets).apply(_offsets_input)
    return spec.offset_value(offsets)


def _timeouts_input(timeouts: Any, opts: pulumi.ResourceOptions | None) -> Any:
    custom = opts.custom_timeouts if opts is not None else None
    if timeouts is not None or not isinstance(custom, pulumi.CustomTimeouts):
        return timeouts
    named = {"create": custom.create, "update": custom.update, "delete": custom.delete}
    return {key: value for key, value in named.items() if value is not None} or None


class Connector(Resource, module="kafka-connectors", name="Connector"):
    """A connector on a Kafka Connect cluster.

    Attributes:
        config, name, state, ...: all inputs, under the same names.
        status: what it does now: running, paused, stopped, failed, unassigned or restarting.
        type: source or sink.
        tasks: a list of `{id, state}`.
        version: the plugin's version, where the worker tells it (Kafka 4.1).
    """

    # The SDK reads annotations again for every resource, and can do without.
    if TYPE_CHECKING:
        config: pulumi.Output[Mapping[str, str]]
        name: pulumi.Output[str]
        state: pulumi.Output[str | None]
        sensitive: pulumi.Output[Sequence[str] | None]
        restart: pulumi.Output[Any]
        offsets: pulumi.Output[Sequence[Mapping[str, Any]] | None]
        adopt: pulumi.Output[bool | None]
        validate: pulumi.Output[bool | None]
        wait: pulumi.Output[bool | None]
        rollback: pulumi.Output[bool | None]
        timeouts: pulumi.Output[Mapping[str, float] | None]
        forget: pulumi.Output[bool | None]
        status: pulumi.Output[str]
        type: pulumi.Output[str]
        tasks: pulumi.Output[Sequence[Mapping[str, Any]]]
        version: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        config: pulumi.Input[Mapping[str, pulumi.Input[str | int | float | bool]]] | None = None,
        name: pulumi.Input[str] | None = None,
        state: pulumi.Input[str] | None = None,
        sensitive: Sequence[str] | None = None,
        restart: pulumi.Input[Any] | None = None,
        offsets: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        validate: pulumi.Input[bool] | None = None,
        wait: pulumi.Input[bool] | None = None,
        rollback: pulumi.Input[bool] | None = None,
        timeouts: Mapping[str, str | float] | None = None,
        forget: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a connector.

        Args:
            resource_name: Pulumi's name, and the connector's unless `name` is given.
            config: the connector configuration; text, numbers, booleans, or outputs of these.
            name: the connector's name; another name is another connector (replace).
            state: running, paused or stopped; enforced when given.
            sensitive: configuration keys whose values are secret besides those that look so.
            restart: restarts connector and tasks whenever this value changes.
            offsets: `{partition, offset}` to set on create and when this changes; an empty list resets.
            adopt: take over an existing connector that has another configuration.
            validate: let a worker check the configuration at preview and up (default True).
            wait: wait until the connector and every task are in the wanted state (default True).
            rollback: undo a create or a configuration change that does not become healthy (default True).
            timeouts: `create`, `update`, `delete`, in seconds or as text such as "5m" (default 5 minutes each).
            forget: also delete the connector's offsets when it is deleted.
            opts: Pulumi's resource options.
        """
        getting = opts is not None and opts.id is not None
        inputs = {
            "config": config_input(config, sensitive),
            "name": resource_name if name is None and not getting else name,
            "state": state,
            "sensitive": None if sensitive is None else list(sensitive),
            "restart": restart,
            "offsets": _offsets_input(offsets) if offsets is not None else None,
            "adopt": adopt,
            "validate": validate,
            "wait": wait,
            "rollback": rollback,
            "timeouts": _timeouts_input(timeouts, opts),
            "forget": forget,
        }
        # The SDK makes several futures for every property: with hundreds of connectors those that say nothing count.
        given = {key: value for key, value in inputs.items() if value is not None or getting}
        with frames.of_program():
            super().__init__(ConnectorProvider(), resource_name, {**given, **dict.fromkeys(_OBSERVED)}, opts)

    def __getattr__(self, name: str) -> Any:
        # An input that was not given.
        if name in spec.INPUTS:
            return pulumi.Output.from_input(None)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Connector:  # noqa: A002
        """Look up an existing connector by its name without managing it; fails when there is none."""
        return Connector(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
