"""Command line of the benchmark: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import itertools
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from benchmarks import cluster, engine, report, terraform
from benchmarks.limit import Limit
from benchmarks.measure import Contestant, Sample, round_of
from sandbox.cluster import HEAP, Sandbox

HERE = Path(__file__).resolve().parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100, 300], help="how many connectors")
    parser.add_argument("--workers", type=int, nargs="+", choices=(1, 2, 3), default=[1, 3], help="sizes of clusters")
    parser.add_argument("--kinds", nargs="+", choices=cluster.KINDS, default=list(cluster.KINDS))
    parser.add_argument("--repeats", type=int, default=5, help="rounds of each contestant")
    parser.add_argument("--heap", default=HEAP, help="of each worker; for 1,000 connectors 2g")
    parser.add_argument("--only", nargs="+", help="contestants, by the start of their names")
    parser.add_argument("--threads", action="store_true", help="measure worker threads and --parallel instead")
    parser.add_argument("--keep", action="store_true", help="go on with the last run: only rounds that are missing")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".sandbox" / "benchmark", help="for all data")
    parser.add_argument("--samples", type=Path, default=HERE / "samples", help="folder of the samples")
    parser.add_argument("--page", type=Path, default=HERE / "RESULTS.md", help="where the tables are written to")
    parser.add_argument("--tables", action="store_true", help="only write the tables anew")
    return parser.parse_args()


def _contestants(folder: Path) -> Iterator[Contestant]:
    yield Limit()
    yield engine.floor(folder)
    yield engine.ours(folder)
    yield engine.ours(folder, "ours no wait", wait=False)
    if terraform.version() is not None:
        terraform.provider()
        yield terraform.Terraform(folder)


def _with_threads(folder: Path) -> Iterator[Contestant]:
    for threads, parallel in ((0, 0), (16, 0), (64, 0), (16, 16), (64, 32), (64, 64)):
        flags = ["--parallel", str(parallel)] if parallel else []
        name = f"{threads or 'host'} threads, {parallel or 'default'} parallel"
        yield engine.ours(folder, name, flags=flags, threads=threads)


def main() -> None:
    """Measure, one contestant after the other, and write the tables."""
    given = _arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    given.samples.mkdir(parents=True, exist_ok=True)
    times, threads = (report.Results(given.samples / f"{name}.json") for name in ("times", "threads"))
    if not given.tables:
        results = threads if given.threads else times
        if not given.keep:
            results.clear()
        _measure(given, results)
    report.write(times, threads, given.page)


def _measure(given: argparse.Namespace, results: report.Results) -> None:
    box = Sandbox(given.folder.resolve())
    box.purge()
    made = list((_with_threads if given.threads else _contestants)(box.folder))
    made = [one for one in made if not given.only or one.name.startswith(tuple(given.only))]
    try:
        clusters = [cluster.start(box, count, given.heap) for count in given.workers]
        _warm(clusters)
        for done in range(given.repeats):
            for on, kind, count in itertools.product(clusters, given.kinds, given.counts):
                # Each goes first in some round, so that what grows or warms up favours nobody.
                for contestant in made[done % len(made) :] + made[: done % len(made)]:
                    if len(results.of((len(on.workers), kind, count), contestant.name, "create")) <= done:
                        samples = round_of(contestant, on, kind, count)
                        results.add(samples)
                        _say(samples)
    finally:
        box.down()
    shutil.rmtree(box.folder, ignore_errors=True)


def _warm(clusters: list[cluster.Cluster]) -> None:
    """Let the workers' Java compile itself before anybody is measured."""
    for on in clusters:
        for _ in range(3):
            round_of(Limit(), on, "instant", 50)


def _say(samples: list[Sample]) -> None:
    first = samples[0]
    took = ", ".join(f"{sample.operation} {sample.seconds:.2f}" for sample in samples)
    print(f"{first.workers} workers, {first.count} {first.kind}, {first.contestant}: {took}", flush=True)


if __name__ == "__main__":
    main()
