"""Samples kept as JSON, and the tables made of them."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from benchmarks import plot, terraform
from benchmarks.measure import Sample
from sandbox import engine
from sandbox.tools import KAFKA_VERSION

OPERATIONS = {
    "create": "create all",
    "preview": "preview, unchanged",
    "refresh": "refresh, unchanged",
    "update": "one key of all",
    "destroy": "delete all",
}
_TIMED = {**OPERATIONS, "create": "create all (`limit`: and all tasks run)"}
COLUMNS = ("limit", "floor", "terraform", "ours no wait", "ours")
_BOUNDS = (("limit",), ("floor",), ("limit", "floor"), ("terraform",))
"""What our times are divided by."""
Cell = tuple[int, str, int]


class Results:
    """All samples, in a file that is whole after every round."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.samples: list[Sample] = []
        if file.exists():
            self.samples = [Sample(**entry) for entry in json.loads(file.read_text())]

    def clear(self) -> None:
        """Forget what was measured before."""
        self.samples = []

    def add(self, samples: list[Sample]) -> None:
        """Keep these too."""
        self.samples += samples
        lines = ",\n".join(json.dumps(asdict(sample)) for sample in self.samples)
        self._file.write_text(f"[\n{lines}\n]\n")

    def cells(self) -> list[Cell]:
        """Which clusters, kinds and counts were measured."""
        return sorted({(s.workers, s.kind, s.count) for s in self.samples}, key=lambda c: (c[1] != "instant", c[0], c[2]))

    def of(self, cell: Cell, contestant: str, operation: str) -> list[Sample]:
        """The samples of one number of a table."""
        named = (*cell, contestant, operation)
        return [s for s in self.samples if (s.workers, s.kind, s.count, s.contestant, s.operation) == named]


def median(samples: Iterable[Sample]) -> float:
    """Of their seconds."""
    return statistics.median(sample.seconds for sample in samples)


def _shown(samples: Sequence[Sample]) -> str:
    if not samples:
        return ""
    seconds = [sample.seconds for sample in samples]
    return f"{median(samples):.2f} ({min(seconds):.2f}-{max(seconds):.2f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def write(results: Results, threads: Results, page: Path) -> None:
    """Write the page and its plots."""
    parts = [
        "# Results\n",
        "Made by `make bench`; not edited by hand. What is measured, and how to read it: [README](README.md).\n",
        _table(["", ""], _machine()),
        "Seconds: the median, and in brackets the fastest and the slowest round.\n",
    ]
    for cell in results.cells():
        rounds = len(results.of(cell, "ours", "create"))
        parts += [f"## {_title(cell)}\n", f"Rounds of each: {rounds}.\n", _table(*_times(results, cell))]
    parts += ["## Growth\n", "Milliseconds for each connector, `ours` and Terraform; flat is linear growth.\n"]
    parts += [_table(*_growth(results)), *plot.write(results, page.parent / "plots")]
    parts += ["## REST calls for each connector\n", _table(*_calls(results))]
    parts += ["## Peak memory of the plugin process, MiB\n", _table(*_memory(results))]
    if threads.samples:
        parts += ["## Threads of the plugin process and `--parallel`\n", _table(*_threads(threads))]
    page.write_text("\n".join(parts))


def _machine() -> list[tuple[str, str]]:
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), "")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    return [
        ("date", datetime.now(timezone.utc).strftime("%Y-%m-%d")),
        (
            "machine",
            f"{model or platform.machine()}, {info.count('processor	:')} cores, {memory} GiB, shared by all parts",
        ),
        ("Kafka broker and workers", KAFKA_VERSION),
        ("Pulumi engine, SDK, Python", f"{engine.VERSION}, {version('pulumi')}, {platform.python_version()}"),
        ("Terraform, provider", f"{terraform.version() or 'no `terraform` on PATH'}, Mongey {terraform.VERSION}"),
    ]


def _title(cell: Cell) -> str:
    workers, kind, count = cell
    kinds = {"instant": "instant", "filestream": "FileStream"}
    return f"{count} {kinds[kind]} connector{'s' * (count > 1)}, {workers} worker{'s' * (workers > 1)}"


def _times(results: Results, cell: Cell) -> tuple[list[str], list[list[str]]]:
    rows = []
    for operation, label in _TIMED.items():
        found = {name: results.of(cell, name, operation) for name in COLUMNS}
        if operation == "create":
            found["limit"] = results.of(cell, "limit", "running")
        ours = found["ours"]
        bounds = [sum(median(found[name]) for name in names if found[name]) for names in _BOUNDS]
        ratios = [f"{median(ours) / bound:.2f}" if ours and bound else "" for bound in bounds]
        unwaited = found["ours no wait"] or ours
        ratios += [f"{median(unwaited) / median(found['terraform']):.2f}" if unwaited and found["terraform"] else ""]
        rows.append([label, *(_shown(found[name]) for name in COLUMNS), *ratios])
    heads = [f"ours / {' + '.join(names)}" for names in _BOUNDS]
    return ["", *COLUMNS, *heads, "no wait / terraform"], rows


def _growth(results: Results) -> tuple[list[str], list[list[str]]]:
    counts = sorted({cell[2] for cell in results.cells()})
    rows = []
    for workers, kind in dict.fromkeys((cell[0], cell[1]) for cell in results.cells()):
        for operation, label in OPERATIONS.items():
            for name in ("ours", "terraform"):
                found = [results.of((workers, kind, count), name, operation) for count in counts]
                shown = [f"{1000 * median(s) / count:.0f}" if s else "" for s, count in zip(found, counts, strict=True)]
                rows.append([f"{kind}, {workers} worker{'s' * (workers > 1)}", label, name, *shown])
    return ["", "", "", *(f"N = {count}" for count in counts)], rows


def _calls(results: Results) -> tuple[list[str], list[list[str]]]:
    names = ("terraform", "ours no wait", "ours")
    cells = [cell for cell in results.cells() if cell[:2] == (1, "instant")] or results.cells()
    largest = max(cells, key=lambda cell: (sum(bool(results.of(cell, name, "create")) for name in names), cell[2]))
    rows = []
    for operation, label in OPERATIONS.items():
        row = [label]
        for name in names:
            samples = results.of(largest, name, operation)
            verbs = sorted({verb for sample in samples for verb in sample.calls})
            each = {verb: statistics.median(s.calls.get(verb, 0) for s in samples) / largest[2] for verb in verbs}
            row.append(", ".join(f"{verb} {number:.2f}" for verb, number in each.items() if number >= 0.005))
        rows.append(row)
    return [_title(largest), *names], rows


def _memory(results: Results) -> tuple[list[str], list[list[str]]]:
    counts = sorted({cell[2] for cell in results.cells()})
    rows = []
    for name in ("floor", "ours", "terraform"):
        for operation in ("create", "preview", "refresh"):
            peaks = []
            for count in counts:
                found = [s.peak for s in results.samples if (s.contestant, s.operation, s.count) == (name, operation, count)]
                peaks.append(f"{max(found) / 1024:.0f}" if found else "")
            rows.append([name, OPERATIONS[operation], *peaks])
    return ["", "", *(f"N = {count}" for count in counts)], rows


def _threads(results: Results) -> tuple[list[str], list[list[str]]]:
    rows = []
    names = list(dict.fromkeys(sample.contestant for sample in results.samples))
    operations = ("create", "refresh", "update", "destroy")
    for cell in results.cells():
        rows += [[_title(cell), name, *(_shown(results.of(cell, name, one)) for one in operations)] for name in names]
    return ["", "", *(OPERATIONS[one] for one in operations)], rows
