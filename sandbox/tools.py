"""Programs and Maven artifacts that the sandbox needs, cached in a folder of the user."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.versions import KAFKA_VERSION, newest

HERE = Path(__file__).resolve().parent
POSTGRES_VERSION = "16.6.0"

_REQUIRED = {
    "java": (("-version",), 17, "Java 17 or newer (a JDK)"),
    "javac": (("-version",), 17, "a JDK 17 or newer (javac)"),
    "mvn": (("-v",), 3, "Maven 3 or newer"),
    "go": (("version",), 1, "Go 1.21 or newer"),
}
_VERSION = re.compile(r'(?:version "|javac |Maven |go version go)((\d+)[\d.]*)')


def cache() -> Path:
    """The cache folder for jars, plugins and the engine, shared by all checkouts of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pulumi-kafka-connectors"


def print_progress(text: str) -> None:
    """Print a progress message of one line."""
    print(f"sandbox: {text}", flush=True)


def require(*programs: str) -> None:
    """Check that programs are installed and new enough.

    Raises:
        SandboxError: one is missing or too old; says what to install.
    """
    for program in programs:
        arguments, minimum, requirement = _REQUIRED[program]
        path = shutil.which(program)
        if path is None:
            raise SandboxError(f"{program} is not on PATH: install {requirement} and try again")
        result = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
        found = _VERSION.search(result.stdout + result.stderr)
        if result.returncode != 0 or found is None:
            raise SandboxError(f"{path} does not report its version: install {requirement} and try again")
        if int(found.group(2)) < minimum:
            raise SandboxError(f"{path} is version {found.group(1)}: install {requirement} and try again")


def run_with_progress(what: str, argv: Sequence[str], cwd: Path | None = None, every: float = 20.0) -> None:
    """Run a command that may take minutes, and report every few seconds that it is still running.

    Raises:
        SandboxError: it fails; with the last lines of its output.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(argv, cwd=cwd, stdout=output, stderr=subprocess.STDOUT)
        try:
            while True:
                try:
                    code = process.wait(every)
                    break
                except subprocess.TimeoutExpired:
                    print_progress(f"{what}: {time.monotonic() - started:.0f} s so far")
        finally:
            if process.poll() is None:
                process.kill()
        if code != 0:
            output.seek(0)
            tail = " | ".join(line.strip() for line in output.read().splitlines()[-5:])
            raise SandboxError(f"{what} failed ({Path(argv[0]).name} exited with {code}): {tail}")


@contextlib.contextmanager
def filled_once(folder: Path) -> Iterator[Path | None]:
    """Yield an empty folder to fill, or None if `folder` exists already.

    The filled folder is renamed to `folder` atomically, under a lock, so that neither a crash nor a concurrent run in
    another checkout can result in an incomplete one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            yield None
            return
        filling = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            yield filling
            filling.rename(folder)
        finally:
            shutil.rmtree(filling, ignore_errors=True)


def copy_jars(profiles: str, version: str, into: Path, *more: str) -> None:
    """Copy the artifacts of Maven profiles of `pom.xml` into a folder; `more` are further arguments of Maven."""
    require("java", "mvn")
    goal = "dependency:copy-dependencies"
    argv = ["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), "-P", profiles, goal, f"-DoutputDirectory={into}", *more]
    run_with_progress(f"downloading {profiles.split(',', 1)[0]} {version} with Maven", [*argv, f"-Dkafka.version={version}"])


def cached(name: str, fill: Callable[[Path], None]) -> Path:
    """A folder of the cache, filled the first time it is asked for."""
    folder = cache() / name
    with filled_once(folder) as filling:
        if filling is not None:
            fill(filling)
    return folder


def present(version: str) -> dict[str, bool]:
    """What a broker and workers of this version need, by its name, and whether it is in the cache."""
    folders = {"Kafka": (f"broker-{KAFKA_VERSION}", f"worker-{version}"), "connector plugins": (f"plugins-{version}",)}
    return {name: all((cache() / folder).is_dir() for folder in each) for name, each in folders.items()}


def broker_jars() -> Path:
    """The folder with the jars of a Kafka broker; one version, since old workers can use it too."""
    return cached(f"broker-{KAFKA_VERSION}", lambda into: copy_jars("broker", KAFKA_VERSION, into))


def worker_jars(version: str) -> Path:
    """The folder with the jars of a Kafka Connect worker of this version, including the basic-auth extension."""
    logging = {2: "worker", 3: "worker,reload4j"}.get(major(version), "worker,log4j2")
    return cached(f"worker-{version}", lambda into: copy_jars(logging, version, into))


def plugins(version: str) -> Path:
    """A plugin path for workers of this version, with FileStream, MirrorMaker and, from Kafka 3 on, Debezium."""

    def fill(into: Path) -> None:
        download = into / "download"
        copy_jars("plugins", version, download, "-DexcludeTransitive=true")
        for jar in download.glob("*.jar"):
            plugin = into / ("connect-mirror" if jar.name.startswith("connect-mirror") else "connect-file")
            plugin.mkdir(exist_ok=True)
            jar.rename(plugin / jar.name)
        if major(version) >= 3:
            copy_jars("debezium", version, download, "-DexcludeTransitive=true")
            for archive in download.glob("*.tar.gz"):
                with tarfile.open(archive) as packed:
                    packed.extractall(into, filter="data")
        shutil.rmtree(download)

    return cached(f"plugins-{version}", fill)


def postgres() -> Path:
    """The folder with a PostgreSQL server (`bin`, `lib`, `share`), for Linux and macOS on Intel and ARM."""
    machine = "arm64v8" if platform.machine() in ("arm64", "aarch64") else "amd64"
    system = f"{platform.system().lower()}-{machine}"

    def fill(into: Path) -> None:
        download = into / "download"
        copy_jars(
            "postgres", POSTGRES_VERSION, download, f"-Dpostgres.system={system}", f"-Dpostgres.version={POSTGRES_VERSION}"
        )
        for jar in download.glob("*.jar"):
            with zipfile.ZipFile(jar) as outer:
                inner = next(name for name in outer.namelist() if name.endswith(".txz"))
                with outer.open(inner) as packed, tarfile.open(fileobj=packed, mode="r:xz") as archive:
                    archive.extractall(into, filter="data")
        shutil.rmtree(download)

    return cached(f"postgres-{POSTGRES_VERSION}", fill)


def compile_connectors(sources: Path, into: Path) -> Path:
    """Compile the Java connectors in `sources` into a plugin folder.

    `sources` contains `*.java` and `META-INF/services/...`; the classes run on every worker version of the sandbox.
    """
    require("javac")
    shutil.rmtree(into, ignore_errors=True)
    classes = into / "connectors"
    classes.mkdir(parents=True)
    files = [str(path) for path in sorted(sources.rglob("*.java"))]
    jars = worker_jars(newest(3)) / "*"
    run_with_progress(
        "compiling the test connectors",
        ["javac", "--release", "11", "-nowarn", "-cp", str(jars), "-d", str(classes), *files],
    )
    shutil.copytree(sources / "META-INF", classes / "META-INF")
    archive = shutil.make_archive(str(into / "connectors"), "zip", classes)
    shutil.rmtree(classes)
    Path(archive).rename(into / "connectors.jar")
    return into


def major(version: str) -> int:
    """The major version: 4 for "4.3.0"."""
    return int(version.split(".", 1)[0])
