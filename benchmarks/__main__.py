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
from benchmarks.measure import Candidate, Sample, run_round
from sandbox.cluster import HEAP, Sandbox

HERE = Path(__file__).resolve().parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 10, 100, 300], help="numbers of connectors")
    parser.add_argument("--workers", type=int, nargs="+", choices=(1, 2, 3), default=[1, 3], help="numbers of workers")
    parser.add_argument("--kinds", nargs="+", choices=cluster.KINDS, default=list(cluster.KINDS))
    parser.add_argument("--repeats", type=int, default=5, help="rounds per candidate")
    parser.add_argument("--heap", default=HEAP, help="maximum heap of each worker; 2g for 1,000 connectors")
    parser.add_argument("--only", nargs="+", help="candidates to measure, by prefix of their names")
    parser.add_argument("--threads", action="store_true", help="measure worker threads and --parallel instead")
    parser.add_argument("--keep", action="store_true", help="continue the last run: measure only the missing rounds")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".sandbox" / "benchmark", help="folder for all data")
    parser.add_argument("--samples", type=Path, default=HERE / "samples", help="folder for the samples")
    parser.add_argument("--page", type=Path, default=HERE / "RESULTS.md", help="file for the tables")
    parser.add_argument("--tables", action="store_true", help="only rewrite the tables")
    return parser.parse_args()


def _candidates(folder: Path) -> Iterator[Candidate]:
    yield Limit()
    yield engine.floor(folder)
    yield engine.ours(folder)
    yield engine.ours(folder, "ours no wait", wait=False)
    yield from engine.plugins(folder)
    if terraform.version() is not None:
        terraform.provider()
        yield terraform.Terraform(folder)


def _with_threads(folder: Path) -> Iterator[Candidate]:
    for threads, parallel in ((0, 0), (16, 0), (64, 0), (16, 16), (64, 32), (64, 64)):
        flags = ["--parallel", str(parallel)] if parallel else []
        name = f"{threads or 'host'} threads, {parallel or 'default'} parallel"
        yield engine.ours(folder, name, flags=flags, threads=threads)


def main() -> None:
    """Measure all candidates and write the tables."""
    args = _arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    args.samples.mkdir(parents=True, exist_ok=True)
    times, threads = (report.Results(args.samples / f"{name}.json") for name in ("times", "threads"))
    if not args.tables:
        results = threads if args.threads else times
        if not args.keep:
            results.clear()
        _measure(args, results)
    report.write(times, threads, args.page)


def _measure(args: argparse.Namespace, results: report.Results) -> None:
    box = Sandbox(args.folder.resolve())
    box.purge()
    candidates = list((_with_threads if args.threads else _candidates)(box.folder))
    candidates = [one for one in candidates if not args.only or one.name.startswith(tuple(args.only))]
    try:
        clusters = [cluster.start(box, count, args.heap) for count in args.workers]
        _warm_up(clusters)
        for done in range(args.repeats):
            for target, kind, count in itertools.product(clusters, args.kinds, args.counts):
                # Each candidate goes first in some round, so that growing logs or warm caches favour none of them.
                for candidate in candidates[done % len(candidates) :] + candidates[: done % len(candidates)]:
                    if len(results.of((len(target.workers), kind, count), candidate.name, "create")) <= done:
                        samples = run_round(candidate, target, kind, count)
                        results.add(samples)
                        _print(samples)
    finally:
        box.down()
    shutil.rmtree(box.folder, ignore_errors=True)


def _warm_up(clusters: list[cluster.Cluster]) -> None:
    """Warm up the JVMs of the workers before the first measurement."""
    for target in clusters:
        for _ in range(3):
            run_round(Limit(), target, "instant", 50)


def _print(samples: list[Sample]) -> None:
    first = samples[0]
    took = ", ".join(f"{sample.operation} {sample.seconds:.2f}" for sample in samples)
    print(f"{first.workers} workers, {first.count} {first.kind}, {first.candidate}: {took}", flush=True)


if __name__ == "__main__":
    main()
