"""Compares the front ends on an instant fake worker: `python -m benchmarks.front_ends`.

Nothing is waited for, so that what is measured is the engine, the program and the provider process. The worker runs in a
process of its own. The table that it prints is in docs/front-ends.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from sandbox import languages
from tests.support.engine import Project
from tests.support.worker import fake_worker

_CONFIG: Final = {"connector.class": "testing.FaultySource", "tasks.max": "1", "rate": "5", "topic": "t"}
_OPERATIONS: Final = ("preview", "create", "one key of all", "refresh", "destroy")
_PROCESSES: Final = {"dynamic": ["pulumi.dynamic", "", "{}"], "plugin": ["pulumi_kafka_connectors.plugin", "127.0.0.1:1"]}


@contextmanager
def _worker() -> Iterator[str]:
    """An instant fake worker in a process of its own; yields its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(pipe: Connection) -> None:
    with fake_worker() as worker:
        pipe.send(worker.url)
        pipe.recv()


def _python(rate: str, count: int) -> str:
    config = {**_CONFIG, "rate": rate}
    return f"for number in range({count}):\n    kc.Connector(f'c{{number}}', config={config!r}, wait=False)\n"


def _yaml(name: str, rate: str, count: int) -> str:
    config = {**_CONFIG, "rate": rate}
    resources = {
        f"c{number}": {"type": "kafka-connectors:Connector", "properties": {"config": config, "wait": False}}
        for number in range(count)
    }
    return json.dumps({"name": name, "runtime": "yaml", "resources": resources})


class _Candidate:
    """A project of one front end and language."""

    def __init__(self, name: str, folder: Path, url: str, count: int) -> None:
        self.name, self._count = name, count
        front_end, _, self._language = name.partition(", ")
        self._project = Project(folder / name.replace(", ", "-"), folder / "box", url, front_end=front_end)
        if self._language == "YAML":
            self._project.environment = languages.environment(folder / "box", "yaml")
            (self._project.folder / "__main__.py").unlink()

    def _declare(self, rate: str) -> None:
        if self._language == "YAML":
            (self._project.folder / "Pulumi.yaml").write_text(_yaml(self._project.folder.name, rate, self._count))
        else:
            self._project.program(_python(rate, self._count))

    def round(self) -> tuple[dict[str, float], float]:
        """Seconds of every operation, and the bytes of state for each resource."""
        took: dict[str, float] = {}
        self._declare("5")
        took["create"] = self._seconds("up", "--yes", "--skip-preview")
        took["preview"] = self._seconds("preview", "--expect-no-changes")
        took["refresh"] = self._seconds("refresh", "--yes", "--skip-preview", "--expect-no-changes")
        size = len(json.dumps(self._project.state()["deployment"]["resources"])) / self._count
        self._declare("6")
        took["one key of all"] = self._seconds("up", "--yes", "--skip-preview")
        took["destroy"] = self._seconds("destroy", "--yes", "--skip-preview")
        return took, size

    def _seconds(self, *command: str) -> float:
        began = time.monotonic()
        self._project.run(*command)
        return time.monotonic() - began


def _start(front_end: str) -> float:
    """Seconds from the start of a provider process to the port that it prints."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", *_PROCESSES[front_end]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    took = time.monotonic() - began
    process.kill()
    process.wait()
    return took


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure every front end in turn, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="number of connectors")
    parser.add_argument("--repeats", type=int, default=5, help="rounds for each front end")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    with _worker() as url:
        candidates = [_Candidate(name, folder, url, args.count) for name in ("dynamic", "plugin", "plugin, YAML")]
        rounds = [[candidate.round() for candidate in candidates] for _ in range(args.repeats)]
    shutil.rmtree(folder)
    print(_row("", [candidate.name for candidate in candidates]))
    print("|---" * (len(candidates) + 1) + "|")
    for operation in _OPERATIONS:
        medians = [statistics.median(done[at][0][operation] for done in rounds) for at in range(len(candidates))]
        print(_row(operation, [f"{median:.1f} s" for median in medians]))
    print(_row("state per resource", [f"{rounds[-1][at][1]:,.0f} B" for at in range(len(candidates))]))
    starts = {front_end: statistics.median(_start(front_end) for _ in range(9)) for front_end in _PROCESSES}
    print(_row("start of the process", [f"{starts[candidate.name.partition(',')[0]]:.2f} s" for candidate in candidates]))


if __name__ == "__main__":
    main()
