"""A PostgreSQL server on loopback, with logical replication for Debezium."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox import tools
from sandbox.errors import SandboxError
from sandbox.processes import TrackedProcess, free_port, port_taken, wait
from sandbox.tools import print_progress

_NOBODY = 65534


@dataclass
class Postgres:
    """A server with the user `postgres` and this password; stopping it deletes its data."""

    folder: Path
    password: str
    port: int = 0
    _home: Path | None = None

    @property
    def process(self) -> TrackedProcess:
        """The server process."""
        return TrackedProcess(self.folder, "postgres")

    def start(self) -> None:
        """Initialize a database, start the server and wait until it accepts connections.

        Raises:
            SandboxError: it does not start; with the end of its log.
        """
        programs = tools.postgres()
        print_progress("starting PostgreSQL")
        # The server refuses to run as root; the user that runs it must be able to read its files.
        self._home = Path(tempfile.mkdtemp(prefix="postgres-"))
        shutil.copytree(programs, self._home / "server", symlinks=True)
        (self._home / "password").write_text(self.password)
        self._own(self._home)
        bin_, data = self._home / "server" / "bin", self._home / "data"
        initdb = [str(bin_ / "initdb"), "-D", str(data), "-U", "postgres", "-A", "scram-sha-256"]
        result = subprocess.run(
            self._as_nobody([*initdb, f"--pwfile={self._home / 'password'}", "--encoding=UTF8", "--locale=C", "--no-sync"]),
            capture_output=True,
            text=True,
            check=False,
            cwd=self._home,
        )
        if result.returncode != 0:
            raise SandboxError(f"the database could not be initialized: {result.stderr.strip()[-300:]}")
        self.port = free_port()
        settings = {"wal_level": "logical", "listen_addresses": "127.0.0.1", "fsync": "off", "unix_socket_directories": ""}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.process.start(self._as_nobody([str(bin_ / "postgres"), "-D", str(data), "-p", str(self.port), *options]))
        wait(self.process, "PostgreSQL", lambda: port_taken(self.port))

    def stop(self) -> None:
        """Stop the server and delete its data."""
        self.process.stop()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)

    @staticmethod
    def _as_nobody(argv: list[str]) -> list[str]:
        if os.getuid() != 0:
            return argv
        return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *argv]

    @staticmethod
    def _own(home: Path) -> None:
        if os.getuid() == 0:
            for path in (home, *home.rglob("*")):
                os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
