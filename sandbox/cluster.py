"""A Kafka broker and groups of Kafka Connect workers on loopback, with all data in one folder."""

from __future__ import annotations

import json
import shutil
import signal
import string
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import tools
from sandbox.errors import SandboxError
from sandbox.processes import TrackedProcess, free_port, port_taken, wait
from sandbox.tools import print_progress
from sandbox.versions import KAFKA_VERSION

HEAP = "256m"
"""Maximum heap size of each Java process, as in `-Xmx`."""
CLUSTER_ID = "5L6g3nShT-eMCtK--X86sw"
OTHER_CLUSTER_ID = "vPeOCWypqUOSepEvx0cbog"


class Ports:
    """Loopback ports by role, stored in a file, so that a restarted process keeps its address."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _read(self) -> dict[str, int]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def of(self, role: str) -> int:
        """The port for this role: the stored one, or a new one if another process has taken it."""
        ports = self._read()
        if role not in ports or port_taken(ports[role]):
            ports[role] = free_port()
            while list(ports.values()).count(ports[role]) > 1:
                ports[role] = free_port()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(ports))
        return ports[role]

    def current(self, role: str) -> int:
        """The port on which the running process of this role listens."""
        return self._read()[role]


def _fill(name: str, into: Path, **values: object) -> Path:
    template = string.Template((tools.HERE / "config" / name).read_text())
    into.mkdir(parents=True, exist_ok=True)
    file = into / name
    file.write_text(template.substitute({key: str(value) for key, value in values.items()}))
    return file


def _java(jars: Sequence[Path], main: str, *arguments: str, options: Sequence[str] = (), heap: str = HEAP) -> list[str]:
    config = tools.HERE / "config"
    classpath = ":".join(f"{folder}/*" for folder in jars)
    memory = [f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dsandbox.level=WARN"]
    logging = [
        f"-Dlog4j2.configurationFile={config}/log4j2.properties",
        f"-Dlog4j.configuration=file:{config}/log4j.properties",
    ]
    return ["java", *memory, *logging, *options, "-cp", classpath, main, *arguments]


@dataclass
class Broker:
    """One Kafka node (KRaft: broker and controller in one process).

    `settings` are added to its properties file and override it. In their values `${broker}`, `${controller}` and
    `${secure}` stand for ports; the last one is for an additional listener. `cluster` is the ID of its Kafka cluster.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    cluster: str = CLUSTER_ID

    @property
    def process(self) -> TrackedProcess:
        """The Java process."""
        return TrackedProcess(self.folder, "broker")

    @property
    def _ports(self) -> Ports:
        return Ports(self.folder / "ports.json")

    @property
    def address(self) -> str:
        """`host:port` for bootstrap.servers, while the broker is running."""
        return f"127.0.0.1:{self._ports.current('broker')}"

    @property
    def secure_address(self) -> str:
        """`host:port` of the additional listener at `${secure}`."""
        return f"127.0.0.1:{self._ports.current('secure')}"

    def start(self) -> None:
        """Start the broker, unless it is running, and wait until it accepts connections.

        Raises:
            SandboxError: it does not start; with the end of its log.
        """
        if self.process.pid is not None:
            return
        jars = tools.broker_jars()
        print_progress(f"starting the Kafka {KAFKA_VERSION} broker")
        port = self._ports.of("broker")
        ports = {"broker": port, "controller": self._ports.of("controller"), "secure": self._ports.of("secure")}
        config = _fill("broker.properties", self.folder, folder=self.folder, **ports)
        added = "".join(f"{key}={value}\n" for key, value in self.settings.items())
        config.write_text(config.read_text() + string.Template(added).safe_substitute(ports))
        storage = _java(
            [jars], "kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", self.cluster, "-c", str(config)
        )
        formatted = subprocess.run(storage, capture_output=True, text=True, check=False)
        if formatted.returncode != 0:
            raise SandboxError(f"the broker's storage could not be formatted: {formatted.stderr.strip()[-300:]}")
        self.process.start(_java([jars], "kafka.Kafka", str(config)))
        wait(self.process, "the broker", lambda: port_taken(port))


