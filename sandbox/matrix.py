"""Run the fast tests on every supported Python that is installed, and on the oldest supported SDK: `make matrix`.

Each run has an environment of its own under `.sandbox/matrix`, with the newest packages that `setup.py` allows.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox import tools
from sandbox.errors import SandboxError
from sandbox.tools import print_progress

ROOT: Final = tools.HERE.parent
_FOLDER: Final = ROOT / ".sandbox" / "matrix"
_PYTEST: Final = ("-m", "pytest", "-q", "-m", "not slow", "--numprocesses", "2", "--dist", "worksteal")
_TESTS: Final = ("tests/unit", "tests/wire")


@dataclass(frozen=True)
class Result:
    """What one run of the tests showed.

    Attributes:
        python: the version of Python, such as `3.10`.
        sdk: the version of the Pulumi SDK, such as `3.219`.
        passed: whether all tests passed.
        summary: the last line of the test run.
    """

    python: str
    sdk: str
    passed: bool
    summary: str


def supported(setup: str) -> list[str]:
    """The Python versions that the classifiers in `setup.py` list."""
    return re.findall(r'"Programming Language :: Python :: (3\.\d+)"', setup)


def oldest_sdk(setup: str) -> str:
    """The oldest Pulumi SDK that `setup.py` allows, as a requirement.

    Raises:
        SandboxError: there is no such line.
    """
    found = re.search(r'"pulumi>=([\d.]+),', setup)
    if found is None:
        raise SandboxError('setup.py has no requirement `"pulumi>=...,"`')
    return f"pulumi=={found[1]}"


def interpreter(version: str) -> Path | None:
    """The Python of this version on PATH, or the newest one among those of pyenv."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    patches = sorted(
        root.glob(f"versions/{version}.*"), key=lambda path: [int(part) for part in re.findall(r"\d+", path.name)]
    )
    on_path = shutil.which(f"python{version}")
    candidates = [*([on_path] if on_path else []), *(str(path / "bin" / "python") for path in reversed(patches))]
    # The shims of pyenv are on PATH for versions that it does not start.
    return next((Path(path) for path in candidates if _version_of(path) == version), None)


def _version_of(python: str) -> str:
    argv = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _environment(name: str, python: Path, constraint: str | None) -> Path:
    """The Python of an environment with the package, its extras and its test tools, as new as they may be."""
    folder = _FOLDER / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    tools.run_with_progress(f"making the environment {name}", [str(python), "-m", "venv", str(folder)])
    argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
    argv += ["--upgrade-strategy", "eager", "--editable", ".[dev]", *([constraint] if constraint else [])]
    tools.run_with_progress(f"installing the packages of {name}", argv, cwd=ROOT)
    return folder / "bin" / "python"


def _run(version: str, python: Path, constraint: str | None, tests: Sequence[str]) -> Result:
    name = f"{version}-oldest" if constraint else version
    installed = _environment(name, python, constraint)
    query = "from importlib.metadata import version; print('.'.join(version('pulumi').split('.')[:2]))"
    sdk = subprocess.run([str(installed), "-c", query], capture_output=True, text=True, check=True).stdout.strip()
    print_progress(f"running {' and '.join(tests)} on Python {version} with the Pulumi SDK {sdk}")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    argv = [str(installed), *_PYTEST, *tests]
    log = _FOLDER / f"{name}.log"
    with log.open("w") as output:
        code = subprocess.run(argv, cwd=ROOT, env=environment, stdout=output, stderr=output, check=False).returncode
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no output"]
    if code != 0:
        print(*lines[-20:], f"everything: {log}", sep="\n")
    return Result(version, sdk, code == 0, lines[-1].strip("= "))


def readme_table(page: str, results: Iterable[Result]) -> str:
    """The table of the section "Versions" in the README, with the versions that passed in its last column."""
    passed = [result for result in results if result.passed]
    tested = {
        "Python": _listed(result.python for result in passed),
        "Pulumi Python SDK": _listed(result.sdk for result in passed),
    }
    rows = page.split("## Versions\n")[1].strip().split("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return "\n".join(
        f"| {' | '.join([*row[:-1], tested.get(row[0]) or row[-1]])} |" if row[0] in tested else line
        for line, row in zip(rows, cells, strict=True)
    )


def _listed(versions: Iterable[str]) -> str:
    return ", ".join(sorted(set(versions), key=lambda version: [int(part) for part in version.split(".")]))


def _arguments(setup: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.matrix", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tests", nargs="*", default=_TESTS, help="folders or files (default: tests/unit tests/wire)")
    parser.add_argument("--python", action="append", choices=supported(setup), help="only this version; repeatable")
    parser.add_argument("--print-oldest-sdk", action="store_true", help="print its requirement for pip, and run nothing")
    return parser.parse_args()


def main() -> int:
    """Run the tests and print two tables.

    Returns:
        0 if everything passed.
    """
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    args = _arguments(setup)
    if args.print_oldest_sdk:
        print(oldest_sdk(setup))
        return 0
    wanted = args.python or supported(setup)
    found = {version: python for version in wanted if (python := interpreter(version))}
    for version in wanted:
        if version not in found:
            print_progress(f"Python {version} is not installed")
    runs = [(version, python, None) for version, python in found.items()]
    oldest = [(version, python, oldest_sdk(setup)) for version, python in list(found.items())[:1]]
    results = [_run(*run, args.tests) for run in (*runs, *oldest)]
    print("\n| Python | Pulumi Python SDK | result |\n|---|---|---|")
    for result in results:
        print(f"| {result.python} | {result.sdk} | {result.summary} |")
    print(f"\nREADME, Versions:\n\n{readme_table((ROOT / 'README.md').read_text(encoding='utf-8'), results)}")
    return 0 if results and all(result.passed for result in results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SandboxError as error:
        sys.exit(f"sandbox: {error}")
