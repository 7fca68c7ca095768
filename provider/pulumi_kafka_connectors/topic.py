"""The `Topic` resource and its dynamic provider, for topics that live beside their connectors.

The module path and the names `TopicProvider` and `Topic` are stored in users' state: they never change.
"""

from __future__ import annotations

import re
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

from pulumi_kafka_connectors import frames, secrecy, settings, spec
from pulumi_kafka_connectors.bridge import Props, config_input, decoded, marked, reported
from pulumi_kafka_connectors.failure import Failure

if TYPE_CHECKING:
    from pulumi_kafka_connectors.broker import Topics, TopicState

_COUNTS = ("partitions", "replication_factor")


class TopicError(Exception):
    """What a user reads when an operation on a topic fails: one sentence."""


TopicError.__module__ = "builtins"

_reported = reported(TopicError, (TopicError, Failure, settings.SettingsError))


def _topics(properties: Mapping[str, str]) -> Topics:
    try:
        from pulumi_kafka_connectors.broker import topics_of
    except ImportError:
        raise Failure("topics need another library: run `pip install pulumi-kafka-connectors[topics]`") from None
    return topics_of(tuple(sorted(properties.items())))


def _state(inputs: Props) -> TopicState:
    from pulumi_kafka_connectors.broker import TopicState

    texts = {key: spec.wire_text(value) for key, value in dict(inputs.get("config") or {}).items()}
    return TopicState(int(inputs["partitions"]), int(inputs["replication_factor"]), texts)


def _marked(props: Mapping[str, Any]) -> Props:
    config = props.get("config")
    return marked(props, secrecy.secret_keys(config) if isinstance(config, Mapping) else ())


class TopicProvider(ResourceProvider):
    """Create, read, update and delete of topics for Pulumi's engine. Holds nothing that would be pickled."""

    serialize_as_secret_always = False

    def __init__(self) -> None:
        super().__init__()
        self._config: Mapping[str, Any] = {}

    def __reduce__(self) -> tuple[type[TopicProvider], tuple[()]]:
        return TopicProvider, ()

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the configuration of the stack or of the explicit provider; what is wrong with it, operations tell."""
        key = f"{settings.NAMESPACE}:kafka"
        self._config = {key: req.config.get(key)}

    def _properties(self) -> dict[str, str]:
        return settings.kafka_from_config(self._config)

    def _client(self) -> Topics:
        return _topics(self._properties())

    @_reported
    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse what cannot work, and bring inputs into the form that is stored. Asks no broker."""
        given = {key: value for key, value in decoded(news).items() if value is not None}
        problems = _name_problems(given.get("name"))
        for key in _COUNTS:
            problems += _count_problems(key, given.get(key))
        given["config"], wrong = _clean_config(given.get("config", {}))
        problems += wrong
        try:
            self._client()
        except (Failure, settings.SettingsError) as problem:
            problems.append(self.told(problem, []))
        return CheckResult(_marked(given), [CheckFailure("", text) for text in problems])

    @_reported
    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Update or replace: no topic can be renamed, have fewer partitions, or another replication."""
        olds, news = _compared(decoded(_olds)), _compared(decoded(_news))
        if olds == news:
            return DiffResult(changes=False)
        replaces = [key for key in ("name", "replication_factor") if olds[key] != news[key]]
        before, after = olds["partitions"], news["partitions"]
        if isinstance(before, int) and isinstance(after, int) and after < before:
            replaces.append("partitions")
        return DiffResult(None, replaces, delete_before_replace=bool(replaces))

    @_reported
    def create(self, props: Props) -> CreateResult:
        """Create the topic; one that exists as declared is ours (a lost answer, an interrupted run)."""
        inputs, client = decoded(props), self._client()
        name, wanted = inputs["name"], _state(inputs)
        found = client.find(name)
        if found is None:
            client.create(name, wanted)
        elif found != wanted:
            other = _differences(found, wanted)
            raise Failure(f"topic {name} exists already with other {other}: declare it as it is, or give another name")
        return CreateResult(name, _marked(inputs))

    @_reported
    def read(self, id_: str, props: Props) -> ReadResult:
        """The topic as it is, as outputs and as inputs, so that drift shows per key."""
        known = decoded(props)
        found = self._client().find(id_)
        if found is None:
            if "partitions" not in known:
                raise Failure(f"topic {id_} does not exist")
            return ReadResult("", {})
        values = {"name": id_, "partitions": found.partitions, "replication_factor": found.replication_factor}
        values["config"] = dict(found.config)
        return ReadResult(id_, _marked(values), _marked(values))

    @_reported
    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Change the configuration key by key, and add partitions."""
        news, client = decoded(_news), self._client()
        wanted, found = _state(news), client.find(_id)
        if found is None:
            client.create(_id, wanted)
            return UpdateResult(_marked(news))
        changed = {key: value for key, value in wanted.config.items() if found.config.get(key) != value}
        removed = sorted(_state(decoded(_olds)).config.keys() & found.config.keys() - wanted.config.keys())
        if changed or removed:
            client.configure(_id, changed, removed)
        if wanted.partitions > found.partitions:
            client.grow(_id, wanted.partitions)
        return UpdateResult(_marked(news))

    @_reported
    def delete(self, _id: str, _props: Props) -> None:
        """Delete the topic with its data, and wait until it is gone."""
        self._client().delete(_id)

    def told(self, problem: Exception, props: Sequence[Mapping[str, Any]], *, lines: bool = False) -> str:
        """The sentence for a person, with no secret in it."""
        text = str(problem) if lines else " ".join(str(problem).split())
        words: set[str] = set()
        for given in map(decoded, props):
            config = given.get("config")
            if isinstance(config, Mapping):
                words |= secrecy.secret_words(config, secrecy.secret_keys(config))
        try:
            properties = self._properties()
            words |= secrecy.secret_words(properties, secrecy.secret_keys(properties))
        except settings.SettingsError:
            pass
        return secrecy.hide(text, words)


