"""Prepares a program's values for the engine: configuration values become strings, and secrets are marked per key."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any

import pulumi

from pulumi_kafka_connectors.core.redaction import is_secret
from pulumi_kafka_connectors.core.secrets import holds_login_or_key
from pulumi_kafka_connectors.core.values import is_key, offset_to_wire, text_of, texts_of


def is_awaitable(value: Any) -> bool:
    """Whether the value is an output or another awaitable."""
    return isinstance(value, pulumi.Output | Awaitable)


def config_input(config: Any, sensitive: Any = None) -> Any:
    """A configuration with every value as a string, and secret values marked per key."""
    if is_awaitable(config):
        return pulumi.Output.from_input(config).apply(texts_of)
    if config is None or not isinstance(config, Mapping):
        return config if config is None else text_of(config)
    listed = _listed(sensitive)
    odd = {key: value for key, value in config.items() if not is_key(key)}
    given = {key: value for key, value in config.items() if is_key(key)}
    return {**{key: _value_input(key, value, listed) for key, value in given.items()}, **texts_of(odd)}


def _value_input(key: str, value: Any, listed: Sequence[str]) -> Any:
    text = pulumi.Output.from_input(value).apply(text_of) if is_awaitable(value) else text_of(value)
    return pulumi.Output.secret(text) if is_secret(key, text, listed) else text


def marked_input(config: Any, sensitive: Any = None) -> Any:
    """The names of the keys whose values a program marks as secret and that do not look so; None where there are none.

    The engine hands no marks to a dynamic provider. They are known at preview also where the values are not.

    Args:
        config: what `config_input` made; of one that is an output, every key is meant.
        sensitive: keys that are secret anyway.
    """
    if isinstance(config, pulumi.Output):
        return pulumi.Output.from_input(_keys_of_secret(config))
    listed = _listed(sensitive)
    given = config.items() if isinstance(config, Mapping) else ()
    outputs = {key: value for key, value in given if isinstance(value, pulumi.Output) and not is_secret(key, value, listed)}
    return pulumi.Output.from_input(_secret_keys(outputs)) if outputs else None


async def _keys_of_secret(config: pulumi.Output[Any]) -> list[str] | None:
    keys = await config.future() if await config.is_secret() else None
    return sorted(keys) if isinstance(keys, Mapping) else None


async def _secret_keys(outputs: Mapping[str, pulumi.Output[Any]]) -> list[str] | None:
    return sorted([key for key, value in outputs.items() if await value.is_secret()]) or None


def _listed(sensitive: Any) -> list[str]:
    """The input `sensitive` as a list; text in place of a list, which `checks` refuses, counts as one key until then."""
    given = [sensitive] if isinstance(sensitive, str) else sensitive
    return [key for key in given if isinstance(key, str)] if isinstance(given, Sequence) else []


def sensitive_input(sensitive: Any) -> Any:
    """Keys as a list; what is no list of anything is left for `checks` to refuse: a string is no list of its characters."""
    if sensitive is None or is_awaitable(sensitive) or isinstance(sensitive, str | Mapping):
        return sensitive
    return list(sensitive) if isinstance(sensitive, Iterable) else text_of(sensitive)


def guarded_input(value: Any) -> Any:
    """A setting that is secret if it contains a login (`user:password@host`) or a private key, also if it is known later."""
    if isinstance(value, list | tuple) and any(map(is_awaitable, value)):
        value = pulumi.Output.all(*value)
    if is_awaitable(value):
        return pulumi.Output.from_input(value).apply(guarded_input)
    return pulumi.Output.secret(value) if holds_login_or_key(value) else value


def offsets_input(offsets: Any) -> Any:
    """Offsets in a form that preserves their JSON types on the wire."""
    if isinstance(offsets, Mapping):
        return {key: offsets_input(value) for key, value in offsets.items()}
    if isinstance(offsets, list | tuple):
        return [offsets_input(value) for value in offsets]
    if is_awaitable(offsets):
        return pulumi.Output.from_input(offsets).apply(offsets_input)
    return offset_to_wire(offsets)


def timeouts_input(timeouts: Any, opts: pulumi.ResourceOptions | None) -> Any:
    """The timeouts, or those of the resource options: the SDK does not pass these to dynamic providers."""
    custom = opts.custom_timeouts if opts is not None else None
    if timeouts is not None or not isinstance(custom, pulumi.CustomTimeouts):
        return timeouts
    named = {"create": custom.create, "update": custom.update, "delete": custom.delete}
    return {key: value for key, value in named.items() if value is not None} or None


def with_alias(type_: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """The options, with the type that the resource has through the other front end: a stack moves over by its import."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=type_)]))
