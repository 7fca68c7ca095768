"""`pulumi-kafka-connectors restart`: restarts connectors, or what of them failed, and waits until they run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.cli.healing import Healing, Wanted, sentence
from pulumi_kafka_connectors.cli.options import FAILED, OK, add_command
from pulumi_kafka_connectors.cli.recovery import Outcome, Result
from pulumi_kafka_connectors.core.operation import Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_ROUNDS: Final = 3


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    text = "restart connectors, or what of them failed, and wait until they run"
    parser = add_command(commands, "restart", run, common, text)
    parser.add_argument("names", nargs="*", metavar="NAME", help="these connectors (with --failed default: all)")
    parser.add_argument("--failed", action="store_true", help="restart only connector instances and tasks that failed")
    parser.add_argument(
        "--max-restarts",
        type=_count,
        metavar="N",
        help=f"how often to restart what fails again (default: {_ROUNDS} with --failed, else 1)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be restarted")
    parser.set_defaults(check=partial(_check, parser))


def _check(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    if not asked.failed and not asked.names:
        parser.error("give the names of connectors, or --failed")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Restart what the arguments ask for, and tell what became of it.

    Returns:
        0 when everything asked for runs at the end, else 1. With `--failed`, what is paused or stopped does not count.

    Raises:
        ConnectError: no worker answers.
    """
    rounds = asked.max_restarts or (_ROUNDS if asked.failed else 1)
    healing = Healing(operation, Wanted(asked.names, asked.failed, rounds, asked.deadline), _quiet if asked.json else _tell)
    names = healing.look()
    if not asked.dry_run:
        healing.run(names)
    results = [one for name, one in healing.results.items() if name in names or _counts(one, only_failed=asked.failed)]
    if asked.json:
        print(json.dumps(as_json(results, names, dry_run=asked.dry_run), indent=2))
    else:
        _tell_rest(results, names, dry_run=asked.dry_run)
    return code_of(results, only_failed=asked.failed)


def _tell_rest(results: Sequence[Result], names: Sequence[str], *, dry_run: bool) -> None:
    """Tell what was not told while it went on."""
    for result in results:
        if result.shown.name not in names:
            _tell(sentence(result))
        elif dry_run:
            _tell(f"would restart {result.shown.label}{f': {result.reason}' if result.reason else ''}")
    if not results:
        _tell("nothing has failed")


def code_of(results: Sequence[Result], *, only_failed: bool) -> int:
    """The exit code. Pure."""
    fine = {Outcome.RUNNING, Outcome.HELD} if only_failed else {Outcome.RUNNING}
    return OK if all(result.outcome in fine for result in results) else FAILED


def as_json(results: Sequence[Result], names: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
    """What `--json` writes. Pure."""
    return {"dryRun": dry_run, "connectors": [_as_json(result, chosen=result.shown.name in names) for result in results]}


def _as_json(result: Result, *, chosen: bool) -> Mapping[str, Any]:
    return {
        "name": result.shown.name,
        "chosen": chosen,
        "restarts": result.restarts,
        "failures": list(result.failures),
        "outcome": result.outcome.value,
        "reason": result.reason,
    }


def _counts(result: Result, *, only_failed: bool) -> bool:
    """Whether a connector that is not restarted is part of the result: it is not there, or is left alone."""
    left_alone = result.outcome is Outcome.HELD and (bool(result.failures) or not only_failed)
    return left_alone or result.outcome is Outcome.MISSING


def _count(text: str) -> int:
    """A number of at least 1.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a number of at least 1")
    return int(text)


def _tell(text: str) -> None:
    print(text, flush=True)


def _quiet(_text: str) -> None:
    """With `--json` only the result is written."""
