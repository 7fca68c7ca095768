"""The archive: an environment of its own, PyInstaller's folder, the licences, one compressed file."""

from __future__ import annotations

import ast
import gzip
import os
import pkgutil
import platform
import shutil
import subprocess
import tarfile
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bundle import licenses
from bundle.errors import BundleError

ROOT: Final = Path(__file__).resolve().parent.parent
EXECUTABLE: Final = "pulumi-resource-kafka-connectors"
SOURCES: Final = ("provider", "setup.py", "pyproject.toml", "README.md", "LICENSE")
"""What the package is built from; copied first, since setuptools leaves files behind."""
_PACKAGE: Final = "pulumi_kafka_connectors"
_USED: Final = ("connect", "core", "kafka", "plugin")
_UNUSED: Final = ("cli", "dynamic", "native", "resources")
_NOT_IMPORTED: Final = ("debugpy", "dill", "opentelemetry", "setuptools", "yaml")
"""What only the rest of the SDK imports."""
_MACHINES: Final = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_VERSION: Final = f"from {_PACKAGE}.installation import plugin_version; print(plugin_version())"


def build(into: Path) -> Path:
    """Build the archive for the running Python's platform.

    Args:
        into: folder for the archive; what it replaces there has the same version.

    Returns:
        The archive, named as the engine requests it from a server.

    Raises:
        BundleError: a command fails, or a part has no licence.
    """
    with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        work = Path(folder).resolve()
        python = _environment(work)
        version = _run(python, "-c", _VERSION, cwd=work).strip()
        bundled = _freeze(python, work)
        licenses.collect(_sources(work / "build" / EXECUTABLE), _packages(python), work, bundled / "licenses")
        _replace_links(bundled)
        into.mkdir(parents=True, exist_ok=True)
        archive = into / file_name(version)
        _pack(bundled, archive)
    return archive


def file_name(version: str) -> str:
    """The archive's name for this platform, such as `pulumi-resource-kafka-connectors-v1.2.3-linux-amd64.tar.gz`.

    Raises:
        BundleError: Pulumi has no name for this machine.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise BundleError(f"there is no Pulumi engine for {platform.machine()}")
    return f"{EXECUTABLE}-v{version}-{platform.system().lower()}-{machine}.tar.gz"


def _environment(work: Path) -> Path:
    """The Python of a new environment with the package, its extras and PyInstaller."""
    source, environment = work / "source", work / "environment"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(python, *install, f"{source}[topics,dist]", cwd=work)
    return python


def _freeze(python: Path, work: Path) -> Path:
    """The folder with the executable and `_internal`."""
    options = ["--noconfirm", "--log-level=WARN", "--onedir", f"--name={EXECUTABLE}", f"--specpath={work}"]
    options += [f"--distpath={work / 'dist'}", f"--workpath={work / 'build'}"]
    options += [f"--collect-submodules={_PACKAGE}.{name}" for name in _USED]
    options += [f"--collect-data={_PACKAGE}", f"--copy-metadata={_PACKAGE}"]
    unused = [f"{_PACKAGE}.{name}" for name in _UNUSED]
    options += [f"--exclude-module={name}" for name in (*unused, *_NOT_IMPORTED, *_unused_of_sdk(_packages(python)))]
    _run(python, "-m", "PyInstaller", *options, ROOT / "bundle" / "entry.py", cwd=work)
    folder = work / "dist" / EXECUTABLE
    for metadata in folder.rglob("*.dist-info"):
        for name in ("direct_url.json", "RECORD"):  # both tell the folder of the build, and nobody reads them
            (metadata / name).unlink(missing_ok=True)
    return folder


def _unused_of_sdk(packages: Path) -> Iterator[str]:
    """The SDK's modules besides the protocol's: the plugin does not import them."""
    for folder, kept in (("pulumi", "runtime"), ("pulumi/runtime", "proto")):
        for module in pkgutil.iter_modules([str(packages / folder)]):
            if module.name != kept:
                yield f"{folder.replace('/', '.')}.{module.name}"


def _packages(python: Path) -> Path:
    """The folder `site-packages` of an environment."""
    return Path(_run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=python.parent).strip())


def _sources(build: Path) -> set[Path]:
    """Every file that PyInstaller put into the folder or the executable, from its own tables of contents."""
    found: set[Path] = set()
    for table in ("PYZ-00.toc", "PKG-00.toc", "COLLECT-00.toc"):
        found.update(_paths(ast.literal_eval((build / table).read_text(encoding="utf-8"))))
    return found


def _paths(table: object) -> Iterator[Path]:
    """The sources of a table's entries, which are `(name, source, kind)`, nested in lists and tuples."""
    match table:
        case (str(), str(source), str()) if Path(source).is_absolute():
            yield Path(source)
        case list() | tuple():
            for entry in table:
                yield from _paths(entry)
        case _:
            return


def _replace_links(folder: Path) -> None:
    """Let a file take the place of the first link to it, and drop the other links: older engines cannot extract links.

    The system's loader looks for libraries where the link is.
    """
    for link in sorted(path for path in folder.rglob("*") if path.is_symlink()):
        target = link.resolve()
        link.unlink()
        if target.is_file():
            target.rename(link)


def _pack(folder: Path, archive: Path) -> None:
    """Compress a folder; the same files result in the same archive."""
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as packed,
    ):
        for path in sorted(path for path in folder.rglob("*") if not path.is_dir()):
            packed.add(path, path.relative_to(folder).as_posix(), filter=_plain)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The entry without owner and time."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _run(program: Path, *arguments: object, cwd: Path) -> str:
    """The output of a command.

    Raises:
        BundleError: it fails; with the last lines of its output.
    """
    # Hashes of text decide the order in which PyInstaller stores some names.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYINSTALLER_CONFIG_DIR": str(cwd / "cache")}
    environment.pop("PYTHONPATH", None)
    argv = [str(program), *map(str, arguments)]
    result = subprocess.run(argv, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        tail = " | ".join(line.strip() for line in (result.stdout + result.stderr).splitlines()[-5:])
        raise BundleError(f"{' '.join(argv[:4])} exited with {result.returncode}: {tail}")
    return result.stdout
