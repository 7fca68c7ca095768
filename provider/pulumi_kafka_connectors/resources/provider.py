"""An explicit provider, for programs with several Connect clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.runtime import is_config_secret

from pulumi_kafka_connectors.core.settings import NAMES, NAMESPACE, SECRET
from pulumi_kafka_connectors.resources.inputs import guarded_input, with_alias

_HARMLESS = ("proxy", "timeout", "retry", "settle", "validation")
"""Stack settings that also apply to another cluster; a login must not be sent to a cluster it was not meant for."""


class ProviderDeclaration:
    """What a program declares, whichever front end registers it.

    Attributes:
        given: its settings by name, as given or taken from the stack configuration, for lookups.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        url: pulumi.Input[str | Sequence[str]] | Sequence[pulumi.Input[str]] | None = None,
        username: pulumi.Input[str] | None = None,
        password: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        tokenurl: pulumi.Input[str] | None = None,
        clientid: pulumi.Input[str] | None = None,
        clientsecret: pulumi.Input[str] | None = None,
        scopes: pulumi.Input[str | Sequence[str]] | Sequence[pulumi.Input[str]] | None = None,
        headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        ca: pulumi.Input[str] | None = None,
        cert: pulumi.Input[str] | None = None,
        key: pulumi.Input[str] | None = None,
        insecure: pulumi.Input[bool] | None = None,
        proxy: pulumi.Input[str] | None = None,
        timeout: pulumi.Input[float | str] | None = None,
        retry: pulumi.Input[float | str] | None = None,
        kafka: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt: pulumi.Input[bool | str] | None = None,
        settle: pulumi.Input[float | str] | None = None,
        validation: pulumi.Input[float | str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a provider.

        Args:
            resource_name: Pulumi's name of this provider.
            url: one or several workers of the cluster (`http://` or `https://`; a path prefix is allowed).
            username, password: basic authentication.
            token: bearer token.
            tokenurl, clientid, clientsecret: OAuth client credentials: where bearer tokens are requested, and by whom.
            scopes: what they are requested for: a list, or text with blanks between the scopes.
            headers: additional headers for every request.
            ca: PEM text or file with the certificate authorities to trust.
            cert, key: PEM text or file, for mutual TLS.
            insecure: do not verify the workers' certificates.
            proxy: URL of a proxy.
            timeout: seconds for one request (default 95).
            retry: seconds to keep trying through rebalances, restarts and lost connections (default 120).
            kafka: Kafka client properties, for `Topic`: bootstrap.servers, security.protocol, sasl.mechanism, ...
            adopt: which existing resources a create may take over: False none, "same" only those that match the
                declaration, True any (default False).
            settle: seconds that tasks must run without failure before they count as healthy.
            validation: seconds that a plugin may take to validate a configuration (default 60).
            opts: Pulumi's resource options.
        """
        given: dict[str, Any] = {
            "url": url,
            "username": username,
            "password": password,
            "token": token,
            "tokenurl": tokenurl,
            "clientid": clientid,
            "clientsecret": clientsecret,
            "scopes": scopes,
            "headers": headers,
            "ca": ca,
            "cert": cert,
            "key": key,
            "insecure": insecure,
            "proxy": proxy,
            "timeout": timeout,
            "retry": retry,
            "kafka": kafka,
            "adopt": adopt,
            "settle": settle,
            "validation": validation,
        }
        stack = pulumi.Config(NAMESPACE)
        taken = [name for name in (NAMES if url is None else _HARMLESS) if given[name] is None]
        self.given = {**given, **{name: stack.get(name) for name in taken}}
        for name in taken:
            secret = name in SECRET or is_config_secret(f"{NAMESPACE}:{name}")
            given[name] = stack.get_secret(name) if secret else stack.get(name)
        props = {
            name: pulumi.Output.secret(value) if name in SECRET else guarded_input(value)
            for name, value in given.items()
            if value is not None
        }
        self._register(resource_name, props, opts)

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        """Hand the declaration to the engine."""
        raise NotImplementedError


class Provider(ProviderDeclaration, pulumi.ProviderResource):
    """The connection to one Kafka Connect cluster; pass it as `opts=ResourceOptions(provider=...)`.

    Settings that are not given come from the stack configuration `kafka-connectors:...` (only `proxy`, `timeout`, `retry`,
    `settle` and `validation` if `url` is given), then from the environment.
    """

    def _register(self, resource_name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        named = {f"{NAMESPACE}:{name}": value for name, value in props.items()}
        opts = with_alias(f"pulumi:providers:{NAMESPACE}", opts)
        pulumi.ProviderResource.__init__(self, "pulumi-python", resource_name, named, opts)
