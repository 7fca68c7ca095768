"""The plugin as one download: the archive of `make dist`, alone and with the engine, where there is no Python."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import ssl
import statistics
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
import trustme

from bundle import archive, licenses
from bundle.errors import BundleError
from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.kafka.admin import TopicAdmin
from sandbox import engine, languages, tools
from sandbox.cluster import Broker, Sandbox
from tests.support.engine import Project
from tests.support.names import Names
from tests.support.worker import FakeWorker, fake_worker

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 40
START_SECONDS = 0.3
"""The maximum until the port is printed, by median: the engine waits for it."""


def sources() -> Iterator[Path]:
    for name in ("bundle", *archive.SOURCES):
        yield from [ROOT / name] if (ROOT / name).is_file() else sorted((ROOT / name).rglob("*"))


@pytest.fixture(scope="module")
def built() -> Path:
    """The archive; it takes a minute, so it is kept until one of its sources changes."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sources():
        if path.is_file() and path.suffix in ("", ".py", ".json", ".toml", ".typed") and "egg-info" not in str(path):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    folder = ROOT / ".sandbox" / f"archive-{digest.hexdigest()[:12]}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            for old in folder.parent.glob("archive-*"):
                shutil.rmtree(old)
            archive.build(filling)
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def extracted(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with tarfile.open(built) as packed:
        packed.extractall(folder, filter="data")
    return folder


# Contents


def test_the_archive_has_the_name_that_the_engine_requests_and_less_than_40_megabytes(built: Path) -> None:
    assert re.fullmatch(
        r"pulumi-resource-kafka-connectors-v[\w.-]+-(linux|darwin|windows)-(amd64|arm64)\.tar\.gz", built.name
    )
    assert f"-v{installation.plugin_version()}-" in built.name
    assert built.stat().st_size < MEGABYTES * 1_000_000


def test_the_archive_contains_the_executable_its_folder_and_licences(built: Path) -> None:
    with tarfile.open(built) as packed:
        entries = {entry.name: entry for entry in packed.getmembers()}
    assert {name.partition("/")[0] for name in entries} == {archive.EXECUTABLE, "_internal", "licenses"}
    assert entries[archive.EXECUTABLE].mode == 0o755
    # Older engines extract files only, and who built it, where and when is nobody's business.
    assert all(entry.isfile() and entry.uid == entry.gid == entry.mtime == 0 for entry in entries.values())
    assert not [name for name in entries if name.endswith(("direct_url.json", "RECORD"))]
    assert "_internal/pulumi_kafka_connectors/plugin/schema.json" in entries
    assert [name for name in entries if re.match(r"_internal/pulumi_kafka_connectors-.*\.dist-info/METADATA", name)]
    assert [name for name in entries if "librdkafka" in name]


def test_the_archive_contains_nothing_of_the_sdk_besides_the_protocol(extracted: Path) -> None:
    assert not [path.name for path in extracted.rglob("*") if re.match(r"debugpy|dill|opentelemetry|yaml", path.name)]


def test_the_licence_of_every_part_is_there(extracted: Path) -> None:
    folders = [path for path in (extracted / "licenses").iterdir() if path.is_dir()]
    assert all(any(file.stat().st_size for file in folder.rglob("*")) for folder in folders)
    parts = {re.sub(r"-[\d.]+(post\d+)?$", "", folder.name) for folder in folders}
    used = {"certifi", "confluent-kafka", "grpcio", "protobuf", "pulumi", "pulumi-kafka-connectors", "pydantic", "requests"}
    assert used | {"pyinstaller", "python"} <= parts
    for folder in (extracted / "_internal").iterdir():
        if folder.is_dir() and not folder.name.startswith("python"):
            name = {"google": "protobuf", "grpc": "grpcio"}.get(folder.name, re.sub(r"(-.*info|\.libs)$", "", folder.name))
            assert {name, name.replace("_", "-")} & parts, folder.name


def distribution(packages: Path, *licences: str) -> PathDistribution:
    """A distribution with one module and these licence files."""
    metadata = packages / "part-1.0.dist-info"
    metadata.mkdir(parents=True)
    (packages / "part.py").touch()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: part\nVersion: 1.0\n")
    listed = ["part.py", "part-1.0.dist-info/METADATA"]
    for name in licences:
        (metadata / name).parent.mkdir(exist_ok=True)
        (metadata / name).write_text(name)
        listed.append(f"part-1.0.dist-info/{name}")
    (metadata / "RECORD").write_text("".join(f"{name},,\n" for name in listed))
    return PathDistribution(metadata)


def test_licences_are_copied_under_their_names(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    distribution(packages, "licenses/LICENSE.MIT", "NOTICE", "COPYING.txt", "AUTHORS.md")
    licenses.collect([packages / "part.py"], packages, tmp_path / "work", tmp_path / "into")
    part = tmp_path / "into" / "part-1.0"
    assert sorted(path.name for path in part.iterdir()) == ["COPYING.txt", "LICENSE.MIT", "NOTICE"]
    assert [path.name for path in (tmp_path / "into").iterdir() if path != part] == [
        f"python-{'.'.join(map(str, sys.version_info[:3]))}"
    ]


def test_a_part_without_a_licence_fails_the_build(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    distribution(packages)
    with pytest.raises(BundleError, match=r"^part-1\.0 has no licence in its metadata$"):
        licenses.collect([packages / "part.py"], packages, tmp_path / "work", tmp_path / "into")
    (packages / "stray.py").touch()
    with pytest.raises(BundleError, match=r"^stray\.py belongs to no distribution, so its licence is unknown$"):
        licenses.collect([packages / "stray.py"], packages, tmp_path / "work", tmp_path / "into")


# Start


def start(folder: Path, *command: str) -> tuple[float, float]:
    """Seconds until the port is printed, and the processor seconds of the whole process."""
    began = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PATH": ""}, cwd=folder)
    assert running.stdout is not None
    with running.stdout as output:
        assert output.readline().strip().isdigit()
        seconds = time.monotonic() - began
        running.terminate()
        _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return seconds, usage.ru_utime + usage.ru_stime


def test_it_starts_in_less_than_a_third_of_a_second_with_an_empty_path(extracted: Path, tmp_path: Path) -> None:
    program = str(extracted / archive.EXECUTABLE)
    start(tmp_path, program)  # reads the files
    runs = [start(tmp_path, program) for _ in range(9)]
    elapsed, processor = (statistics.median(values) for values in zip(*runs, strict=True))
    # Where other processes occupy the processors, only the processor time says what the start takes.
    assert min(elapsed, processor) < START_SECONDS, runs


# The engine, where there is no Python

CONNECTOR = """
  orders:
    type: kafka-connectors:Connector
    properties:
      name: {name}
      config: {{connector.class: testing.FaultySource, tasks.max: 1, rate: {rate}, db.password: hunter2}}
"""
TOPIC = """
  lines:
    type: kafka-connectors:Topic
    properties: {{name: {name}, partitions: 2, replication_factor: 1}}
"""
RESULTS = """
variables:
  found:
    fn::invoke:
      function: kafka-connectors:getStatus
      arguments: {name: "${orders.id}"}
outputs:
  status: ${orders.status}
  found: ${found}
"""


class YamlProject(Project):
    """A YAML program in an environment with the engine and its YAML host, and nothing else on PATH."""

    def __init__(self, folder: Path, box: Path) -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir(parents=True)
        (programs / "pulumi").symlink_to(engine.ensure() / "pulumi")
        (programs / "pulumi-language-yaml").symlink_to(languages.ensure("yaml") / "pulumi-language-yaml")
        self.environment = {**languages.environment(box, "yaml"), "PATH": str(programs)}
        assert not [name for name in ("python3", "python", archive.EXECUTABLE) if shutil.which(name, path=str(programs))]
        self.program("")
        self.run("stack", "init", "test")

    def program(self, text: str) -> None:
        (self.folder / "Pulumi.yaml").write_text(f"name: dist\nruntime: yaml\n{text}")


@pytest.fixture
def project(box: Sandbox, tmp_path: Path) -> YamlProject:
    return YamlProject(tmp_path / "project", box.folder / "dist" / tmp_path.name)


def install(project: YamlProject, *source: str) -> None:
    project.run("plugin", "install", "resource", "kafka-connectors", installation.plugin_version(), *source)
    folder = installation.plugins_folder(project.environment)
    assert (folder / f"resource-kafka-connectors-v{installation.plugin_version()}" / archive.EXECUTABLE).is_file()


def life_cycle(project: YamlProject, worker: FakeWorker, name: str, more: str = "") -> None:
    """Create, preview unchanged, update and refresh; `more` is added to the resources."""
    project.run("config", "set", "kafka-connectors:url", worker.url)

    def up(rate: int) -> None:
        project.up(f"resources:{CONNECTOR.format(name=name, rate=rate)}{more}{RESULTS}")
        assert worker.connectors[name]["config"]["rate"] == str(rate)

    up(5)
    assert project.outputs()["status"] == "running"
    assert project.outputs()["found"]["connector"]["state"] == "RUNNING"
    worker.requests.clear()
    project.run("preview", "--expect-no-changes")
    up(6)
    project.refresh("--expect-no-changes")
    assert "hunter2" not in str(project.state())


def test_installed_from_the_file_it_runs_a_yaml_program_with_a_topic(
    built: Path, project: YamlProject, broker: Broker, names: Names
) -> None:
    install(project, "--file", str(built))
    topics, name = TopicAdmin({"bootstrap.servers": broker.address}), names("lines")
    project.run("config", "set", "--path", 'kafka-connectors:kafka["bootstrap.servers"]', broker.address)
    with fake_worker() as worker:
        life_cycle(project, worker, names("orders"), TOPIC.format(name=name))
        assert topics.find(name) is not None
        project.destroy()
        assert worker.connectors == {}
        assert topics.find(name) is None


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server for a folder: its address, and the paths that were requested."""
    requested: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_request(self, code: object = "-", size: object = "-") -> None:
            requested.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requested
    finally:
        server.shutdown()
        server.server_close()


def test_installed_from_a_server_it_runs_a_yaml_program_over_tls(
    built: Path, project: YamlProject, names: Names, tmp_path: Path
) -> None:
    with served(built.parent) as (address, requested):
        install(project, "--server", address)
    assert requested == [f"/{built.name}"]
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    with fake_worker(tls=tls) as worker:
        project.run("config", "set", "kafka-connectors:url", worker.url)
        assert "certificate" in project.preview(f"resources:{CONNECTOR.format(name='unknown', rate=1)}").output
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        project.run("config", "set", "kafka-connectors:ca", str(tmp_path / "ca.pem"))
        life_cycle(project, worker, names("orders"))
        project.destroy()
        assert worker.connectors == {}


# From a checkout


def test_a_checkout_is_a_plugin_that_language_hosts_can_start(tmp_path: Path) -> None:
    # `pulumi package add` itself needs a newer Python host than the sandbox's: see docs/languages.md.
    assert (ROOT / "PulumiPlugin.yaml").read_text() == "runtime: python\n"
    assert ".[topics]" in (ROOT / "requirements.txt").read_text().splitlines()
    start(tmp_path, sys.executable, str(ROOT))
