"""Values of a program before they go to the engine: every configuration value as text, and secret values marked, per key."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import pulumi

from pulumi_kafka_connectors.core.redaction import is_secret
from pulumi_kafka_connectors.core.values import offset_to_wire, text_of, texts_of


def is_awaitable(value: Any) -> bool:
    """Whether the value is known only later."""
    return isinstance(value, pulumi.Output | Awaitable)


def config_input(config: Any, sensitive: Any = None) -> Any:
    """A configuration with every value as text, secret values marked, per key."""
    if is_awaitable(config):
        return pulumi.Output.from_input(config).apply(texts_of)
    if config is None or not isinstance(config, Mapping):
        return config if config is None else text_of(config)
    listed = [key for key in sensitive if isinstance(key, str)] if isinstance(sensitive, Sequence) else []
    return {key: _value_input(key, value, listed) for key, value in config.items()}


def _value_input(key: str, value: Any, listed: Sequence[str]) -> Any:
    text = pulumi.Output.from_input(value).apply(text_of) if is_awaitable(value) else text_of(value)
    return pulumi.Output.secret(text) if is_secret(key, text, listed) else text


def offsets_input(offsets: Any) -> Any:
    """Offsets in the form in which their JSON types survive the wire."""
    if isinstance(offsets, Mapping):
        return {key: offsets_input(value) for key, value in offsets.items()}
    if isinstance(offsets, list | tuple):
        return [offsets_input(value) for value in offsets]
    if is_awaitable(offsets):
        return pulumi.Output.from_input(offsets).apply(offsets_input)
    return offset_to_wire(offsets)


def timeouts_input(timeouts: Any, opts: pulumi.ResourceOptions | None) -> Any:
    """The timeouts, or those of the resource options: the SDK hands these to no dynamic provider."""
    custom = opts.custom_timeouts if opts is not None else None
    if timeouts is not None or not isinstance(custom, pulumi.CustomTimeouts):
        return timeouts
    named = {"create": custom.create, "update": custom.update, "delete": custom.delete}
    return {key: value for key, value in named.items() if value is not None} or None
