"""A thousand connectors in one program."""

from __future__ import annotations

from sandbox.processes import PeakMemory
from tests.engine.conftest import MakeProject
from tests.support.engine import both_front_ends
from tests.support.worker import fake_worker

pytestmark = both_front_ends

PROGRAM = """
    for number in range({count}):
        kc.Connector(f"c{{number}}", config={{"connector.class": "testing.FaultySource", "rate": number, "db.password": "p"}})
"""
GROWTH = 40_000
"""The maximum growth of a plugin process from ten connectors to a thousand, in KiB."""


def test_a_thousand_connectors_preview_refresh_and_keep_memory_flat(project_at: MakeProject) -> None:
    # A fake worker, since a thousand real connectors would take minutes and gigabytes.
    with fake_worker() as worker:
        project = project_at(worker.url)
        # Otherwise the engine would write the whole state after every step, which takes quadratic time.
        skip_checkpoints = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        peaks = []
        for count in (10, 1000):
            project.program(PROGRAM.format(count=count))
            with PeakMemory(project.process, None if project.front_end == "plugin" else project.folder) as peak:
                project.run("up", "--yes", "--skip-preview", env=skip_checkpoints)
                worker.requests.clear()
                project.run("preview", "--expect-no-changes")
                assert worker.requests == []
                project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", env=skip_checkpoints)
            peaks.append(peak.kib)
            assert len(worker.connectors) == count
            # Reads share a listing; only the first concurrent operations request the cluster id.
            assert {request.line for request in worker.requests} == {"GET /", "GET /connectors"}
            assert len(worker.requests) < 60
        assert peaks[1] - peaks[0] < GROWTH, peaks
        worker.requests.clear()
        project.run("destroy", "--yes", "--skip-preview", env=skip_checkpoints)
        assert worker.connectors == {}
