"""The arguments that commands share, the exit codes, and how a command is registered."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.values import seconds_of

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no public name
    Run = Callable[[Operation, argparse.Namespace], int]

PROGRAM: Final = "pulumi-kafka-connectors"
OK: Final = 0
FAILED: Final = 1
"""Something failed, or is missing."""
CANNOT_RUN: Final = 2
"""The command could not run; the error message goes to standard error."""
NO_WORKER: Final = 3
"""No worker answers; the error message goes to standard error."""
ACCESS: Final = ("url", "ca", "cert", "key", "insecure")
"""Options that are settings, by their name."""
PATIENCE: Final = 30.0
"""Seconds to look for a worker that answers, unless the command or `--timeout` says otherwise."""


def output() -> argparse.ArgumentParser:
    """`--json`, for every command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")
    return parser


def connection() -> argparse.ArgumentParser:
    """Where the workers are and how long to wait for them, for every command that needs them."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("cluster")
    group.add_argument(
        "--url",
        help="one or several workers, separated by commas (default: $KAFKA_CONNECT_URL, else the stack of the project "
        "in this folder)",
    )
    group.add_argument("--stack", metavar="NAME", help="take the settings of this stack of the project in this folder")
    group.add_argument("--ca", metavar="FILE", help="PEM file with the certificate authorities to trust")
    group.add_argument("--cert", metavar="FILE", help="PEM file with the client certificate")
    group.add_argument("--key", metavar="FILE", help="PEM file with its private key")
    group.add_argument("--insecure", action="store_true", help="do not verify the workers' certificates")
    group.add_argument("--timeout", type=seconds, metavar="SECONDS", help="for the whole command; `2m` is possible")
    parser.set_defaults(workers=True, patience=PATIENCE)
    return parser


def seconds(text: str) -> float:
    """A duration: a number of seconds, or text such as `2m`.

    Raises:
        argparse.ArgumentTypeError: it is no positive duration.
    """
    try:
        return seconds_of(text)
    except ValueError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from None


def add_command(
    commands: Commands, name: str, run: Run, common: Sequence[argparse.ArgumentParser], description: str
) -> argparse.ArgumentParser:
    """Register a command.

    Args:
        commands: of the program.
        name: as it is typed.
        run: called with the operation and the arguments; returns the exit code. `asked.deadline` is the end of
            `--timeout` on `operation.cluster.clock`, or infinity; the clients of the cluster respect it.
        common: the parsers of shared arguments.
        description: one sentence, without its first capital and its full stop.
    """
    text = f"{description[0].upper()}{description[1:]}."
    parser = commands.add_parser(name, help=description, description=text, parents=list(common))
    parser.set_defaults(run=run)
    return parser
