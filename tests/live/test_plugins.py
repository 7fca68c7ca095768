"""Published plugins on a real worker: what a preview says about the configurations of their own documentation.

The systems that these plugins are for are not there: nothing listens at the addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.findings import WAY_OUT
from pulumi_kafka_connectors.core.redaction import is_secret
from pulumi_kafka_connectors.core.values import UNKNOWN, Secret
from sandbox import plugins
from sandbox.cluster import Broker, Sandbox, Worker, start_all
from tests.support.checkers import by_mypy, by_pyright, configure_pyright
from tests.support.clusters import client_of
from tests.support.documented import DOCUMENTED
from tests.support.names import Names
from tests.support.operations import operation_on
from tests.support.pages import DOCS, table

OK, WAITS, DRIVER, WRONG = "ok", "names the way out", "names the missing driver", "names the placeholders"
OUTCOMES = {
    "debezium-postgres": (WAITS, ["database.hostname"]),
    "debezium-mysql": (WAITS, ["database.hostname"]),
    "debezium-mariadb": (WAITS, ["database.hostname"]),
    "debezium-mongodb": (WAITS, ["mongodb.connection.string"]),
    "debezium-sqlserver": (WAITS, ["database.hostname"]),
    "debezium-oracle": (WAITS, ["database.hostname"]),
    "debezium-db2": (DRIVER, ["connector.class"]),
    "debezium-informix": (DRIVER, ["connector.class"]),
    "debezium-vitess": (DRIVER, ["connector.class"]),
    "debezium-jdbc": (OK, []),
    "mongodb-source": (WAITS, ["connection.uri"]),
    "mongodb-sink": (WAITS, ["connection.uri"]),
    "snowflake": (WRONG, ["snowflake.private.key", "snowflake.private.key.passphrase"]),
    "pubsub-sink": (OK, []),
    "pubsub-source": (OK, []),
    "pubsublite-sink": (OK, []),
    "pubsublite-source": (OK, []),
    "iceberg": (OK, []),
    "mirror-source": (OK, []),
    "mirror-checkpoint": (OK, []),
    "mirror-heartbeat": (OK, []),
    "file-source": (OK, []),
    "file-sink": (OK, []),
}
"""What a preview says about a configuration, and at which keys."""
EXACT = {
    "debezium-postgres": (
        "config['database.hostname']: Error while validating connector config: Connection to 127.0.0.1:1 refused. Check that the "
        f"hostname and port are correct and that the postmaster is accepting TCP/IP connections{WAY_OUT}"
    ),
    "debezium-mysql": f"config['database.hostname']: Unable to connect: Communications link failure{WAY_OUT}",
    "debezium-mongodb": (
        "config['mongodb.connection.string']: Unable to connect: Timed out while waiting for a server that matches "
        f"ReadPreferenceServerSelector{{readPreference=primary}} (caused by Connection refused){WAY_OUT}"
    ),
    "debezium-db2": (
        "config['connector.class']: the plugin needs the class com.ibm.db2.jcc.DB2Driver, which is not installed with it: put "
        "the jar that contains it (often a driver) into the plugin's folder on every worker, and restart them"
    ),
    "mongodb-sink": f"config['connection.uri']: Unable to connect to the server{WAY_OUT}",
}
EXCEPTION = re.compile(r"\b[a-z]\w*(\.\w+)*\.[A-Z]\w*(Exception|Error)\b|^\s*at |Caused by:")


@dataclass(frozen=True)
class Seen:
    """What a check of one configuration returned."""

    keys: list[str]
    texts: list[str]
    warnings: list[str]
    config: dict[str, object]
    passwords: list[str]


def preview(worker: Worker, name: str, config: dict[str, object], **settings: Any) -> Seen:
    """Check a new connector as a preview does."""
    with operation_on(worker.url, timeout=95, retry=5, **settings) as operation:
        checked = connectors.check(operation, {}, {"name": name, "config": config})
    keys = [problem.key.removeprefix("config['").removesuffix("']") for problem in checked.problems]
    texts = [problem.text for problem in checked.problems]
    inputs = checked.inputs
    return Seen(keys, texts, operation.listener.warnings, inputs["config"], inputs.get("passwords", []))


@pytest.fixture(scope="session")
def published(box: Sandbox, broker: Broker) -> Iterator[Worker]:
    """A worker with all plugins."""
    worker = Worker(box.folder / "workers", broker, "published", plugin_path=plugins.fetch(), heap="384m")
    worker.start()
    yield worker
    worker.process.stop()


@pytest.fixture(scope="session")
def seen(published: Worker) -> dict[str, Seen]:
    """The preview of every documented configuration; several at once, since some plugins wait for their system."""
    with ThreadPoolExecutor(4) as pool:
        slowest_first = sorted(DOCUMENTED, key=lambda plugin: "sqlserver" not in plugin)
        results = pool.map(lambda plugin: preview(published, plugin, dict(DOCUMENTED[plugin])), slowest_first)
        return dict(zip(slowest_first, results, strict=True))


def test_every_installed_plugin_has_a_documented_configuration(published: Worker) -> None:
    simple = {plugin.class_: plugin.class_.rpartition(".")[2] for plugin in client_of(published).plugins()}
    used = {config["connector.class"].rpartition(".")[2].removesuffix("Connector") for config in DOCUMENTED.values()}
    assert {name for name, short in simple.items() if short.removesuffix("Connector") not in used} == set()
    assert OUTCOMES.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize("plugin", OUTCOMES)
def test_a_preview_says_about_a_documented_configuration_what_the_page_says(plugin: str, seen: dict[str, Seen]) -> None:
    outcome, keys = OUTCOMES[plugin]
    found = seen[plugin]
    assert found.keys == keys, found.texts
    if outcome == WAITS:
        assert all(text.endswith(WAY_OUT) for text in found.texts)
    if outcome == DRIVER:
        assert all("which is not installed with it" in text for text in found.texts)
    if plugin in EXACT:
        assert found.texts == [EXACT[plugin]]


@pytest.mark.parametrize("plugin", OUTCOMES)
def test_what_a_preview_says_is_readable(plugin: str, seen: dict[str, Seen]) -> None:
    for text in seen[plugin].texts:
        assert EXCEPTION.search(text) is None, text
        assert "\n" not in text
        assert len(text) < 400, text
    reasons = [text.partition("']: ")[2] for text in seen[plugin].texts]
    assert len(reasons) == len(set(reasons))


@pytest.mark.parametrize("plugin", OUTCOMES)
def test_no_documented_configuration_causes_a_warning(plugin: str, seen: dict[str, Seen]) -> None:
    assert seen[plugin].warnings == []


@pytest.mark.parametrize("plugin", OUTCOMES)
def test_passwords_of_plugins_are_secret_and_in_no_message(plugin: str, seen: dict[str, Seen]) -> None:
    found, config = seen[plugin], DOCUMENTED[plugin]
    secret = set(found.passwords) | {key for key, value in config.items() if is_secret(key, value, ())}
    for key in secret & config.keys():
        assert found.config[key] == Secret(config[key])
        assert all(config[key] not in text for text in found.texts)


def test_plugins_type_passwords_that_do_not_look_like_one(seen: dict[str, Seen]) -> None:
    assert "connection.uri" in seen["mongodb-source"].passwords
    assert {"snowflake.private.key", "snowflake.private.key.passphrase"} <= set(seen["snowflake"].passwords)
    assert "database.password" in seen["debezium-db2"].passwords


@pytest.mark.parametrize(
    ("plugin", "key", "meant"),
    [
        ("file-sink", "topcs", "topics"),
        ("file-sink", "fil", "file"),
        ("debezium-jdbc", "connection.user", "connection.username"),
        ("debezium-jdbc", "primary.key.mod", "primary.key.mode"),
        ("debezium-postgres", "slot.nam", "slot.name"),
        ("debezium-mysql", "table.inclde.list", "table.include.list"),
        ("mongodb-sink", "colection", "collection"),
        ("snowflake", "snowflake.user.nmae", "snowflake.user.name"),
        ("iceberg", "iceberg.table", "iceberg.tables"),
        ("mirror-checkpoint", "group", "groups"),
        ("pubsub-sink", "cps.projct", "cps.project"),
    ],
)
def test_a_misspelt_key_is_a_warning_that_names_the_right_one(plugin: str, key: str, meant: str, published: Worker) -> None:
    config: dict[str, object] = {key: "x", **DOCUMENTED[plugin], "tasks.max": UNKNOWN}
    config.pop(meant, None)
    expected = f"connector a: config[{key!r}] is not a key of {config['connector.class']}: did you mean {meant}?"
    assert preview(published, "a", config).warnings == [expected]


def test_a_slow_plugin_ends_with_the_setting_and_says_so(published: Worker) -> None:
    found = preview(published, "slow", dict(DOCUMENTED["debezium-sqlserver"]), validation=1)
    assert found.texts == []
    [warning] = found.warnings
    assert warning.startswith(
        "connector slow is not validated: io.debezium.connector.sqlserver.SqlServerConnector took longer than 1 s"
    )
    assert "kafka-connectors:validation" in warning
    assert found.config["database.password"] == Secret("Password!")


@pytest.fixture(scope="module")
def typed(published: Worker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one module generated from the definitions of all plugins."""
    folder = tmp_path_factory.mktemp("typed")
    classes = [config["connector.class"] for config in DOCUMENTED.values()]
    assert main(["types", "--url", published.url, *classes, "--output", str(folder / "configs.py")]) == 0
    configure_pyright(folder)
    return folder


