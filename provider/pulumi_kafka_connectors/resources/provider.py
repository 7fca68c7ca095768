"""An explicit provider: one Connect cluster of several in one program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_kafka_connectors.core.settings import NAMES, NAMESPACE, SECRET

_HARMLESS = ("proxy", "timeout", "retry")
"""Stack settings that also suit another cluster; a login must not travel to one it was not meant for."""


class Provider(pulumi.ProviderResource):
    """Where the workers of one Kafka Connect cluster are; pass it as `opts=ResourceOptions(provider=...)`.

    What is left out comes from the stack configuration `kafka-connectors:...` (with a `url` of its own only `proxy`,
    `timeout` and `retry` do), then from the environment.

    Attributes:
        given: its settings as they were given or taken from the stack configuration, by name: for look-ups.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        url: pulumi.Input[str | Sequence[str]] | Sequence[pulumi.Input[str]] | None = None,
        username: pulumi.Input[str] | None = None,
        password: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        ca: pulumi.Input[str] | None = None,
        cert: pulumi.Input[str] | None = None,
        key: pulumi.Input[str] | None = None,
        insecure: pulumi.Input[bool] | None = None,
        proxy: pulumi.Input[str] | None = None,
        timeout: pulumi.Input[float | str] | None = None,
        retry: pulumi.Input[float | str] | None = None,
        kafka: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a provider.

        Args:
            resource_name: Pulumi's name of this provider.
            url: one or several workers of the cluster (`http://` or `https://`, a path prefix allowed).
            username, password: basic authentication.
            token: bearer token.
            headers: further headers of every request.
            ca: PEM text or file of the authorities to trust.
            cert, key: PEM text or file, for mutual TLS.
            insecure: do not verify the workers' certificates.
            proxy: URL of a proxy.
            timeout: seconds for one request (default 95).
            retry: seconds to keep trying through rebalances, restarts and lost connections (default 120).
            kafka: properties of a Kafka client, for `Topic`: bootstrap.servers, security.protocol, sasl.mechanism, ...
            opts: Pulumi's resource options.
        """
        given: dict[str, Any] = {
            "url": url,
            "username": username,
            "password": password,
            "token": token,
            "headers": headers,
            "ca": ca,
            "cert": cert,
            "key": key,
            "insecure": insecure,
            "proxy": proxy,
            "timeout": timeout,
            "retry": retry,
            "kafka": kafka,
        }
        stack = pulumi.Config(NAMESPACE)
        taken = [name for name in (NAMES if url is None else _HARMLESS) if given[name] is None]
        self.given = {**given, **{name: stack.get(name) for name in taken}}
        for name in taken:
            given[name] = stack.get_secret(name) if name in SECRET else stack.get(name)
        props = {
            f"{NAMESPACE}:{name}": pulumi.Output.secret(value) if name in SECRET else value
            for name, value in given.items()
            if value is not None
        }
        super().__init__("pulumi-python", resource_name, props, opts)
