"""`pulumi-kafka-connectors completion`: completion of commands and options in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

import shtab

from pulumi_kafka_connectors.core.operation import Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_SHELLS: Final = ("bash", "zsh", "tcsh")
_FILES: Final = ("FILE",)
_FOLDERS: Final = ("DIR",)


def add(commands: Commands, program: argparse.ArgumentParser) -> None:
    """Register the command.

    Args:
        commands: of the program.
        program: the parser of the whole program, complete by the time the command runs.
    """
    text = "print the completion script of a shell"
    parser = commands.add_parser("completion", help=text, description=f"{text.capitalize()}.")
    parser.add_argument("shell", choices=_SHELLS)
    parser.set_defaults(run=partial(run, program))


def run(program: argparse.ArgumentParser, _operation: Operation, asked: argparse.Namespace) -> int:
    """Print the script.

    Returns:
        0.
    """
    for action in _actions(program):
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(program, asked.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every action of the parser and of its subcommands."""
    for action in parser._actions:  # noqa: SLF001 - as shtab reads them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in action.choices.values():
                yield from _actions(below)
