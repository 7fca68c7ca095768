"""Two programs, three workers, random operations and random kills: `python -m tests.soak --help`."""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from pulumi_kafka_connectors.connect import Client, Retry, Settings
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.spec import differing_keys, own_config
from sandbox import tools
from sandbox.cluster import Sandbox, Worker, start_all
from tests.soak import changes, chaos, fuzz, machine
from tests.support.engine import Project
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
STATES = ["running", "paused", "stopped", None]
Declared = dict[str, dict[str, Any]]


class Tally:
    """What the soak prints."""

    def __init__(self) -> None:
        self.rounds = self.operations = self.faults = self.retries = self.mismatches = 0

    def __str__(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in vars(self).items())


def declare(chance: random.Random, prefix: str, before: Declared) -> Declared:
    """The next declaration: some connectors go, some change, some come."""
    kept = {name: dict(entry) for name, entry in before.items() if chance.random() > 0.2}
    for entry in kept.values():
        if chance.random() < 0.5:
            entry["config"] = {**entry["config"], "rate": chance.randrange(1000), "tasks.max": chance.randrange(1, 4)}
        if chance.random() < 0.3:
            entry["state"] = chance.choice(STATES[:3])
        if chance.random() < 0.2:
            entry["restart"] = chance.randrange(1000)
    while len(kept) < 8:
        name = f"{prefix}-{chance.randrange(10**6)}"
        config = {"connector.class": "testing.FaultySource", "rate": 1, "tasks.max": 1, "db.password": f"p-{name}"}
        kept[name] = {"config": config, "state": chance.choice(STATES)}
    return kept


def program(declared: Declared) -> str:
    return "".join(
        f"kc.Connector({name!r}, **{ {key: value for key, value in entry.items() if value is not None}!r})\n"
        for name, entry in declared.items()
    )


def mismatches(client: Client, declared: Declared) -> list[str]:
    """Everything that is not as declared, exactly."""
    found = client.expanded(status=True, info=True)
    wrong = [f"{name} is left over" for name in found.keys() - declared.keys()]
    for name, entry in declared.items():
        live = found.get(name)
        if live is None or live.info is None or live.status is None:
            wrong.append(f"{name} is missing")
            continue
        config = {key: str(value) for key, value in entry["config"].items()}
        assert not any(is_mask(value) for value in live.info.config.values())
        wrong += [f"{name}: config {key}" for key in differing_keys(own_config(live.info.config), config)]
        state = live.status.connector.state.word
        if entry["state"] is not None and state != entry["state"]:
            wrong.append(f"{name}: {state} instead of {entry['state']}")
        tasks = [task.state.word for task in live.status.tasks]
        if state == "running" and tasks != ["running"] * int(config["tasks.max"]):
            wrong.append(f"{name}: tasks {tasks}")
    return wrong


def settled(client: Client, declared: Declared) -> list[str]:
    """What is still not as declared when every worker has had time to hear of the last changes."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not mismatches(client, declared), seconds=5)
    return mismatches(client, declared)


def one_round(chance: random.Random, programs: list[tuple[Project, Declared]], workers: list[Worker], tally: Tally) -> None:
    def run(project: Project, declared: Declared) -> None:
        project.program(program(declared))
        for _ in range(3):
            result = project.run("up", "--yes", "--skip-preview", check=False)
            tally.operations += sum(result.output.count(word) for word in (" created (", " updated (", " deleted ("))
            if result.code == 0:
                return
            tally.retries += 1
            print(f"  retried after: {result.errors[:1]}", flush=True)

    threads = [threading.Thread(target=run, args=entry) for entry in programs]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(chance.uniform(1, 5))
        if chance.random() < 0.5:
            victim = chance.choice(workers)
            victim.process.stop(0)
            tally.faults += 1
            victim.start()
    for thread in threads:
        thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--machine", type=int, metavar="STEPS", help="instead: so many steps of the state machine")
    parser.add_argument(
        "--chaos", type=int, metavar="OPERATIONS", nargs="?", const=5000, help="instead: 64 threads, 12 faults"
    )
    parser.add_argument("--fuzz", type=int, metavar="EXAMPLES", help="instead: so many requests of each kind to the plugin")
    parser.add_argument("--kinds", nargs="*", default=[], metavar="KIND", help="with --fuzz: only these kinds")
    parser.add_argument("--changes", type=int, metavar="CHANGES", help="instead: so many changes, half of them fail late")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    if given.machine:
        return machine.run(given.machine, given.seed)
    if given.chaos:
        return chaos.run(given.chaos, given.seed)
    if given.fuzz:
        return fuzz.run(given.fuzz, given.seed, given.kinds)
    if given.changes:
        return changes.run(given.changes)
    chance, tally = random.Random(given.seed), Tally()
    box = Sandbox(ROOT / ".sandbox" / "soak")
    box.purge()
    try:
        box.broker.start()
        connectors = tools.compile_connectors(ROOT / "tests" / "connectors", box.folder / "connectors")
        workers = [Worker(box.folder / "workers", box.broker, "soak", n, plugin_path=[connectors]) for n in (1, 2, 3)]
        start_all(workers)
        urls = tuple(worker.url for worker in workers)
        client = Client(Settings(urls=urls, retry=Retry(seconds=60)))
        projects = [
            Project(box.folder / "programs" / name, box.folder / "engine" / name, ",".join(urls)) for name in ("one", "two")
        ]
        declared: list[Declared] = [{}, {}]
        for number in range(given.rounds):
            declared = [
                declare(chance, project.folder.name, before) for project, before in zip(projects, declared, strict=True)
            ]
            one_round(chance, list(zip(projects, declared, strict=True)), workers, tally)
            wrong = settled(client, {**declared[0], **declared[1]})
            tally.rounds, tally.mismatches = number + 1, tally.mismatches + len(wrong)
            print(f"round {number + 1}: {tally}{''.join(f' | {line}' for line in wrong)}", flush=True)
        for project in projects:
            project.destroy()
        tally.mismatches += len(mismatches(client, {}))
        print(f"soak: {tally}")
    finally:
        box.purge()
        shutil.rmtree(box.folder, ignore_errors=True)
    return 1 if tally.mismatches else 0


if __name__ == "__main__":
    sys.exit(main())