@pytest.mark.parametrize("checked", [by_mypy, by_pyright], ids=["mypy", "pyright"])
def test_one_module_generated_from_all_plugins_has_no_error(
    typed: Path, checked: Callable[..., dict[str, set[int]]]
) -> None:
    assert (typed / "configs.py").read_text().count(" = TypedDict(") == len(DOCUMENTED)
    assert checked(typed, "configs.py") == {"configs.py": set()}


@pytest.fixture(scope="session")
def strict(box: Sandbox, broker: Broker) -> Iterator[Callable[[str], Worker]]:
    """Workers by their override policy."""
    policies = ("None", "Allowlist")
    key = "connector.client.config.override.policy"
    workers = {
        policy: Worker(box.folder / "workers", broker, f"policy-{policy.lower()}", settings={key: policy})
        for policy in policies
    }
    start_all(list(workers.values()))
    yield workers.__getitem__
    for worker in workers.values():
        worker.process.stop()


@pytest.mark.parametrize("policy", ["None", "Allowlist"])
def test_overrides_that_the_workers_refuse_are_one_problem_that_says_what_to_do(
    policy: str, strict: Callable[[str], Worker], names: Names, tmp_path: Path
) -> None:
    config: dict[str, object] = {
        "connector.class": "FileStreamSource",
        "file": str(tmp_path / "lines"),
        "topic": names("topic"),
        "producer.override.linger.ms": "5",
        "producer.override.compression.type": "zstd",
    }
    found = preview(strict(policy), names("overrides"), config)
    assert len(found.texts) == 1, found.texts
    first, second = sorted(["producer.override.linger.ms", "producer.override.compression.type"], key=found.keys[0].__ne__)
    listed = ", ".join(key.partition(".override.")[2] for key in (first, second))
    ways = {
        "None": "another policy, such as All,",
        "Allowlist": f"{listed} added to connector.client.config.override.allowlist",
    }
    assert found.texts[0] == (
        f"config['{first}']: the workers do not allow it (nor {second}), since their "
        f"connector.client.config.override.policy is {policy}: leave them out, or have {ways[policy]} in the configuration "
        "of every worker"
    )


def test_the_page_lists_every_plugin_with_its_version_and_outcome(published: Worker) -> None:
    versions = {plugin.class_: plugin.version for plugin in client_of(published).plugins()}
    versions["FileStreamSource"] = versions["org.apache.kafka.connect.file.FileStreamSourceConnector"]
    page = table((DOCS / "plugins.md").read_text(), "What a preview says")
    rows = {name.strip("`"): (version, says.partition(":")[0]) for name, version, says in page}
    assert rows == {
        config["connector.class"]: (versions[config["connector.class"]], OUTCOMES[plugin][0])
        for plugin, config in DOCUMENTED.items()
    }
