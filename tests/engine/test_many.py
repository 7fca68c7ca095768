"""A thousand connectors in one program."""

from __future__ import annotations

from sandbox.processes import Peak
from tests.engine.conftest import MakeProject
from tests.support.worker import fake_worker

PROGRAM = """
    for number in range({count}):
        kc.Connector(f"c{{number}}", config={{"connector.class": "testing.FaultySource", "rate": number, "db.password": "p"}})
"""
GROWTH = 40_000
"""KiB by which a plugin process may grow from ten connectors to a thousand."""


def test_a_thousand_connectors_preview_refresh_and_keep_memory_flat(project_at: MakeProject) -> None:
    # The cluster is not under test here, and a thousand real connectors would take minutes and gigabytes.
    with fake_worker() as worker:
        project = project_at(worker.url)
        # The engine writes the whole state after every step; without that, time does not grow with the square.
        quick = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        peaks = []
        for count in (10, 1000):
            project.program(PROGRAM.format(count=count))
            with Peak("pulumi.dynamic", project.folder) as peak:
                project.run("up", "--yes", "--skip-preview", env=quick)
                worker.requests.clear()
                project.run("preview", "--expect-no-changes")
                assert worker.requests == []
                project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", env=quick)
            peaks.append(peak.kib)
            assert len(worker.connectors) == count
            # Reads within half a second share one listing.
            # The id of the cluster is requested by the operations that start at the same moment, and by no later one.
            assert {request.line for request in worker.requests} == {"GET /", "GET /connectors"}
            assert len(worker.requests) < 60
        assert peaks[1] - peaks[0] < GROWTH, peaks
        worker.requests.clear()
        project.run("destroy", "--yes", "--skip-preview", env=quick)
        assert worker.connectors == {}
