"""Workers that require TLS, client certificates or a password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_kafka_connectors.connect import Client, ConnectError, Retry, Settings
from sandbox.cluster import Broker, Worker
from tests.support.certificates import PASSWORD, Authority

USER, SECRET = "deployer", "pl4nted:secret"


@dataclass
class SecuredWorker:
    """A worker, and the settings with which a client can connect to it."""

    worker: Worker
    authority: Authority
    credentials: dict[str, Any] = field(default_factory=dict)

    def settings(self, **changes: Any) -> Settings:
        merged = {"retry": Retry(seconds=3), **self.credentials, **changes}
        return Settings(urls=(self.worker.url,), **{key: value for key, value in merged.items() if value is not None})

    def client(self, **changes: Any) -> Client:
        return Client(self.settings(**changes))


def start_secured(
    folder: Path, broker: Broker, plugins: Path, name: str, *, tls: str = "", password: bool = False
) -> SecuredWorker:
    """Start a worker; `tls` is its `ssl.client.auth` (none, requested or required), or empty for plain HTTP."""
    authority = Authority(folder / name / "tls")
    settings: dict[str, str] = {}
    options: list[str] = []
    credentials: dict[str, Any] = {}
    if tls:
        server = authority.keystore("server", "127.0.0.1", "localhost")
        settings |= {
            "listeners": "https://127.0.0.1:${rest}",
            "rest.advertised.listener": "https",
            "listeners.https.ssl.keystore.type": "PKCS12",
            "listeners.https.ssl.keystore.location": str(server),
            "listeners.https.ssl.keystore.password": PASSWORD,
            "listeners.https.ssl.key.password": PASSWORD,
            "listeners.https.ssl.truststore.type": "PKCS12",
            "listeners.https.ssl.truststore.location": str(authority.truststore),
            "listeners.https.ssl.truststore.password": PASSWORD,
            "listeners.https.ssl.client.auth": tls,
        }
        user = authority.issue("client", "client.internal")
        credentials |= {"ca": authority.ca, "cert": user.cert, "key": user.key}
    if password:
        set_password(folder / name, SECRET)
        jaas = folder / name / "jaas.conf"
        module = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"
        jaas.write_text(f'KafkaConnect {{ {module} required file="{folder / name / "users"}"; }};\n')
        options.append(f"-Djava.security.auth.login.config={jaas}")
        extension = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"
        settings["rest.extension.classes"] = extension
        credentials |= {"username": USER, "password": SECRET}
    worker = Worker(
        folder / "workers", broker, name, 1, plugin_path=[plugins], settings=settings, options=options,
        scheme="https" if tls else "http",
    )  # fmt: skip
    secured = SecuredWorker(worker, authority, credentials)
    worker.is_ready = _ready(secured)
    worker.start()
    return secured


def set_password(folder: Path, password: str) -> None:
    """Write the password file, which a worker reads when it starts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "users").write_text(f"{USER}={password}\n")


def _ready(secured: SecuredWorker) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            secured.client(retry=Retry(seconds=0)).create("probe", {"connector.class": "none"})
        except ConnectError as error:
            return "none" in str(error) and "400" in str(error)
        return False

    return ready
