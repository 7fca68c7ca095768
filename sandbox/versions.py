"""The Kafka versions whose workers the tests run on, oldest first; `python -m sandbox.versions 4.1.2` adds one.

It downloads the version and runs the tests of every endpoint and of the lifecycle on its workers. It is listed in
`versions.txt`, `docs/endpoints.md` and the README only if they pass.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).resolve().parent
_FILE: Final = _HERE / "versions.txt"
_README: Final = _HERE.parent / "README.md"
_TESTS: Final = ("tests/live/test_endpoints.py", "tests/live/test_lifecycle.py")
WORKERS: Final = tuple(_FILE.read_text(encoding="utf-8").split())
KAFKA_VERSION: Final = WORKERS[-1]
"""The version of the broker, which workers of every version can use, and of workers where the version does not matter."""


def newest(major: int) -> str:
    """The newest listed version with this major version."""
    return [version for version in WORKERS if version.startswith(f"{major}.")][-1]


def with_version(listed: Sequence[str], added: str) -> list[str]:
    """The listed versions and one more, in order.

    Raises:
        ValueError: it is not a version of Kafka, such as `4.1.2`.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", added):
        raise ValueError(f"{added} is not a version of Kafka: give all three numbers, such as 4.1.2")
    return sorted({*listed, added}, key=lambda version: [int(part) for part in version.split(".")])


def readme_with(page: str, listed: Sequence[str]) -> str:
    """The README with these versions in the column "tested" of its row about workers."""
    return re.sub(r"(?m)^(\| Kafka Connect workers \|.*\|)[^|]*\|$", rf"\1 {', '.join(listed)} |", page)


def _add(version: str) -> int:
    before, readme = _FILE.read_text(encoding="utf-8"), _README.read_text(encoding="utf-8")
    listed = with_version(WORKERS, version)
    _FILE.write_text("\n".join([*listed, ""]), encoding="utf-8")
    for command in (
        ["-m", "sandbox", "fetch", version],
        ["-m", "pytest", "-q", "-k", version, *_TESTS],
        ["-m", "tests.support.endpoints"],
    ):
        code = subprocess.run([sys.executable, *command], cwd=_HERE.parent, check=False).returncode
        if code != 0:
            _FILE.write_text(before, encoding="utf-8")
            return code
    _README.write_text(readme_with(readme, listed), encoding="utf-8")
    return 0


def main() -> int:
    """Add a version.

    Returns:
        0; otherwise the exit code of the download or of the tests, and nothing is listed.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox.versions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("version", help="such as 4.1.2")
    try:
        return _add(parser.parse_args().version)
    except ValueError as problem:
        parser.error(str(problem))


if __name__ == "__main__":
    sys.exit(main())