def _compared(values: Mapping[str, Any]) -> dict[str, Any]:
    counts = {key: int(values[key]) if isinstance(values.get(key), int | float) else values.get(key) for key in _COUNTS}
    return {"name": values.get("name"), "config": values.get("config") or {}, **counts}


def _differences(found: TopicState, wanted: TopicState) -> str:
    parts = [key.replace("_", " ") for key in _COUNTS if getattr(found, key) != getattr(wanted, key)]
    keys = [key for key in found.config.keys() | wanted.config.keys() if found.config.get(key) != wanted.config.get(key)]
    return ", ".join([*parts, *(f"config['{key}']" for key in sorted(keys))])


def _clean_config(config: Any) -> tuple[Any, list[str]]:
    if spec.is_unknown(config):
        return config, []
    if not isinstance(config, Mapping):
        return {}, ["config must be a map of configuration keys to values"]
    cleaned = {key: value if spec.is_unknown(value) else spec.wire_text(value) for key, value in config.items()}
    wrong = [key for key, value in cleaned.items() if not isinstance(value, str | spec.Unknown)]
    return cleaned, [f"config['{key}']: give text, a number or a boolean" for key in wrong]


def _name_problems(name: Any) -> list[str]:
    if spec.is_unknown(name) or (isinstance(name, str) and re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name) and name.strip(".")):
        return []
    return ["name must have 1 to 249 letters, digits, dots, underscores and hyphens, and not be `.` or `..`"]


def _count_problems(key: str, value: Any) -> list[str]:
    if spec.is_unknown(value):
        return []
    whole = not isinstance(value, bool) and isinstance(value, int | float) and float(value).is_integer() and value >= 1
    return [] if whole else [f"{key} must be a whole number of at least 1"]


class Topic(Resource, module="kafka-connectors", name="Topic"):
    """A topic on a Kafka cluster, with the properties of `pulumi_kafka.Topic`. Needs the extra `topics`.

    The brokers are those of the setting `kafka`.
    """

    name: pulumi.Output[str]
    partitions: pulumi.Output[int]
    replication_factor: pulumi.Output[int]
    config: pulumi.Output[Mapping[str, str] | None]

    def __init__(
        self,
        resource_name: str,
        *,
        partitions: pulumi.Input[int] | None = None,
        replication_factor: pulumi.Input[int] | None = None,
        config: pulumi.Input[Mapping[str, pulumi.Input[str | int | float | bool]]] | None = None,
        name: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a topic.

        Args:
            resource_name: Pulumi's name, and the topic's unless `name` is given.
            partitions: how many; more are added in place, fewer need a new topic (replace).
            replication_factor: brokers that keep each partition; another number needs a new topic (replace).
            config: settings of the topic, such as `retention.ms`.
            name: the topic's name; another name is another topic (replace).
            opts: Pulumi's resource options.
        """
        getting = opts is not None and opts.id is not None
        inputs = {
            "name": resource_name if name is None and not getting else name,
            "partitions": partitions,
            "replication_factor": replication_factor,
            "config": config_input(config, None),
        }
        with frames.of_program():
            super().__init__(TopicProvider(), resource_name, inputs, opts)

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Topic:  # noqa: A002
        """Look up an existing topic by its name without managing it; fails when there is none."""
        return Topic(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))
