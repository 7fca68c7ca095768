"""`pulumi-kafka-connectors loggers`: log levels of the workers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.cli.options import FAILED, OK, PROGRAM, add_command
from pulumi_kafka_connectors.cli.report import line
from pulumi_kafka_connectors.cli.table import columns
from pulumi_kafka_connectors.connect import Client, NotFound, Unreachable
from pulumi_kafka_connectors.core.operation import Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_HEADINGS: Final = ("LOGGER", "LEVEL", "WORKER")
_ROOT: Final = "root"
_SECONDS: Final = 2.5
"""Seconds to try one of several workers."""


@dataclass(frozen=True)
class Level:
    """A level of a logger, and the addresses of the workers that have it."""

    logger: str
    level: str
    workers: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """What each configured worker answered.

    Attributes:
        given: what was read, by the address of the worker.
        problems: a sentence for each worker that could not be asked, or does not know the logger or level.
    """

    given: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(commands, "loggers", run, common, "show or set log levels of the workers")
    parser.add_argument("name", nargs="?", metavar="NAME", help="this logger, such as org.apache.kafka.connect, or root")
    parser.add_argument("level", nargs="?", metavar="LEVEL", help="set it to TRACE, DEBUG, INFO, WARN, ERROR, FATAL or OFF")
    parser.add_argument("--all", action="store_true", help="also list the loggers that have the level of root")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Show or set levels, as the arguments ask for.

    Returns:
        0; 1 when there is no such logger or level, or one of several workers could not be asked.

    Raises:
        ConnectError: the workers do not serve `/admin/loggers`, or refuse the request.
    """
    answers = _list(operation, asked) if asked.level is None else _set(operation, asked)
    for problem in answers.problems:
        print(f"{PROGRAM}: {problem}", file=sys.stderr)
    return FAILED if answers.problems else OK


def _list(operation: Operation, asked: argparse.Namespace) -> Answers:
    """`GET /admin/loggers`, or `/admin/loggers/{name}` (Kafka 2.4), of each configured worker: levels are its own."""
    answers = _ask_each(operation, asked.deadline, partial(_levels_of, asked.name))
    found = levels(answers.given if asked.all or asked.json else own_levels(answers.given))
    if asked.json:
        records = [{"name": one.logger, "level": one.level, "workers": list(one.workers)} for one in found]
        print(json.dumps({"loggers": records}, indent=2))
    elif found:
        print(plain(found), end="")
        hidden = len({name for loggers in answers.given.values() for name in loggers} - {one.logger for one in found})
        print(f"{hidden} more with the level of root: --all lists them\n" if hidden else "", end="")
    return answers


def _levels_of(name: str | None, client: Client) -> dict[str, str]:
    found = client.loggers() if name is None else {name: client.logger(name)}
    return {name: logger.level or "" for name, logger in found.items()}


def _set(operation: Operation, asked: argparse.Namespace) -> Answers:
    """`PUT /admin/loggers/{name}?scope=cluster` (Kafka 3.7); before, the same without scope on each configured worker."""
    level = asked.level.upper()
    answers = _set_everywhere(operation, asked.name, level)
    scope: dict[str, Any] = {"scope": "cluster"}
    if answers is None:
        answers = _ask_each(operation, asked.deadline, lambda client: client.set_logger(asked.name, level))
        scope = {"scope": "worker", "workers": list(answers.given)}
    if not answers.given:
        return answers
    if asked.json:
        print(json.dumps({"name": asked.name, "level": level, **scope}, indent=2))
        return answers
    for where in answers.given:
        print(f"{line(asked.name)} is set to {line(level)} on {where}")
    return answers


def _set_everywhere(operation: Operation, name: str, level: str) -> Answers | None:
    """Set it on all workers at once; None where they cannot do so."""
    client = operation.cluster.client
    if client.features().cluster_loggers is False:
        return None
    try:
        only_there = client.set_logger(name, level, cluster=True)
    except NotFound as problem:
        return Answers(problems=[operation.format_error(problem)])
    if only_there:  # a worker that does not report its version, and does not know `scope`
        return None
    return Answers({"every worker of the cluster": []})


def _ask_each(operation: Operation, deadline: float, ask: Callable[[Client], Any]) -> Answers:
    """Ask each configured worker.

    Raises:
        Unreachable: none of them answers.
    """
    answers, settings = Answers(), operation.cluster.settings
    silent: list[Unreachable] = []
    for url in settings.urls:
        with Client(replace(settings, urls=(url,)), deadline=deadline) as client:
            operation.redactor.follow(partial(getattr, client.transport, "issued_tokens"))
            try:
                answers.given[url] = ask(client.with_retry(_SECONDS))
            except NotFound as problem:
                answers.problems.append(operation.format_error(problem))
            except Unreachable as problem:
                silent.append(problem)
    if len(silent) == len(settings.urls):
        raise silent[0]
    answers.problems.extend(operation.format_error(problem) for problem in silent)
    return answers


def levels(found: Mapping[str, Mapping[str, str]]) -> list[Level]:
    """The levels in the order of the loggers' names, root first; workers with the same level together. Pure.

    Args:
        found: the level by logger, by the address of the worker.
    """
    workers: dict[tuple[str, str], list[str]] = {}
    for url, loggers in found.items():
        for name, level in loggers.items():
            workers.setdefault((name, level), []).append(url)
    ordered = sorted(workers.items(), key=lambda item: (item[0][0] != _ROOT, *item[0]))
    return [Level(name, level, tuple(urls)) for (name, level), urls in ordered]


def own_levels(found: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Of the same, root and what differs from it: workers list every logger that was ever used. Pure."""
    return {
        url: {name: level for name, level in loggers.items() if name == _ROOT or level != loggers.get(_ROOT)}
        for url, loggers in found.items()
    }


def plain(found: Sequence[Level]) -> str:
    """Columns as wide as needed; workers are named where not all have the same level. Pure."""
    everyone = {url for one in found for url in one.workers}
    rows: list[tuple[str, ...]] = [
        (line(one.logger), line(one.level), "" if set(one.workers) == everyone else ", ".join(one.workers)) for one in found
    ]
    rows.insert(0, _HEADINGS if any(row[-1] for row in rows) else _HEADINGS[:-1])
    return "\n".join([*columns(rows), ""])
