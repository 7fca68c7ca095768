"""The console command: its subcommands, and how their failures become exit codes."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from pulumi_kafka_connectors.cli import (
    completion,
    drift,
    export,
    graph,
    loggers,
    options,
    plugins,
    restart,
    status,
    types,
    workers,
)
from pulumi_kafka_connectors.connect import Busy, ConnectError, Indeterminate, Unreachable
from pulumi_kafka_connectors.core.clock import SYSTEM
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.settings import Access, SettingsError

_INTERRUPTED: Final = 130
_COMMANDS: Final = (status, restart, loggers, graph, drift, export, types)
"""The modules of the commands that need a cluster, in the order in which the help lists them."""


def arguments() -> argparse.ArgumentParser:
    """The parser of the whole program."""
    parser = argparse.ArgumentParser(
        prog=options.PROGRAM,
        description="Look after the connectors of a Kafka Connect cluster, with or without a Pulumi project.",
        epilog="The login comes from KAFKA_CONNECT_USERNAME and KAFKA_CONNECT_PASSWORD, from KAFKA_CONNECT_TOKEN, or "
        "from KAFKA_CONNECT_TOKEN_URL, KAFKA_CONNECT_CLIENT_ID, KAFKA_CONNECT_CLIENT_SECRET and KAFKA_CONNECT_SCOPES. "
        "Exit codes: 0 all is well, 1 something failed, 2 the command could not run, 3 no worker answers; "
        "of drift: 0 no difference, 1 the command could not run, 2 a difference, 3 no worker answers.",
    )
    parser.add_argument("--version", action="version", version=f"{options.PROGRAM} {version(options.PROGRAM)}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    output, connection = options.output(), options.connection()
    for module in _COMMANDS:
        module.add(commands, [output, connection])
    plugins.add(commands, [output])
    completion.add(commands, parser)
    return parser


def main(given: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when all is well; 1 when something failed; 2 when the command could not run; 3 when no worker answers; other
        ones for `drift`. An error message is on standard error.
    """
    asked = _parsed(given)
    operation = Operation(Access({}))
    try:
        asked.deadline = SYSTEM.now() + (getattr(asked, "timeout", None) or math.inf)
        getattr(asked, "check", _nothing)(asked)
        if getattr(asked, "workers", False):
            operation = Operation(Access(workers.settings_of(asked)))
            workers.reached(operation, asked)
        code: int = asked.run(operation, asked)
    except (Busy, Indeterminate, Unreachable) as problem:
        getattr(asked, "no_worker", _nothing)(asked)
        return _told(operation, problem, options.NO_WORKER)
    except BrokenPipeError:  # nobody reads on, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return options.FAILED
    except (SettingsError, ConnectError, Failure, OSError) as problem:
        return _told(operation, problem, getattr(asked, "cannot_run", options.CANNOT_RUN))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parsed(given: Sequence[str] | None) -> argparse.Namespace:
    try:
        return arguments().parse_args(given)
    except SystemExit as end:
        words = sys.argv[1:] if given is None else given
        if end.code == options.CANNOT_RUN and words[:1] == ["drift"]:
            raise SystemExit(drift.CANNOT_RUN) from None
        raise


def _told(operation: Operation, problem: Exception, code: int) -> int:
    print(f"{options.PROGRAM}: {operation.format_error(problem)}", file=sys.stderr)
    return code


def _nothing(_asked: argparse.Namespace) -> None:
    """Most commands have no arguments that exclude each other, and write nothing when no worker answers."""
