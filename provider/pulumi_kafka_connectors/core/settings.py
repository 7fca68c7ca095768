"""Where the workers are: provider arguments, stack configuration and environment become `connect.Settings`."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from pulumi_kafka_connectors.connect import OAuth, Retry, Settings
from pulumi_kafka_connectors.connect.oauth import basic_credentials
from pulumi_kafka_connectors.connect.tls import ssl_context
from pulumi_kafka_connectors.core.spec import Adopt
from pulumi_kafka_connectors.core.values import seconds_of, wire_text

NAMESPACE: Final = "kafka-connectors"
PREVIEW_SECONDS: Final = 3.0
"""Seconds to look for a worker before a preview goes on without it."""
VALIDATION_SECONDS: Final = 60.0
"""Seconds that a plugin may take to validate a configuration before a preview goes on without its answer."""


@dataclass(frozen=True)
class Setting:
    """One setting of a provider.

    Attributes:
        name: one lower-case word: the key of the stack configuration, and the argument of a provider.
        type: as the documentation spells it.
        meaning: one or two sentences; Markdown.
        secret: whether its value is never shown.
        variable: of the environment, from which it comes if it is not given.
    """

    name: str
    type: str
    meaning: str
    secret: bool = False
    variable: str = ""


SETTINGS: Final = (
    Setting(
        "url",
        "text or list",
        "One or several workers of one cluster.",
        variable="KAFKA_CONNECT_URL",
    ),
    Setting("username", "text", "Basic authentication.", variable="KAFKA_CONNECT_USERNAME"),
    Setting("password", "text", "Its password.", secret=True, variable="KAFKA_CONNECT_PASSWORD"),
    Setting("token", "text", "Bearer token, instead of `username`.", secret=True, variable="KAFKA_CONNECT_TOKEN"),
    Setting(
        "tokenurl",
        "text",
        "OAuth client credentials, instead of `username` and `token`: where bearer tokens are requested.",
        variable="KAFKA_CONNECT_TOKEN_URL",
    ),
    Setting("clientid", "text", "The client at `tokenurl`.", variable="KAFKA_CONNECT_CLIENT_ID"),
    Setting("clientsecret", "text", "Its secret.", secret=True, variable="KAFKA_CONNECT_CLIENT_SECRET"),
    Setting(
        "scopes",
        "text or list",
        "Scopes to request tokens for: a list, or separated by blanks.",
        variable="KAFKA_CONNECT_SCOPES",
    ),
    Setting("headers", "map", "Additional headers for every request.", secret=True),
    Setting("ca", "text", "Certificate authorities to trust: PEM text or a file."),
    Setting("cert", "text", "Client certificate for mutual TLS: PEM text or a file, with its chain."),
    Setting("key", "text", "Its unencrypted private key: PEM text or a file.", secret=True),
    Setting("insecure", "boolean", "Do not verify the workers' certificates."),
    Setting("proxy", "text", "URL of an HTTP proxy."),
    Setting("timeout", "number or text", "Seconds (or text such as `2m`) to wait for a response; 95 by default."),
    Setting(
        "retry",
        "number or text",
        "Seconds to keep trying through rebalances and restarts; 120 by default.",
    ),
    Setting("kafka", "map", "Only for topics: properties of a Kafka client, such as `bootstrap.servers`.", secret=True),
    Setting(
        "adopt",
        "boolean or text",
        "What creates may take over: false, `same`, true.",
        variable="KAFKA_CONNECT_ADOPT",
    ),
    Setting("settle", "number or text", "Seconds without a failure before running tasks count as healthy."),
    Setting("validation", "number or text", "Seconds that a plugin may take to validate a configuration; 60 by default."),
)
NAMES: Final = tuple(setting.name for setting in SETTINGS)
SECRET: Final = tuple(setting.name for setting in SETTINGS if setting.secret)
ENVIRONMENT: Final = {setting.name: setting.variable for setting in SETTINGS if setting.variable}
_CLIENT: Final = ("tokenurl", "clientid", "clientsecret", "scopes")
_LOGIN: Final = ("url", "username", "password", "token", *_CLIENT)
KAFKA_ENVIRONMENT: Final = {
    "bootstrap.servers": "KAFKA_BOOTSTRAP_SERVERS",
    "sasl.username": "KAFKA_SASL_USERNAME",
    "sasl.password": "KAFKA_SASL_PASSWORD",
}
"""Where properties of a Kafka client that are left out of the setting `kafka` come from."""
_SCOPE: Final = re.compile(r"[!#-\[\]-~]+")
"""What RFC 6749, section 3.3 allows."""
_OPEN: Final = ("bootstrap.servers", "security.protocol", "sasl.mechanism", "sasl.mechanisms", "sasl.username", "client.id")
"""Properties of a Kafka client that messages may show."""


class SettingsError(Exception):
    """A setting is missing or cannot be used; the sentence names it."""


class Access:
    """How a front-end was told to reach a cluster; what is wrong with that, the operations tell.

    Args:
        given: values by name of the setting, of the stack or of an explicit provider.
        environment: what completes them.
    """

    def __init__(self, given: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> None:
        self._given = dict(given)
        self._environment = environment
        self._settings: Settings | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Access:
        """From `kafka-connectors:...` keys, as the engine hands them to a provider."""
        return cls({name: config.get(f"{NAMESPACE}:{name}") for name in NAMES})

    def settings(self) -> Settings:
        """Where the workers are.

        Raises:
            SettingsError: naming the setting.
        """
        if self._settings is None:
            self._settings = parse_settings({**self._given, **_from_environment(self._given, self._environment)})
        return self._settings

    def kafka(self) -> dict[str, str]:
        """Properties of a Kafka client, for topics.

        Raises:
            SettingsError: naming the property.
        """
        return kafka_properties(self._given.get("kafka"), self._environment)

    def adopt(self) -> Adopt:
        """What a create may take over where its resource leaves that open; the environment, meant for one run, decides
        before the setting.

        Raises:
            SettingsError: neither `false`, `same` nor `true`.
        """
        variable = self._environment.get(ENVIRONMENT["adopt"])
        value = variable or _structured(self._given.get("adopt")) or False
        try:
            return Adopt.of({"true": True, "false": False}.get(str(value).lower(), value))
        except ValueError as reason:
            name = ENVIRONMENT["adopt"] if variable else f"setting {NAMESPACE}:adopt"
            raise SettingsError(f"{name} {reason}") from None

    def settle(self) -> float | None:
        """Seconds without a failure before running tasks count as healthy, where a resource leaves that open.

        Raises:
            SettingsError: it is no duration.
        """
        return None if self._given.get("settle") in (None, "") else _seconds(self._given, "settle", 0.0, zero=True)

    def validation(self) -> float:
        """Seconds that a plugin may take to validate a configuration.

        Raises:
            SettingsError: it is no duration.
        """
        return (
            VALIDATION_SECONDS if self._given.get("validation") in (None, "") else _seconds(self._given, "validation", 0.0)
        )

    @property
    def has_client(self) -> bool:
        """Whether the login is an OAuth client."""
        return bool({**self._given, **_from_environment(self._given, self._environment)}.get("tokenurl"))

    def require(self) -> None:
        """Read every setting, also those that are not needed yet.

        Raises:
            SettingsError: one of them is missing or cannot be used.
        """
        self.settings()
        self.adopt()
        self.settle()
        self.validation()

    def require_valid(self) -> None:
        """Read every setting that is given; those that are missing are the concern of whoever needs them.

        Raises:
            SettingsError: one of them cannot be used.
        """
        if self._given.get("url") or self._environment.get(ENVIRONMENT["url"]):
            self.settings()
        if self._given.get("kafka"):
            self.kafka()
        self.adopt()
        self.settle()
        self.validation()

    def secrets(self) -> Iterator[str]:
        """Every text of the settings that no message may show, of settings that cannot be used too."""
        variables = [ENVIRONMENT[name] for name in ("password", "token", "clientsecret")]
        variables.append(KAFKA_ENVIRONMENT["sasl.password"])
        given = [self._given.get(name) for name in SECRET] + [self._environment.get(name) for name in variables]
        for value in map(_structured, given):
            yield from _secret_texts(value)
        login = {**self._given, **_from_environment(self._given, self._environment)}
        username, password = login.get("username"), login.get("password")
        if isinstance(username, str) and isinstance(password, str):
            yield base64.b64encode(f"{username}:{password}".encode()).decode()
        client, secret = login.get("clientid"), login.get("clientsecret")
        if isinstance(client, str) and isinstance(secret, str):
            yield basic_credentials(client, secret)
        proxy = self._given.get("proxy")
        if isinstance(proxy, str) and (password := _password_of(proxy)):
            yield password


def _secret_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, text in value.items():
            if isinstance(text, str) and key not in _OPEN:
                yield text
                # A header such as `Authorization: Bearer ...` may be quoted without its first word.
                yield text.rpartition(" ")[2]


def _password_of(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return url


def _from_environment(values: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment adds: a login only as a whole, the password to a user name, or the rest of an OAuth client."""
    missing = {name for name in _LOGIN if values.get(name) in (None, "")}
    if "token" not in missing or ("username" not in missing and "password" not in missing):
        missing &= {"url"}
    elif "username" not in missing:
        missing &= {"url", "password"}
    elif not missing.issuperset(_CLIENT):
        missing &= {"url", *_CLIENT}
    return {name: environment[ENVIRONMENT[name]] for name in missing if environment.get(ENVIRONMENT[name])}


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from plain values, as the engine gives them (numbers as floats, structured values also as JSON text).

    Raises:
        SettingsError: naming the setting, never showing its value.
    """
    given = {name: value for name, value in values.items() if value not in (None, "")}
    logins = [name for name in ("token", "username", "tokenurl") if name in given]
    if len(logins) > 1:
        named = " and ".join(f"{NAMESPACE}:{name}" for name in logins)
        raise SettingsError(f"settings {named} exclude each other: set one of them")
    if "password" in given and "username" not in given:
        raise SettingsError(f"setting {NAMESPACE}:password is set without {NAMESPACE}:username")
    settings = Settings(
        urls=_urls(given.get("url")),
        username=_text(given, "username"),
        password=_text(given, "password"),
        token=_text(given, "token"),
        oauth=_oauth(given),
        headers=_headers(given.get("headers")),
        ca=_text(given, "ca"),
        cert=_text(given, "cert"),
        key=_text(given, "key"),
        insecure=_flag(given, "insecure"),
        proxy=_proxy(given),
        timeout=_seconds(given, "timeout", Settings.timeout),
        retry=Retry(seconds=_seconds(given, "retry", Retry.seconds, zero=True)),
    )
    if settings.ca or settings.cert or settings.key:
        try:
            ssl_context(settings.ca, settings.cert, settings.key)
        except ValueError as reason:
            raise SettingsError(f"setting {NAMESPACE}:{reason}") from None
    return settings


def _oauth(given: Mapping[str, Any]) -> OAuth | None:
    """The OAuth client, if there is one; half of one is refused."""
    set_, needed = [name for name in _CLIENT if name in given], _CLIENT[:3]
    if not set_:
        return None
    missing = [name for name in needed if name not in given]
    if missing:
        others = " and ".join(f"{NAMESPACE}:{name}" for name in missing)
        raise SettingsError(f"setting {NAMESPACE}:{set_[0]} is set without {others}")
    url, client, secret = (_text(given, name) or "" for name in needed)
    if not _is_address(url) or urlsplit(url).fragment:
        raise SettingsError(
            f"setting {NAMESPACE}:tokenurl is not an http or https address such as https://login/oauth/token"
        )
    if urlsplit(url).username is not None:
        raise SettingsError(
            f"setting {NAMESPACE}:tokenurl holds a login: use {NAMESPACE}:clientid and {NAMESPACE}:clientsecret"
        )
    return OAuth(url, client, secret, _scopes(given.get("scopes")))


def _scopes(value: Any) -> tuple[str, ...]:
    value = _structured(value or ())
    scopes = value.split() if isinstance(value, str) else value
    if isinstance(scopes, list | tuple) and all(isinstance(scope, str) and _SCOPE.fullmatch(scope) for scope in scopes):
        return tuple(scopes)
    raise SettingsError(f"setting {NAMESPACE}:scopes must be a list of scopes, or text with blanks between them")


def kafka_properties(value: Any, environment: Mapping[str, str]) -> dict[str, str]:
    """Properties of a Kafka client from the setting `kafka`, completed from the environment.

    Raises:
        SettingsError: naming the property, never showing its value.
    """
    given = _structured(value or {})
    if not isinstance(given, Mapping):
        raise SettingsError(f"setting {NAMESPACE}:kafka must be a map of Kafka client properties such as bootstrap.servers")
    properties = {key: wire_text(value) for key, value in given.items()}
    wrong = [key for key, value in properties.items() if not isinstance(value, str)]
    if wrong:
        raise SettingsError(f"setting {NAMESPACE}:kafka: {wrong[0]} must be text")
    for key, variable in KAFKA_ENVIRONMENT.items():
        if key not in properties and environment.get(variable):
            properties[key] = environment[variable]
    if not properties.get("bootstrap.servers"):
        raise SettingsError(
            f"no broker is known: put bootstrap.servers into the setting {NAMESPACE}:kafka, or set "
            f"{KAFKA_ENVIRONMENT['bootstrap.servers']}"
        )
    return properties


def _structured(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith(("[", "{", '"')):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _urls(value: Any) -> tuple[str, ...]:
    value = _structured(value)
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    urls = tuple(part.strip().rstrip("/") for part in parts if isinstance(part, str) and part.strip())
    if not urls:
        raise SettingsError(
            f"no worker is known: run `pulumi config set {NAMESPACE}:url http://HOST:8083`, set {ENVIRONMENT['url']}, or "
            "give the connector a kafka-connectors Provider"
        )
    for number, url in enumerate(urls, 1):
        which = f"address {number} of setting {NAMESPACE}:url" if len(urls) > 1 else f"setting {NAMESPACE}:url"
        if not _is_address(url):
            raise SettingsError(f"{which} is not an http or https address such as http://connect-1:8083")
        parts_of = urlsplit(url)
        if parts_of.username is not None:
            raise SettingsError(f"{which} holds a login: use {NAMESPACE}:username and {NAMESPACE}:password")
        if parts_of.query or parts_of.fragment:
            raise SettingsError(f"{which} has a query or fragment: give scheme, host, port and path only")
    return urls


def _is_address(url: str) -> bool:
    """Whether this is a URL with a host that can be looked up."""
    try:
        parts = urlsplit(url)
        (parts.hostname or "").encode("idna")  # no empty label, none of more than 63 characters
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not any(sign.isspace() or ord(sign) < 32 for sign in url)


def _fits_header(text: str) -> bool:
    """Whether HTTP can carry the text in a header."""
    return all(ord(sign) < 256 and (ord(sign) >= 32 or sign == "\t") and ord(sign) != 127 for sign in text)


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        # A password of digits is a number in structured configuration.
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        raise SettingsError(f"setting {NAMESPACE}:{name} must be text")
    if name in ("username", "token", "clientid") and any(ord(sign) < 32 for sign in value):
        raise SettingsError(f"setting {NAMESPACE}:{name} holds a line break or another control character")
    if name == "token" and not _fits_header(value):
        raise SettingsError(f"setting {NAMESPACE}:{name} holds a character that no HTTP header can carry")
    return value


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    value = _structured(value)
    if value is None:
        return ()
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise SettingsError(f"setting {NAMESPACE}:headers must be a map of header names to text")
    for name, text in value.items():
        if not name or not name.isascii() or any(sign in name for sign in " :\r\n\t") or not _fits_header(name + text):
            raise SettingsError(f"setting {NAMESPACE}:headers holds a name or text that HTTP does not allow")
    return tuple(sorted(value.items()))


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise SettingsError(f"setting {NAMESPACE}:{name} must be true or false")
    return value


def _proxy(given: Mapping[str, Any]) -> str | None:
    proxy = _text(given, "proxy")
    if proxy is not None and not _is_address(proxy):
        raise SettingsError(f"setting {NAMESPACE}:proxy is not an http or https address")
    return proxy


def _seconds(given: Mapping[str, Any], name: str, default: float, *, zero: bool = False) -> float:
    value = _structured(given.get(name, default))
    try:
        return seconds_of(value, zero=zero)
    except ValueError as reason:
        raise SettingsError(f"setting {NAMESPACE}:{name}: {reason}") from None
