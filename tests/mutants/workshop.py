"""A copy of the tree in which files are broken and the fast tests run; the working tree is only read."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.mutants.sites import Mutant

PACKAGE = "pulumi_kafka_connectors"
TIERS = ("tests/unit", "tests/wire")
_LEFT = (".git", ".venv", ".sandbox", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".coverage*")
_LEFT_TOO = ("__pycache__", "*.egg-info", "build", "dist")
_OWN = "tests/unit/test_mutants.py"
_NO_TESTS = 5


class Unusable(Exception):
    """A copy that says nothing about the code."""


class Workshop:
    """One copy, used by one job at a time."""

    def __init__(self, root: Path, folder: Path) -> None:
        shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*_LEFT, *_LEFT_TOO), symlinks=True)
        self.folder = folder
        self.limit = 1800.0
        self._running: subprocess.Popen[bytes] | None = None
        self._stamp = 1_000_000_000
        self._stopped = False

    def verify(self) -> float:
        """Seconds that the tests take; they must pass, and must import this copy and not the installed package."""
        code = f"import {PACKAGE}, tests; print({PACKAGE}.__file__); print(tests.__file__)"
        argv = [sys.executable, "-c", code]
        ran = subprocess.run(argv, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False)
        imported = [Path(line).resolve() for line in ran.stdout.splitlines()]
        home = self.folder.resolve()
        if imported != [home / "provider" / PACKAGE / "__init__.py", home / "tests" / "__init__.py"]:
            raise Unusable(f"not the copy is imported: {ran.stdout or ran.stderr}")
        started = time.monotonic()
        output = self.folder.parent / "unbroken.txt"
        if self._run(self._tests(), output) != 0:
            raise Unusable(f"the tests fail without a break:\n{output.read_text(errors='replace')[-3000:]}")
        return time.monotonic() - started

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails, or does not end, with this break."""
        path = self.folder / mutant.path
        source = path.read_text(encoding="utf-8")
        self._write(path, mutant.applied(source))
        try:
            near, far = self._split(path.stem if path.stem != "__init__" else path.parent.name)
            until = time.monotonic() + self.limit
            return any(self._run(files, None, until) != 0 for files in (near, far) if files)
        finally:
            self._write(path, source)

    def stop(self) -> None:
        """End what runs; nothing is started any more."""
        self._stopped = True
        self._end()

    def _write(self, path: Path, text: str) -> None:
        """Each time with a time of its own: bytecode is told from its source by second and size alone."""
        path.write_text(text, encoding="utf-8")
        self._stamp += 1
        os.utime(path, (self._stamp, self._stamp))

    def _tests(self) -> list[str]:
        found = [path for tier in TIERS for path in sorted((self.folder / tier).rglob("test_*.py"))]
        return [name for path in found if (name := str(path.relative_to(self.folder))) != _OWN]

    def _split(self, module: str) -> tuple[list[str], list[str]]:
        """Test files that mention the module, and the others."""
        word = re.compile(rf"\b{re.escape(module)}\b")
        tests = self._tests()
        near = [name for name in tests if word.search((self.folder / name).read_text(encoding="utf-8"))]
        return near, [name for name in tests if name not in near]

    def _run(self, files: list[str], output: Path | None, until: float | None = None) -> int:
        argv = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
        with (output or Path(os.devnull)).open("wb") as sink:
            self._running = subprocess.Popen(
                argv, cwd=self.folder, env=self._environment(), stdout=sink, stderr=sink, start_new_session=True
            )
            if self._stopped:
                self._end()
            try:
                code = self._running.wait(max(0.0, (until or time.monotonic() + self.limit) - time.monotonic()))
            except subprocess.TimeoutExpired:
                code = -signal.SIGKILL
            self._end()
        return 0 if code == _NO_TESTS else code

    def _end(self) -> None:
        """The group too: a test that failed may leave a plugin process behind."""
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

    def _environment(self) -> dict[str, str]:
        paths = os.pathsep.join((str(self.folder / "provider"), str(self.folder)))
        return {**os.environ, "PYTHONPATH": paths, "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / ".hypothesis")}
