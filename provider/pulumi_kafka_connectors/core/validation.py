"""What the workers say about a configuration before it is used: every problem by key, and which keys are passwords."""

from __future__ import annotations

import difflib
import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_kafka_connectors.connect import Client, errors
from pulumi_kafka_connectors.connect.models import Validation
from pulumi_kafka_connectors.core.checks import Problem, config_problem
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.redaction import Redactor, has_reference

log = logging.getLogger(__name__)

PREVIEW_SECONDS: Final = 3.0
"""Seconds to look for a worker before a preview goes on without it."""
RESOLVE_SECONDS: Final = 10.0
"""Seconds to ask what the references of a configuration stand for."""
ABSENCE_SECONDS: Final = 60.0
"""Seconds for which workers that did not answer are not asked again by every connector in turn."""


@dataclass(frozen=True)
class Findings:
    """What the workers told.

    Attributes:
        problems: without secrets.
        passwords: keys that the plugin types as PASSWORD.
        secrets: values that no message may show: secret ones, and what references stand for.
        reached: False when no worker could be asked: nothing is known then.
    """

    problems: tuple[Problem, ...] = ()
    passwords: frozenset[str] = frozenset()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    reached: bool = True


def find_problems(cluster: Cluster, name: str, config: Mapping[str, str], secret: Iterable[str]) -> Findings:
    """What `PUT /connector-plugins/{class}/config/validate` says about a complete configuration; asked once per process.

    Args:
        cluster: whom to ask.
        name: of the connector.
        config: with `connector.class`, every value known.
        secret: keys whose values no message may show.

    Raises:
        errors.ConnectError: the worker refuses to answer (401, 403) or is none.
    """
    hidden = frozenset(secret)
    return _asked_once(cluster, _question(name, config), lambda client: _validated(client, name, config, hidden))


def password_keys(cluster: Cluster, plugin: str | None) -> Findings:
    """The keys that a plugin types as PASSWORD, from `GET /connector-plugins/{class}/config` (3.2); none for no plugin."""
    if not plugin:
        return Findings()

    def ask(client: Client) -> Findings:
        try:
            keys = client.plugin_config(plugin)
        except (errors.Unsupported, errors.Refused) as refusal:
            if isinstance(refusal, errors.Busy | errors.Indeterminate):
                raise
            return Findings()
        return Findings(passwords=frozenset(key.name for key in keys if key.type == "PASSWORD"))

    return _asked_once(cluster, f"plugin {plugin}", ask)


def typed_passwords(cluster: Cluster, config: Mapping[str, str]) -> frozenset[str]:
    """The keys of a configuration that its plugin types as PASSWORD."""
    return password_keys(cluster, config.get("connector.class")).passwords & config.keys()


def resolved_secrets(cluster: Cluster, name: str, config: Mapping[str, str], secret: Iterable[str]) -> frozenset[str] | None:
    """What the references (`${file:...}`) in a configuration stand for, as far as it is secret.

    Returns:
        None when no worker tells.
    """
    if not any(map(has_reference, config.values())):
        return frozenset()
    hidden = frozenset(secret)
    try:
        found = _asked_once(
            cluster, _question(name, config), lambda client: _validated(client, name, config, hidden), RESOLVE_SECONDS
        )
    except (errors.ConnectError, KeyError):
        return None
    return found.secrets if found.reached else None


def _question(name: str, config: Mapping[str, str]) -> str:
    # A digest: the question holds every secret of the configuration.
    return hashlib.sha256(json.dumps([name, sorted(config.items())]).encode()).hexdigest()


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
        if cluster.memo.leave_alone(ABSENCE_SECONDS):
            log.warning("configurations are not validated: %s", problem)
        return Findings(reached=False)


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
        redactor = Redactor()
        redactor.add_config(config, secret)
        message = redactor.sentence(refusal.message)
        return Findings((Problem("config", f"config: the worker cannot validate it: {message}"),))
    return _findings(answer, config, secret)


def _classes(client: Client) -> list[str]:
    return sorted(plugin.class_ for plugin in client.plugins())


def _not_installed(plugin: str, classes: list[str]) -> Problem:
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
    redactor = Redactor()
    redactor.add_config(config, hidden)
    redactor.add_config({key: value for key, value in resolved.items() if value}, resolved)
    problems: dict[Problem, None] = {}
    for entry in answer.configs:
        for error in entry.value.errors if entry.value else ():
            key = entry.value.name if entry.value else ""
            text = errors.without_value(error) if key in hidden else error
            problems[config_problem(key, f": {redactor.sentence(text)}")] = None
    return Findings(tuple(problems), typed, frozenset(secrets))
