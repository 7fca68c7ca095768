"""`pulumi-kafka-connectors plugin install`: where Pulumi's engine looks for plugins."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.cli.options import OK, add_command
from pulumi_kafka_connectors.core.operation import Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    text = "install the plugin of this version for Pulumi's engine, or remove it"
    parser = add_command(commands, "plugin", run, common, text)
    parser.add_argument("action", choices=["install"], help="put it into Pulumi's plugin folder, for this environment")
    parser.add_argument("--uninstall", action="store_true", help="remove every version of it instead")


def run(_operation: Operation, asked: argparse.Namespace) -> int:
    """Install the plugin for this Python environment, or remove every installed version of it.

    Returns:
        0.

    Raises:
        OSError: the folder cannot be changed.
    """
    done, folders = ("removed", installation.uninstall()) if asked.uninstall else ("installed", [installation.install()])
    if asked.json:
        print(json.dumps({done: [str(folder) for folder in folders]}))
    else:
        for folder in folders:
            print(f"{done} {folder}")
    return OK
