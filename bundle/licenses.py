"""The licences of everything in the archive, each in a folder named after its part.

A part is a distribution in the build's environment, Python itself, or a package of the operating system.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from bundle.errors import BundleError

_LICENCE: Final = re.compile(r"(licen[cs]e|copying|copyright|notice)", re.IGNORECASE)
_SYSTEM_DOCUMENTATION: Final = Path("/usr/share/doc")
_PREFIX: Final = Path(sys.base_prefix).resolve()
_SHARED_PREFIXES: Final = frozenset({Path("/usr"), Path("/usr/local")})


def collect(sources: Iterable[Path], packages: Path, work: Path, into: Path) -> None:
    """Copy the licence of every part that one of these files belongs to.

    Args:
        sources: the files that are in the archive.
        packages: the folder `site-packages` that they come from.
        work: files in it that belong to no part were generated from others.
        into: a new folder, with one folder for each part.

    Raises:
        BundleError: a file belongs to no known part, or a part has no licence.
    """
    owners = _owners(packages)
    parts: dict[str, list[Path]] = {}
    for source in sorted({*sources, Path(sysconfig.get_path("stdlib")).resolve() / "os.py"}):
        if source in owners:
            distribution = owners[source]
            parts[f"{distribution.metadata['Name']}-{distribution.version}"] = of_distribution(distribution)
        elif packages in source.parents:
            raise BundleError(f"{source.relative_to(packages)} belongs to no distribution, so its licence is unknown")
        elif _of_python(source):
            parts[f"python-{platform.python_version()}"] = _python_licence()
        elif work not in source.parents and not source.is_relative_to(Path(__file__).parent):
            package = _system_package(source)
            parts[f"system-{package.partition(':')[0]}"] = _system_licence(package)
    for part, files in parts.items():
        if not files:
            raise BundleError(f"{part} has no licence in its metadata")
        _copy(files, into / part)


def of_distribution(distribution: Distribution) -> list[Path]:
    """The licence files in the metadata of a distribution."""
    inside = [file for file in distribution.files or [] if ".dist-info/" in file.as_posix()]
    return [Path(str(file.locate())) for file in inside if _LICENCE.match(file.name)]


def _owners(packages: Path) -> dict[Path, Distribution]:
    """The distribution of each installed file."""
    return {
        Path(str(file.locate())).resolve(): distribution
        for distribution in distributions(path=[str(packages)])
        for file in distribution.files or []
    }


def _of_python(source: Path) -> bool:
    """Whether a file belongs to Python; `/usr` also has what does not."""
    library = Path(sysconfig.get_path("stdlib")).resolve()
    private = _PREFIX not in _SHARED_PREFIXES and _PREFIX in source.parents
    return private or library in source.parents or source.name.startswith("libpython")


def _python_licence() -> list[Path]:
    places = (Path(sysconfig.get_path("stdlib")), _PREFIX)
    return [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()][:1]


def _system_package(library: Path) -> str:
    """The package of the operating system that a library belongs to."""
    dpkg = shutil.which("dpkg-query")
    if dpkg is None:
        raise BundleError(f"{library} is of the operating system; its licence is found on Debian and Ubuntu only")
    # Packages list a file below `/lib` or below `/usr/lib`, which are the same folder.
    for path in (library, Path("/usr") / library.relative_to("/"), Path(str(library).removeprefix("/usr"))):
        result = subprocess.run([dpkg, "--search", str(path)], capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return result.stdout.rpartition(": ")[0].partition(",")[0]
    raise BundleError(f"{library} belongs to no package of the operating system, so its licence is unknown")


def _system_licence(package: str) -> list[Path]:
    file = _SYSTEM_DOCUMENTATION / package.partition(":")[0] / "copyright"
    return [file] if file.is_file() else []


def _copy(files: Iterable[Path], into: Path) -> None:
    """Copy files into a new folder; those of a distribution keep their path below its metadata."""
    for file in files:
        _, metadata, inner = file.as_posix().partition(".dist-info/")
        target = into / (inner.removeprefix("licenses/") if metadata else file.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
