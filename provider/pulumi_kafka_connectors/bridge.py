"""Between Pulumi and what we work with: values in both directions, and errors that a person can read."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import pulumi
from pulumi.runtime.rpc import wrap_rpc_secret

from pulumi_kafka_connectors import secrecy, spec

Props = dict[str, Any]


# The engine's side


def decoded(value: Any) -> Any:
    """A value from the engine, with our own mark for what is not known yet."""
    if isinstance(value, type(pulumi.UNKNOWN)):
        return spec.UNKNOWN
    if isinstance(value, Mapping):
        return {key: decoded(inner) for key, inner in value.items() if key != "__provider"}
    if isinstance(value, list | tuple):
        return [decoded(inner) for inner in value]
    return value


def encoded(value: Any) -> Any:
    """A value for the engine."""
    if spec.is_unknown(value):
        return pulumi.UNKNOWN
    if isinstance(value, Mapping):
        return {key: encoded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(inner) for inner in value]
    return value


def marked(props: Mapping[str, Any], secret: Iterable[str]) -> Props:
    """Properties as the engine stores them: these keys of `config` marked as secret."""
    stored: Props = encoded(props)
    for key in secret:
        if not spec.is_unknown(props["config"][key]):
            stored["config"][key] = wrap_rpc_secret(props["config"][key])
    return stored


class Teller(Protocol):
    """A provider that can put any problem into a sentence without secrets."""

    def told(self, problem: Exception, props: Sequence[Mapping[str, Any]], *, lines: bool = False) -> str:
        """The sentence; with `lines` the text keeps its lines."""


Operation = TypeVar("Operation", bound=Callable[..., Any])


def reported(error: type[Exception], expected: tuple[type[Exception], ...]) -> Callable[[Operation], Operation]:
    """Make every way an operation can fail one `error` without secrets; nothing else may reach the host, which hangs on
    a BaseException and prints the traceback of everything.

    Args:
        error: what to raise.
        expected: problems that are no defect of ours.
    """

    def decorate(operation: Operation) -> Operation:
        @functools.wraps(operation)
        def wrapped(self: Teller, *args: Any) -> Any:
            props = [arg for arg in args if isinstance(arg, Mapping)]
            try:
                return operation(self, *args)
            except expected as problem:
                told = self.told(problem, props)
            except BaseException:  # noqa: BLE001 - see above
                defect = f"a defect of pulumi-kafka-connectors, please report it: {traceback.format_exc(limit=-20)}"
                told = self.told(RuntimeError(defect), props, lines=True)
            sys.tracebacklimit = 0
            raise error(told) from None

        return wrapped  # type: ignore[return-value]

    return decorate


# The program's side


def is_later(value: Any) -> bool:
    """Whether the value is known only later."""
    return isinstance(value, pulumi.Output | Awaitable)


def config_input(config: Any, sensitive: Any) -> Any:
    """A configuration with every value as text, secret values marked, per key."""
    if config is None or not isinstance(config, Mapping):
        if is_later(config):
            return pulumi.Output.from_input(config).apply(_texts)
        return config if config is None else spec.text_of(config)
    listed = [key for key in sensitive if isinstance(key, str)] if isinstance(sensitive, Sequence) else []
    return {key: _value_input(key, value, listed) for key, value in config.items()}


def _texts(config: Any) -> Any:
    if not isinstance(config, Mapping):
        return spec.text_of(config)
    return {key: spec.text_of(value) for key, value in config.items()}


def _value_input(key: str, value: Any, listed: Sequence[str]) -> Any:
    text = pulumi.Output.from_input(value).apply(spec.text_of) if is_later(value) else spec.text_of(value)
    return pulumi.Output.secret(text) if secrecy.is_secret(key, text, listed) else text
