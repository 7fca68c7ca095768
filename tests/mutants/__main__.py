"""Random breaks of `core` and `connect`, and whether unit and wire tests notice: `python -m tests.mutants --help`."""

from __future__ import annotations

import argparse
import queue
import random
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.mutants import sites
from tests.mutants.workshop import PACKAGE, Unusable, Workshop

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [f"provider/{PACKAGE}/core", f"provider/{PACKAGE}/connect"]
ENOUGH = 90


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeats a run of the same code; random unless given")
    parser.add_argument("--count", type=int, default=100, help="how many breaks are tried (default: 100)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time, each in a copy of the tree (default: 2)")
    return parser.parse_args(given)


def chosen(found: list[sites.Mutant], count: int, seed: int) -> list[sites.Mutant]:
    """A sample in which every break of every file is as likely as any other."""
    return random.Random(seed).sample(found, min(count, len(found)))


def summary(noticed: int, count: int, seed: int) -> str:
    return f"noticed {noticed} of {count} (seed {seed})"


def enough(noticed: int, count: int) -> bool:
    return noticed * 100 >= count * ENOUGH


def run(seed: int, count: int, jobs: int, folder: Path) -> int:
    shops: list[Workshop] = []
    pool = ThreadPoolExecutor(jobs)
    try:
        shops.append(Workshop(ROOT, folder / "1"))
        shops.extend(Workshop(shops[0].folder, folder / str(number)) for number in range(2, jobs + 1))
        sample = chosen(sites.of_folders(shops[0].folder, FOLDERS), count, seed)
        took = shops[0].verify()
        print(f"{len(sample)} breaks, {jobs} at a time; without any, the tests pass in {took:.0f} s", flush=True)
        free: queue.SimpleQueue[Workshop] = queue.SimpleQueue()
        for shop in shops:
            shop.limit = max(120.0, 4 * took)
            free.put(shop)

        def tried(mutant: sites.Mutant) -> bool:
            shop = free.get()
            try:
                return shop.notices(mutant)
            finally:
                free.put(shop)

        waiting = {pool.submit(tried, mutant): mutant for mutant in sample}
        noticed = 0
        for done in as_completed(waiting):
            noticed += done.result()
            if not done.result():
                print(waiting[done], flush=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for shop in shops:
            shop.stop()
        pool.shutdown()
    print(summary(noticed, len(sample), seed))
    return 0 if enough(noticed, len(sample)) else 1


def main() -> int:
    given = arguments()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10_000)
    print(f"seed {seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            code = run(seed, given.count, given.jobs, Path(folder))
    except Unusable as problem:
        sys.exit(str(problem))
    print(f"{time.monotonic() - started:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
