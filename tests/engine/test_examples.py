"""Every example, run by the real engine with the commands of its README."""

from __future__ import annotations

import re
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
from tests.support import pages
from tests.support.clusters import client_of
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.waiting import wait_until
from tests.support.walkthrough import fill_in, follow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PASSWORD = "pl4nted"
Example = Callable[..., Project]


@pytest.fixture
def example(box: Sandbox, tmp_path: Path) -> Example:
    """Runs the commands of the README of an example; the keywords are the reader's values for its configuration."""

    def make(name: str, worker: Worker, **config: str) -> Project:
        project = Project(tmp_path / name, box.folder / "examples" / tmp_path.name, None, EXAMPLES / name)
        script = "".join(block for block in commands(name) if not block.startswith("pip install"))
        follow(fill_in(script, worker.url, config), project.folder, project.environment)
        project.run("preview", "--expect-no-changes")
        return project

    return make


def commands(name: str) -> list[str]:
    """The blocks of commands in the README of an example."""
    return pages.blocks((EXAMPLES / name / "README.md").read_text(), "sh")


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
    project = example("postgres_cdc", single, host="127.0.0.1", port=str(postgres.port), password=PASSWORD)
    assert PASSWORD not in str(project.state())

    def copied() -> list[tuple[int, str]]:
        if not database.execute("SELECT to_regclass('orders_copy')").fetchone()[0]:  # type: ignore[index]
            return []
        return database.execute("SELECT id, item FROM orders_copy ORDER BY id").fetchall()

    wait_until(lambda: copied() == [(1, "tea"), (2, "rice")], "no copy of the initial rows", seconds=60)
    database.execute("UPDATE orders SET item = 'green tea' WHERE id = 1")
    database.execute("DELETE FROM orders WHERE id = 2")
    wait_until(lambda: copied() == [(1, "green tea")], "no copy of the update and the delete", seconds=60)
    project.run("config", "set", "--secret", "password", "wrong-pl4nted")
    assert "password" in " ".join(project.up(check=False).errors)
    project.destroy()


def test_mirror(example: Example, single: Worker, broker: Broker, box: Sandbox, names: Names) -> None:
    west, topic = Broker(box.folder / "west"), names("mirrored")
    west.start()
    producer = Producer({"bootstrap.servers": west.address})
    producer.produce(topic, value=b"over the mountains", key=b"k")
    assert producer.flush(30) == 0
    project = example("mirror", single, west=west.address, east=broker.address, topics=topic, replicas="1")
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
    assert project.outputs() == {
        "eu": "running",
        "us": "running",
        "eu-version": versions.KAFKA_VERSION,
        "us-version": versions.newest(3),
    }
    assert [client_of(worker).config("lines")["topic"] for worker in (single, kafka_3)] == ["lines-eu", "lines-us"]
    project.destroy()


def test_topics_and_connectors(example: Example, single: Worker, broker: Broker, tmp_path: Path) -> None:
    source, arrived = tmp_path / "input.txt", tmp_path / "output.txt"
    source.write_text("through a topic of its own\n")
    brokers = {'kafka-connectors:kafka["bootstrap.servers"]': broker.address}
    project = example("topics_and_connectors", single, folder=str(tmp_path), replicas="1", partitions="2", **brokers)
    wait_until(lambda: arrived.exists() and arrived.read_text() == source.read_text(), "no line", seconds=60)
    assert len(client_of(single).tasks("lines-sink")) == 2
    project.run("config", "set", "partitions", "3")
    up(project)
    assert len(client_of(single).tasks("lines-sink")) == 3
    topics = TopicAdmin({"bootstrap.servers": broker.address})
    assert topics.find("lines") is not None
    project.destroy()
    assert topics.find("lines") is None


def test_files(example: Example, single: Worker, broker: Broker, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    source, arrived = folder / "input.txt", folder / "output.txt"
    source.write_text("declared in a file\n")
    project = example("files", single, folder=str(folder), brokers=broker.address, replicas="1")
    states = {"local-file-source": "running", "local-file-sink": "running", "heartbeat": "paused"}
    assert project.outputs()["states"] == states
    wait_until(lambda: arrived.exists() and arrived.read_text() == source.read_text(), "no line", seconds=60)
    assert client_of(single).config("heartbeat")["heartbeats.topic.replication.factor"] == "1"
    assert f"{folder}/input.txt" not in str(project.state())
    (project.folder / "connectors" / "file-sink.properties").unlink()
    up(project)
    assert "local-file-sink" not in client_of(single).connectors()
    project.run("config", "rm", "folder")
    assert "needs `pulumi config set --secret folder`" in project.run("preview", check=False).output
    project.run("config", "set", "--secret", "folder", str(folder))
    project.destroy()


def test_secrets(example: Example, single: Worker, postgres: Postgres, tmp_path: Path) -> None:
    (tmp_path / "db.properties").write_text(f"password={PASSWORD}\n")
    url = f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres"
    project = example("secrets", single, url=url, file=str(tmp_path / "db.properties"), password=PASSWORD)
    assert project.outputs()["states"] == ["running", "running"]
    assert PASSWORD not in str(project.state())
    assert "db.properties:password}" in str(project.state())
    project.destroy()


def test_operations(example: Example, single: Worker, tmp_path: Path) -> None:
    source, arrived = tmp_path / "input.txt", tmp_path / "output.txt"
    source.write_text("one\ntwo\n")
    project = example("operations", single, folder=str(tmp_path))
    rows = pages.rows((project.folder / "README.md").read_text())
    tasks = {task: re.findall(r"`(.*?)`", text) for task, text in rows[1:]}
    wait_until(lambda: arrived.exists() and arrived.read_text() == "one\ntwo\n", "no lines", seconds=60)

    def run(task: str) -> str:
        return "".join(follow(command, project.folder, project.environment) for command in tasks.pop(task))

    run("pause")
    assert project.outputs()["source"] == "paused"
    run("resume")
    assert project.outputs()["source"] == "running"
    assert "1 updated" in run("restart")
    run("reread the file from the start")
    wait_until(lambda: arrived.read_text() == "one\ntwo\none\ntwo\n", "no lines after the rewind", seconds=60)
    assert not tasks
    project.destroy()


def test_plugin_versions(example: Example, single: Worker, tmp_path: Path) -> None:
    (tmp_path / "input.txt").touch()
    project = example("plugin_versions", single, folder=str(tmp_path))
    outputs = project.outputs()
    assert outputs["wanted"] == f"[{outputs['running']}]"
    assert outputs["running"] in outputs["installed"]
    project.run("config", "set", "version", "[9.0,)")
    errors = project.run("preview", check=False).errors
    assert any("config['connector.plugin.version']" in error and outputs["running"] in error for error in errors), errors
    project.destroy()


def test_typed(example: Example, single: Worker, tmp_path: Path) -> None:
    source, arrived = tmp_path / "input.txt", tmp_path / "output.txt"
    source.write_text("checked before it ran\n")
    project = example("typed", single, folder=str(tmp_path))
    wait_until(lambda: arrived.exists() and arrived.read_text() == source.read_text(), "no line", seconds=60)
    assert project.outputs()["states"] == ["running", "running"]
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
    elsewhere = "".join(Path(__file__).with_name(f"test_{name}.py").read_text() for name in ("first_minutes", "recipes"))
    for folder in [path for path in EXAMPLES.iterdir() if path.is_dir()]:
        assert (folder / "README.md").exists(), folder
        assert f"({folder.name})" in listed, folder
        tested = f"test_{folder.name}" in Path(__file__).read_text() or f'"{folder.name}"' in elsewhere
        assert tested, folder
