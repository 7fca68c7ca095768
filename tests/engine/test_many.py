"""A thousand connectors in one program."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.engine.conftest import MakeProject
from tests.support.worker import fake_worker

PROGRAM = """
    for number in range({count}):
        kc.Connector(f"c{{number}}", config={{"connector.class": "testing.FaultySource", "rate": number, "db.password": "p"}})
"""
GROWTH = 40_000
"""KiB that a plugin process may grow by, from ten connectors to a thousand."""


class Peak:
    """Highest resident memory, in KiB, of the plugin processes of one project."""

    def __init__(self, folder: Path) -> None:
        self.kib = 0
        self._folder = folder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:  # noqa: PYI034 - Self is of Python 3.11
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            for process in Path("/proc").iterdir():
                try:
                    if (
                        b"pulumi.dynamic" in (process / "cmdline").read_bytes()
                        and (process / "cwd").readlink() == self._folder
                    ):
                        status = (process / "status").read_text()
                        self.kib = max(self.kib, int(status.split("VmHWM:")[1].split()[0]))
                except (OSError, IndexError):
                    continue


def test_a_thousand_connectors_preview_refresh_and_keep_memory_flat(project_at: MakeProject) -> None:
    # The cluster is not what is tested here, and a thousand real connectors would take minutes and gigabytes.
    with fake_worker() as worker:
        project = project_at(worker.url)
        # The engine writes the whole state after every step; without that, time does not grow with the square.
        quick = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        peaks = []
        for count in (10, 1000):
            project.program(PROGRAM.format(count=count))
            with Peak(project.folder) as peak:
                project.run("up", "--yes", "--skip-preview", env=quick)
                worker.requests.clear()
                project.run("preview", "--expect-no-changes")
                assert worker.requests == []
                project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", env=quick)
            peaks.append(peak.kib)
            assert len(worker.connectors) == count
            # One listing serves all who read within half a second.
            assert {request.line for request in worker.requests} == {"GET /connectors"}
            assert len(worker.requests) < 60
        assert peaks[1] - peaks[0] < GROWTH, peaks
        worker.requests.clear()
        project.run("destroy", "--yes", "--skip-preview", env=quick)
        assert worker.connectors == {}
