"""What the workers say about a configuration before it is used: every problem by key, and which keys are passwords."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pulumi_kafka_connectors.connect import Client, errors
from pulumi_kafka_connectors.connect.models import Validation
from pulumi_kafka_connectors.core import keys
from pulumi_kafka_connectors.core.checks import Problem, config_problem
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.findings import (
    readable,
    unusable,
    with_overrides_together,
    with_way_out,
    without_consequences,
)
from pulumi_kafka_connectors.core.redaction import (
    Redactor,
    has_reference,
    is_mask,
    is_reference,
    references,
    replacements,
    secret_keys,
)
from pulumi_kafka_connectors.core.settings import NAMESPACE, PREVIEW_SECONDS, VALIDATION_SECONDS

RESOLVE_SECONDS: Final = 10.0
"""Seconds to ask what the references of a configuration stand for."""
_VERSION: Final = "connector.plugin.version"
"""The key with which a configuration asks for one of several installed versions of a plugin (Kafka 4.1)."""
ABSENCE_SECONDS: Final = 60.0
"""Seconds for which workers that did not answer are not asked again by every connector in turn."""


@dataclass(frozen=True)
class Findings:
    """What the workers told.

    Attributes:
        problems: without secrets.
        passwords: keys that the plugin types as PASSWORD.
        keys: all keys that the plugin and Connect define; none if that is not known.
        secrets: values that no message may show: secret ones, and what references stand for.
        resolved: keys with references of which a worker told what they stand for.
        reached: False when no worker could be asked: nothing is known then.
        warning: that, and why, once; or that the plugin took too long.
    """

    problems: tuple[Problem, ...] = ()
    passwords: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    resolved: frozenset[str] = frozenset()
    reached: bool = True
    warning: str = ""


def find_problems(
    cluster: Cluster, name: str, config: Mapping[str, str], secret: Iterable[str], seconds: float = VALIDATION_SECONDS
) -> Findings:
    """What `PUT /connector-plugins/{class}/config/validate` says about a complete configuration; asked once per process.

    Args:
        cluster: whom to ask.
        name: of the connector.
        config: with `connector.class`, every value known.
        secret: keys whose values no message may show.
        seconds: that the plugin may take; a slower one is told as a warning.

    Raises:
        errors.ConnectError: the worker refuses to answer (401, 403) or is none.
    """
    hidden = frozenset(secret)
    limit = min(seconds, cluster.settings.timeout)

    def ask(client: Client) -> Findings:
        slow = _too_slow(name, config["connector.class"], limit)
        found = _within(cluster, limit, lambda: _validated(client, name, config, hidden), slow)
        if found.keys:
            return found
        # A plugin that fails as a whole still tells its definitions.
        known = password_keys(cluster, config["connector.class"], config.get(_VERSION))
        return replace(found, passwords=known.passwords, keys=known.keys)

    return _asked_once(cluster, _question(name, config, hidden), ask, seconds)


def _within(cluster: Cluster, limit: float, validate: Callable[[], Findings], slow: str) -> Findings:
    """What a validation finds, or the warning `slow` if it takes longer than `limit` seconds while a worker answers."""
    started = cluster.clock.now()
    try:
        return validate()
    except (errors.Unreachable, errors.StillRunning) as problem:
        late = isinstance(problem, errors.StillRunning) or cluster.clock.now() - started >= limit
        if not late or not _answers(cluster):
            raise
    return Findings(warning=slow)


def _answers(cluster: Cluster) -> bool:
    """Whether a worker answers at once: then it was the plugin that was slow."""
    try:
        cluster.client.with_retry(0).until(cluster.clock.now() + PREVIEW_SECONDS).worker()
    except errors.ConnectError:
        return False
    return True


def _too_slow(name: str, plugin: str, seconds: float) -> str:
    return (
        f"connector {name} is not validated: {plugin} took longer than {seconds:g} s, as plugins do that cannot reach their "
        f"system; to wait longer, raise the setting {NAMESPACE}:validation (and {NAMESPACE}:timeout)"
    )


def doubts(cluster: Cluster, config: Mapping[str, object], found: Findings) -> list[str]:
    """What workers accept without a word although it probably is a mistake, a sentence each.

    That is: a key that nobody knows and that is very close to one that the plugin defines, and a version of the plugin on
    workers before Kafka 4.1, which ignore it.
    """
    plugin = config.get("connector.class")
    if not isinstance(plugin, str) or not found.keys:
        return []
    told = [
        f"config[{key!r}] is not a key of {plugin}: did you mean {meant}?"
        for key, meant in keys.misspelt(plugin, config.keys(), found.keys).items()
    ]
    features = cluster.features()
    if _VERSION in config and features.plugin_versions is False:
        told.append(
            f"config[{_VERSION!r}] has no effect on the workers of Kafka {features.text}: selecting a version of a plugin "
            "needs Kafka Connect 4.1 or newer"
        )
    return told


def password_keys(cluster: Cluster, plugin: str | None, version: str | None = None) -> Findings:
    """The keys that a plugin types as PASSWORD, from `GET /connector-plugins/{class}/config` (3.2); none for no plugin."""
    if not plugin:
        return Findings()

    def ask(client: Client) -> Findings:
        try:
            known = version if version and client.features().plugin_versions else None
            defined = client.plugin_config(plugin, version=known)
        except (errors.Unsupported, errors.Refused) as refusal:
            if isinstance(refusal, errors.Busy | errors.Indeterminate):
                raise
            return Findings(reached=False)
        typed = frozenset(key.name for key in defined if key.type == "PASSWORD")
        return Findings(passwords=typed, keys=frozenset(key.name for key in defined))

    return _asked_once(cluster, f"plugin {plugin} {version or ''}", ask)


def typed_passwords(cluster: Cluster, config: Mapping[str, str]) -> frozenset[str]:
    """The keys of a configuration that its plugin types as PASSWORD."""
    return password_keys(cluster, config.get("connector.class"), config.get(_VERSION)).passwords & config.keys()


def known_passwords(cluster: Cluster, name: str, config: Mapping[str, str]) -> frozenset[str] | None:
    """As `typed_passwords`, from a validation where workers do not tell definitions (before 3.2).

    Returns:
        None when no worker tells.
    """
    found = password_keys(cluster, config.get("connector.class"), config.get(_VERSION))
    if found.reached:
        return found.passwords & config.keys()
    try:
        found = find_problems(cluster, name, config, secret_keys(config))
    except (errors.ConnectError, KeyError):
        return None
    # A plugin that cannot be asked is told as a problem of the whole.
    refused = any(problem.key in ("config", "config['connector.class']") for problem in found.problems)
    return found.passwords & config.keys() if found.reached and not refused else None


def resolved_secrets(
    cluster: Cluster, name: str, config: Mapping[str, str], secret: Iterable[str]
) -> tuple[frozenset[str], list[str]]:
    """What the references (`${file:...}`) in a configuration stand for.

    Returns:
        That, and the references of which no worker tells it: workers never do for keys that the plugin types as PASSWORD.
    """
    referring = {key: references(value) for key, value in config.items() if has_reference(value)}
    if not referring:
        return frozenset(), []
    hidden = frozenset(secret)
    try:
        found = _asked_once(
            cluster,
            _question(name, config, hidden),
            lambda client: _validated(client, name, config, hidden),
            RESOLVE_SECONDS,
        )
    except (errors.ConnectError, KeyError):
        found = Findings(reached=False)
    unknown = {reference: None for key in referring.keys() - found.resolved for reference in referring[key]}
    return found.secrets, sorted(unknown)


def _question(name: str, config: Mapping[str, str], secret: frozenset[str]) -> str:
    # A digest, since it holds every secret of the configuration. What is secret is part of it: the answer hides that.
    return hashlib.sha256(json.dumps([name, sorted(config.items()), sorted(secret)]).encode()).hexdigest()


def _asked_once(
    cluster: Cluster, question: str, ask: Callable[[Client], Findings], seconds: float = PREVIEW_SECONDS
) -> Findings:
    if cluster.memo.absent:
        return Findings(reached=False)
    client = cluster.client.with_retry(PREVIEW_SECONDS)
    if seconds != PREVIEW_SECONDS:
        client = client.until(cluster.clock.now() + seconds)
    try:
        return cluster.memo.once(question, lambda: ask(client))
    except (errors.Unreachable, errors.Busy, errors.Indeterminate) as problem:
        news = cluster.memo.leave_alone(ABSENCE_SECONDS)
        return Findings(reached=False, warning=f"configurations are not validated: {problem}" if news else "")


def _validated(client: Client, name: str, config: Mapping[str, str], secret: frozenset[str]) -> Findings:
    plugin = config["connector.class"]
    try:
        answer = client.validate(plugin, {**config, "name": name})
    except errors.PluginNotFound:
        return Findings((_not_installed(plugin, _classes(client)),))
    except errors.Refused as refusal:
        if isinstance(refusal, errors.Busy | errors.Indeterminate) or refusal.status in (401, 403):
            raise
        if refusal.status == 404 and plugin not in (classes := _classes(client)):
            return Findings((_not_installed(plugin, classes),))
        if not errors.is_version_refusal(refusal.message):
            refusal = _of_the_version(client, config) or refusal
        redactor = Redactor()
        redactor.add_config(config, secret)
        if (reason := unusable(refusal.message)) is not None:
            return Findings((config_problem("connector.class", f": {reason}"),))
        key = _key_of(refusal.message, config, "")
        message = with_way_out(redactor.one_line(readable(key, redactor.redact(refusal.message))))
        where = f"config['{key}']" if key else "config"
        return Findings((Problem(where, f"{where}: the worker cannot validate it: {message}{_referring(config)}"),))
    return _findings(answer, config, secret)


def _of_the_version(client: Client, config: Mapping[str, str]) -> errors.Refused | None:
    """The refusal of a version of the plugin that is not installed.

    A worker of Kafka 4.1 or newer validates it once; asked about the same version again, it fails with a
    NullPointerException. `GET /connector-plugins/{class}/config?version=` keeps telling the versions.
    """
    if _VERSION not in config:
        return None
    try:
        client.plugin_config(config["connector.class"], version=config[_VERSION])
    except errors.Unsupported:
        return None
    except errors.Refused as refusal:
        return refusal if errors.is_version_refusal(refusal.message) else None
    return None


def _key_of(message: str, config: Mapping[str, str], key: str) -> str:
    """The key that an error is about: workers blame the class for a version of it that is not installed."""
    return _VERSION if _VERSION in config and errors.is_version_refusal(message) else key


def _referring(config: Mapping[str, str]) -> str:
    """Which keys hold references, since a worker that cannot resolve one does not say where it stands."""
    keys = sorted(key for key, value in config.items() if has_reference(value))
    return f" (references are in {', '.join(keys)})" if keys else ""


def _classes(client: Client) -> list[str]:
    return sorted(plugin.class_ for plugin in client.plugins())


def _not_installed(plugin: str, classes: list[str]) -> Problem:
    if plugin in classes:
        text = f": {plugin} is listed by the workers but cannot be loaded: see the log of the worker"
        return config_problem("connector.class", text)
    simple = {name.rpartition(".")[2].lower(): name for name in classes}
    wanted = plugin.rpartition(".")[2].lower()
    near = [simple[name] for name in difflib.get_close_matches(wanted, simple, n=3, cutoff=0.5)]
    others = [name for name in classes if name not in near]
    shown = ", ".join([*near, *others][:8]) + (", ..." if len(classes) > 8 else "")
    hint = f"did you mean {near[0]}? " if near else ""
    text = f": {plugin} is not installed on the workers: {hint}Installed: {shown or 'none'}"
    return config_problem("connector.class", text)


def _findings(answer: Validation, config: Mapping[str, str], secret: frozenset[str]) -> Findings:
    typed = frozenset(key.definition.name for key in answer.configs if key.definition and key.definition.type == "PASSWORD")
    hidden = secret | typed | {key for key, value in config.items() if has_reference(value)}
    resolved = {key.value.name: key.value.value for key in answer.configs if key.value and key.value.name in hidden}
    secrets = {value for key in hidden if (value := config.get(key))} | {value for value in resolved.values() if value}
    told = {key: text for key, text in resolved.items() if text and not is_mask(text) and has_reference(config.get(key, ""))}
    secrets.update(*(replacements(config[key], text) for key, text in told.items()))
    redactor = Redactor()
    redactor.add_config(config, hidden)
    redactor.add_config({key: value for key, value in resolved.items() if value}, resolved)
    redactor.add(*secrets)
    problems: dict[Problem, None] = {}
    values = [entry.value for entry in answer.configs if entry.value]
    listed = [(_key_of(error, config, value.name), error) for value in values for error in value.errors]
    for key, error in with_overrides_together(without_consequences(listed)):
        shown = redactor.redact(errors.without_value(error) if key in hidden else error)
        text = redactor.one_line(readable(key, shown))
        problems[config_problem(key, f": {with_way_out(text)}")] = None
    secret_texts = frozenset(text for text in secrets if not is_reference(text))
    defined = frozenset(key.definition.name for key in answer.configs if key.definition)
    return Findings(tuple(problems), typed, defined, secret_texts, frozenset(told))