@dataclass
class Worker:
    """One distributed Kafka Connect worker.

    `settings` are added to its properties file and override it (`${rest}` stands for its port); `options` and `heap` are
    for its JVM. `is_ready` replaces the readiness check, for workers that require credentials.
    """

    folder: Path
    broker: Broker
    group: str = "connect"
    number: int = 1
    version: str = KAFKA_VERSION
    plugin_path: Sequence[Path] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    heap: str = HEAP
    scheme: str = "http"
    is_ready: Callable[[], bool] | None = None

    @property
    def process(self) -> TrackedProcess:
        """The Java process."""
        return TrackedProcess(self.folder, f"{self.group}-{self.number}")

    @property
    def _ports(self) -> Ports:
        return Ports(self.folder / "ports.json")

    @property
    def port(self) -> int:
        """The REST port, while the worker is running."""
        return self._ports.current(self.process.name)

    @property
    def url(self) -> str:
        """The REST address, while the worker is running."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Start the process, unless it is running, without waiting until the worker is ready."""
        if self.process.pid is not None:
            return
        jars, plugin_path = tools.worker_jars(self.version), [tools.plugins(self.version), *self.plugin_path]
        print_progress(f"starting the Kafka Connect {self.version} worker {self.process.name}")
        rest = self._ports.of(self.process.name)
        config = _fill(
            "worker.properties",
            self.folder / self.process.name,
            broker=self.broker.address.rsplit(":", 1)[1],
            group=self.group,
            rest=rest,
            plugins=",".join(map(str, plugin_path)),
        )
        defaults = {"plugin.discovery": "SERVICE_LOAD"} if tools.major(self.version) >= 4 else {}
        added = "".join(f"{key}={value}\n" for key, value in {**defaults, **self.settings}.items())
        config.write_text(config.read_text() + string.Template(added).safe_substitute(rest=rest))
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        self.process.start(_java([jars], main, str(config), options=self.options, heap=self.heap))

    def wait(self) -> None:
        """Wait until the worker serves requests as a member of its group.

        Raises:
            SandboxError: it does not become ready; with the end of its log.
        """
        wait(self.process, f"worker {self.process.name}", self.is_ready or self._serves_requests)

    def start(self) -> None:
        """`launch`, then `wait`."""
        self.launch()
        self.wait()

    def _serves_requests(self) -> bool:
        # A starting worker responds with 404 to every path. Connect's own 404 has an integer error_code; it comes from the
        # herder, so the worker has joined its group.
        try:
            with urllib.request.urlopen(f"{self.url}/connectors/none", timeout=5):
                return False
        except urllib.error.HTTPError as error:
            try:
                return error.code == 404 and json.loads(error.read()).get("error_code") == 404
            except ValueError:
                return False
        except OSError:
            return False


def start_all(workers: Sequence[Worker]) -> None:
    """Start workers concurrently and wait until all are ready."""
    for worker in workers:
        worker.launch()
    for worker in workers:
        worker.wait()


@dataclass
class Sandbox:
    """A broker and a group of one to three workers, with all data in `folder`."""

    folder: Path

    @property
    def broker(self) -> Broker:
        """The broker."""
        return Broker(self.folder / "broker")

    def workers(self, count: int = 3, version: str = KAFKA_VERSION) -> list[Worker]:
        """The workers, whether running or not."""
        folder = self.folder / "workers"
        return [Worker(folder, self.broker, number=number, version=version) for number in range(1, count + 1)]

    def processes(self) -> list[TrackedProcess]:
        """All processes with a pid file, in the order in which to stop them: workers first."""
        files = sorted(self.folder.glob("*/*.pid"), key=lambda file: file.stem == "broker")
        return [TrackedProcess(file.parent, file.stem) for file in files]

    def up(self, count: int, version: str) -> list[str]:
        """Start the processes that are not running yet; returns the addresses of the workers."""
        tools.require("java")
        self.broker.start()
        workers = self.workers(count, version)
        start_all(workers)
        return [worker.url for worker in workers]

    def urls(self) -> list[str]:
        """The addresses of the running workers."""
        return [worker.url for worker in self.workers() if worker.process.pid is not None]

    def down(self) -> None:
        """Stop all processes, including those left behind by a crashed run."""
        for process in self.processes():
            if process.pid is not None:
                print_progress(f"stopping {process.name}")
            process.stop()

    def purge(self) -> None:
        """Stop all processes and delete all data."""
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def freeze(self, process: TrackedProcess) -> None:
        """Suspend the process with SIGSTOP until it is thawed: it keeps its connections but does not respond."""
        process.signal(signal.SIGSTOP)

    def thaw(self, process: TrackedProcess) -> None:
        """Resume the process with SIGCONT."""
        process.signal(signal.SIGCONT)
