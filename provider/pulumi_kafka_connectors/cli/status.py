"""`pulumi-kafka-connectors status`: connectors and tasks as a table, as JSON, as metrics, once or again and again."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from pulumi_kafka_connectors.cli import metrics, report, table, watching
from pulumi_kafka_connectors.cli.options import add_command, seconds
from pulumi_kafka_connectors.cli.watching import Look, Show
from pulumi_kafka_connectors.cli.workers import answering
from pulumi_kafka_connectors.connect import Busy, Indeterminate, Unreachable
from pulumi_kafka_connectors.core.operation import Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

PATIENCE: Final = 2.0
"""Seconds after which a worker that does not answer is told, unless `--timeout` says otherwise."""
_EVERY: Final = 2.0


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(commands, "status", run, common, "show connectors and tasks; exits with 1 when something failed")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these connectors")
    parser.add_argument("--trace", action="store_true", help="show whole stack traces instead of their root causes")
    parser.add_argument("--prometheus", action="store_true", help="write metrics in the Prometheus text format")
    parser.add_argument(
        "--watch",
        type=seconds,
        nargs="?",
        const=_EVERY,
        metavar="SECONDS",
        help="look again every 2 seconds (or as given) until Ctrl-C",
    )
    parser.set_defaults(patience=PATIENCE, check=partial(_check, parser), no_worker=_no_worker)


def _check(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    if asked.prometheus and (asked.json or asked.watch or asked.trace):
        parser.error("--prometheus excludes --json, --trace and --watch")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Show what the arguments ask for.

    Returns:
        1 when something failed or was not found, else 0; with `--watch`, as of the last look.

    Raises:
        ConnectError: no worker answers.
    """
    if asked.watch is not None:
        look = partial(_look, operation, asked)
        return watching.watch(look, _screen(asked), asked.watch, asked.deadline, operation.cluster.clock)
    seen = Look(report.look(operation, asked.names))
    if asked.prometheus:
        print(metrics.exposition(seen.shown), end="")
    else:
        _show(asked, table.console() if not asked.json and sys.stdout.isatty() else None, seen)
    return seen.code


def _no_worker(asked: argparse.Namespace) -> None:
    """Write what is to be written although no worker answers."""
    if asked.prometheus:
        print(metrics.silence(), end="")


def _look(operation: Operation, asked: argparse.Namespace) -> Look:
    """A look that lasts as long as a worker may take to answer."""
    try:
        answering(operation.cluster.client, PATIENCE)
        return Look(report.look(operation, asked.names))
    except (Busy, Indeterminate, Unreachable) as problem:
        return Look(problem=operation.format_error(problem))


@contextmanager
def _screen(asked: argparse.Namespace) -> Iterator[Show]:
    """What shows one look after the other: in the same place of a terminal, else below each other."""
    console = table.console()
    if asked.json or not console.is_terminal:
        yield partial(_show, asked, None)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda seen: live.update(_rendered(asked, seen), refresh=True)


def _rendered(asked: argparse.Namespace, seen: Look) -> RenderableType:
    return Text(seen.problem) if seen.problem else table.rich_table(seen.shown, whole_traces=asked.trace)


def _show(asked: argparse.Namespace, console: Console | None, seen: Look) -> None:
    """Print a look: as JSON on one line for each look of a watch, for a terminal, or in plain columns."""
    if asked.json:
        record = report.as_json(seen.shown, whole_traces=asked.trace)
        record = {"problem": seen.problem} if seen.problem else record
        print(json.dumps(record, indent=None if asked.watch else 2), flush=True)
    elif console is not None:
        console.print(_rendered(asked, seen))
    elif seen.problem:
        print(f"{seen.problem}\n" if asked.watch else seen.problem, flush=True)
    else:
        text = table.plain(seen.shown, whole_traces=asked.trace)
        print(text, end="\n" if asked.watch else "", flush=True)
