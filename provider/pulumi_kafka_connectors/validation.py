"""What the workers think of a configuration before it is used: every problem by key, and which keys are passwords."""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pulumi_kafka_connectors import secrecy
from pulumi_kafka_connectors.connect import (
    Busy,
    Client,
    ConnectError,
    Doubtful,
    Refused,
    Retry,
    Settings,
    Unreachable,
    Unsupported,
)
from pulumi_kafka_connectors.connect.models import Validation

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds to look for a worker before a preview goes on without it."""
_REMEMBER_ABSENCE = 60.0
_MISSING_CLASS = "Failed to find any class that implements Connector"


@dataclass(frozen=True)
class Findings:
    """Problems, a sentence each that names its key and shows no secret, and the keys that the plugin types as PASSWORD.

    `reached` is False when no worker could be asked: nothing is known then.
    """

    problems: tuple[str, ...] = ()
    passwords: frozenset[str] = frozenset()
    reached: bool = True


class Validator:
    """Asks the workers of one cluster, each question once per process; remembers sentences and key names only."""

    def __init__(self, settings: Settings) -> None:
        self._client = Client(replace(settings, retry=Retry(seconds=min(PATIENCE, settings.retry.seconds))))
        self._lock = threading.Lock()
        self._known: dict[str, Findings] = {}
        self._absent_until = 0.0

    def findings(self, name: str, config: Mapping[str, str], hidden: Iterable[str]) -> Findings:
        """What `PUT /connector-plugins/{class}/config/validate` says about a complete configuration.

        Raises:
            ConnectError: the worker refuses to answer (401, 403) or is none.
        """
        asked = json.dumps([name, sorted(config.items()), sorted(hidden)]).encode()
        return self._once(hashlib.sha256(asked).hexdigest(), lambda: self._validated(name, config, set(hidden)))

    def passwords(self, plugin: str | None) -> Findings:
        """The keys that the plugin types as PASSWORD, from `GET /connector-plugins/{class}/config` (3.2); none for none."""
        if not plugin:
            return Findings()

        def ask() -> Findings:
            try:
                keys = self._client.plugin_config(plugin)
            except (Unsupported, Refused):
                return Findings()
            return Findings(passwords=frozenset(key.name for key in keys if key.type == "PASSWORD"))

        return self._once(f"plugin {plugin}", ask)

    def typed(self, config: Mapping[str, str]) -> frozenset[str]:
        """The keys of a configuration that its plugin types as PASSWORD."""
        return self.passwords(config.get("connector.class")).passwords & config.keys()

    def words(self, name: str, config: Mapping[str, str], keys: set[str]) -> set[str]:
        """Every text that a message about this configuration must not show, with what references stand for."""
        words = secrecy.secret_words(config, keys)
        if any(map(secrecy.has_reference, config.values())) and time.monotonic() >= self._absent_until:
            try:
                answer = self._client.until(time.monotonic() + 10).validate(
                    config["connector.class"], {**config, "name": name}
                )
            except (ConnectError, KeyError):
                return words
            words |= _hidden_words(answer, config, keys)
        return words

    def _once(self, question: str, ask: Callable[[], Findings]) -> Findings:
        with self._lock:
            if question in self._known:
                return self._known[question]
        if time.monotonic() < self._absent_until:
            return Findings(reached=False)
        try:
            found = ask()
        except (Unreachable, Busy, Doubtful) as problem:
            with self._lock:
                if time.monotonic() >= self._absent_until:
                    log.warning("configurations are not validated: %s", problem)
                self._absent_until = time.monotonic() + _REMEMBER_ABSENCE
            return Findings(reached=False)
        with self._lock:
            self._known[question] = found
        return found

    def _validated(self, name: str, config: Mapping[str, str], hidden: set[str]) -> Findings:
        plugin = config["connector.class"]
        try:
            answer = self._client.validate(plugin, {**config, "name": name})
        except Refused as refusal:
            if isinstance(refusal, Busy | Doubtful) or refusal.status in (401, 403):
                raise
            if _MISSING_CLASS in refusal.message or (refusal.status == 404 and plugin not in self._classes()):
                return Findings((self._not_installed(plugin),))
            message = secrecy.hide(" ".join(refusal.message.split()), secrecy.secret_words(config, hidden))
            return Findings((f"config: the worker cannot validate it: {message}",))
        return Findings(tuple(_problems(answer, config, hidden)), _typed_passwords(answer))

    def _classes(self) -> list[str]:
        return [plugin.class_ for plugin in self._client.plugins()]

    def _not_installed(self, plugin: str) -> str:
        classes = sorted(self._classes())
        simple = {name.rpartition(".")[2].lower(): name for name in classes}
        wanted = plugin.rpartition(".")[2].lower()
        near = [simple[name] for name in difflib.get_close_matches(wanted, simple, n=3, cutoff=0.5)]
        others = [name for name in classes if name not in near]
        shown = ", ".join([*near, *others][:8]) + (", ..." if len(classes) > 8 else "")
        hint = f"did you mean {near[0]}? " if near else ""
        return f"config['connector.class']: {plugin} is not installed on the workers: {hint}Installed: {shown or 'none'}"


def _typed_passwords(answer: Validation) -> frozenset[str]:
    return frozenset(key.definition.name for key in answer.configs if key.definition and key.definition.type == "PASSWORD")


def _touchy(answer: Validation, config: Mapping[str, str], hidden: set[str]) -> set[str]:
    """Keys whose values no message may show: secret, typed PASSWORD, or put together from references."""
    return hidden | _typed_passwords(answer) | {key for key, value in config.items() if secrecy.has_reference(value)}


def _hidden_words(answer: Validation, config: Mapping[str, str], hidden: set[str]) -> set[str]:
    keys = _touchy(answer, config, hidden)
    resolved = {entry.value.name: entry.value.value for entry in answer.configs if entry.value and entry.value.name in keys}
    return secrecy.secret_words(config, keys) | secrecy.secret_words(resolved, resolved)


def _problems(answer: Validation, config: Mapping[str, str], hidden: set[str]) -> list[str]:
    words, touchy = _hidden_words(answer, config, hidden), _touchy(answer, config, hidden)
    found: dict[str, None] = {}
    for entry in answer.configs:
        for error in entry.value.errors if entry.value else ():
            key = entry.value.name if entry.value else ""
            text = " ".join(error.split())
            if key in touchy:
                text = re.sub(r"^Invalid value .* for configuration ", "Invalid value [hidden] for configuration ", text)
            found[f"config['{key}']: {secrecy.hide(text, words)}"] = None
    return list(found)


@functools.lru_cache(maxsize=64)
def validator_of(settings: Settings) -> Validator:
    """The one validator of that cluster in this process."""
    return Validator(settings)
