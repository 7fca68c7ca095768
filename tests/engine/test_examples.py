"""Every example, run by the real engine as described in its README."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pulumi
import pytest
from confluent_kafka import Consumer, Producer

from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox import versions
from sandbox.cluster import Broker, Sandbox, Worker
from sandbox.postgres import Postgres
from tests.support.clusters import client_of
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.waiting import wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PASSWORD = "pl4nted"
Example = Callable[..., Project]


@pytest.fixture
def example(box: Sandbox, tmp_path: Path) -> Example:
    """Creates a stack of an example; the keywords are its configuration."""

    def make(name: str, worker: Worker, **config: str) -> Project:
        project = Project(tmp_path / name, box.folder / "examples" / tmp_path.name, worker.url, EXAMPLES / name)
        if config:
            project.run(
                "config", "set-all", *(part for key, value in config.items() for part in ("--plaintext", f"{key}={value}"))
            )
        return project

    return make


def up(project: Project) -> None:
    project.run("up", "--yes", "--skip-preview")
    project.run("preview", "--expect-no-changes")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"), PASSWORD)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[psycopg.Connection]:
    address = f"host=127.0.0.1 port={postgres.port} user=postgres password={PASSWORD} dbname=postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def test_postgres_cdc(example: Example, single: Worker, postgres: Postgres, database: psycopg.Connection) -> None:
    database.execute("CREATE TABLE orders (id int PRIMARY KEY, item text)")
    database.execute("INSERT INTO orders VALUES (1, 'tea'), (2, 'rice')")
    project = example("postgres_cdc", single, host="127.0.0.1", port=str(postgres.port))
    project.run("config", "set", "--secret", "password", "wrong-pl4nted")
    assert "password" in " ".join(project.up(check=False).errors)
    project.run("config", "set", "--secret", "password", PASSWORD)
    up(project)
    assert PASSWORD not in str(project.state())

    def copied() -> list[tuple[int, str]]:
        if not database.execute("SELECT to_regclass('orders_copy')").fetchone()[0]:  # type: ignore[index]
            return []
        return database.execute("SELECT id, item FROM orders_copy ORDER BY id").fetchall()

    wait_until(lambda: copied() == [(1, "tea"), (2, "rice")], "no copy of the initial rows", seconds=60)
    database.execute("UPDATE orders SET item = 'green tea' WHERE id = 1")
    database.execute("DELETE FROM orders WHERE id = 2")
    wait_until(lambda: copied() == [(1, "green tea")], "no copy of the update and the delete", seconds=60)
    project.destroy()


def test_mirror(example: Example, single: Worker, broker: Broker, box: Sandbox, names: Names) -> None:
    west, topic = Broker(box.folder / "west"), names("mirrored")
    west.start()
    producer = Producer({"bootstrap.servers": west.address})
    producer.produce(topic, value=b"over the mountains", key=b"k")
    assert producer.flush(30) == 0
    project = example("mirror", single, west=west.address, east=broker.address, topics=topic, replicas="1")
    up(project)
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": topic, "auto.offset.reset": "earliest"})
    found: list[bytes | None] = []

    def arrived() -> bool:
        consumer.subscribe([f"west.{topic}"])
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            found.append(message.value())
        return bool(found)

    wait_until(arrived, "no record in the other cluster", seconds=60)
    consumer.close()
    assert found == [b"over the mountains"]
    assert project.outputs()["states"] == dict.fromkeys(["MirrorSource", "MirrorCheckpoint", "MirrorHeartbeat"], "running")
    project.destroy()
    west.process.stop()


def test_clusters(example: Example, single: Worker, kafka_3: Worker, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").touch()
    project = example("clusters", single, eu=single.url, us=kafka_3.url, file=str(tmp_path / "lines.txt"))
    up(project)
    assert project.outputs() == {"eu": "running", "us": "running", "eu-version": versions.KAFKA_VERSION, "us-version": versions.newest(3)}
    assert [client_of(worker).config("lines")["topic"] for worker in (single, kafka_3)] == ["lines-eu", "lines-us"]
    project.destroy()


def test_topics_and_connectors(example: Example, single: Worker, broker: Broker, tmp_path: Path) -> None:
    source, arrived = tmp_path / "input.txt", tmp_path / "output.txt"
    source.write_text("through a topic of its own\n")
    project = example("topics_and_connectors", single, folder=str(tmp_path), replicas="1", partitions="2")
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    up(project)
    wait_until(lambda: arrived.exists() and arrived.read_text() == source.read_text(), "no line", seconds=60)
    assert len(client_of(single).tasks("lines-sink")) == 2
    project.run("config", "set", "partitions", "3")
    up(project)
    assert len(client_of(single).tasks("lines-sink")) == 3
    topics = TopicAdmin({"bootstrap.servers": broker.address})
    assert topics.find("lines") is not None
    project.destroy()
    assert topics.find("lines") is None


def test_secrets(example: Example, single: Worker, postgres: Postgres, tmp_path: Path) -> None:
    (tmp_path / "db.properties").write_text(f"password={PASSWORD}\n")
    url = f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres"
    project = example("secrets", single, url=url, file=str(tmp_path / "db.properties"))
    project.run("config", "set", "--secret", "password", PASSWORD)
    up(project)
    assert project.outputs()["states"] == ["running", "running"]
    assert PASSWORD not in str(project.state())
    assert "db.properties:password}" in str(project.state())
    project.destroy()


def test_operations(example: Example, single: Worker, tmp_path: Path) -> None:
    source, arrived = tmp_path / "input.txt", tmp_path / "output.txt"
    source.write_text("one\ntwo\n")
    project = example("operations", single, folder=str(tmp_path))
    up(project)
    wait_until(lambda: arrived.exists() and arrived.read_text() == "one\ntwo\n", "no lines", seconds=60)
    project.run("config", "set", "state", "paused")
    up(project)
    assert project.outputs()["source"] == "paused"
    project.run(
        "config", "set-all", "--plaintext", "state=running", "--plaintext", "rewound=true", "--plaintext", "restarted=now"
    )
    up(project)
    wait_until(lambda: arrived.read_text() == "one\ntwo\none\ntwo\n", "no lines after the rewind", seconds=60)
    project.destroy()


def test_plugin_versions(example: Example, single: Worker, tmp_path: Path) -> None:
    (tmp_path / "input.txt").touch()
    project = example("plugin_versions", single, folder=str(tmp_path))
    up(project)
    outputs = project.outputs()
    assert outputs["wanted"] == f"[{outputs['running']}]"
    assert outputs["running"] in outputs["installed"]
    project.run("config", "set", "version", "[9.0,)")
    errors = project.run("preview", check=False).errors
    assert any("config['connector.plugin.version']" in error and outputs["running"] in error for error in errors), errors
    project.destroy()


class _Mocks(pulumi.runtime.Mocks):
    """Records the registered resources; their outputs are their inputs."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, object]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[object, object]]:
        self.resources[args.name] = dict(args.inputs)
        return args.name, {**args.inputs, "name": args.name}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[object, object], list[tuple[str, str]] | None]:
        return {}, None


def test_pulumi_kafka() -> None:
    mocks = _Mocks()
    pulumi.runtime.set_mocks(mocks, project="example")
    pulumi.runtime.set_all_config({"example:brokers": "a:9092,b:9092"})
    code = compile((EXAMPLES / "pulumi_kafka" / "__main__.py").read_text(), "example", "exec")
    run: Callable[[], None] = pulumi.runtime.test(lambda: exec(code, {}))  # type: ignore[no-untyped-call]
    run()
    config = mocks.resources["orders-sink"]["config"]
    assert isinstance(config, dict)
    assert (config["topics"], config["tasks.max"]) == ("orders", "3")
    pulumi.runtime.set_all_config({})


def test_every_example_has_a_readme_and_is_listed() -> None:
    listed = (EXAMPLES / "README.md").read_text()
    languages = Path(__file__).with_name("test_languages.py").read_text()
    for folder in [path for path in EXAMPLES.iterdir() if path.is_dir()]:
        assert (folder / "README.md").exists(), folder
        assert f"({folder.name})" in listed, folder
        tested = f"test_{folder.name}" in Path(__file__).read_text() or f'"{folder.name}"' in languages
        assert tested or folder.name == "quickstart", folder
