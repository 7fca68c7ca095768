"""The arguments and exit codes of the console command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pulumi_kafka_connectors.cli import export, plugins, status
from pulumi_kafka_connectors.connect import ConnectError
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.settings import Access, SettingsError

CANNOT_RUN: Final = 2
"""Exit code when the command could not run; the error message goes to standard error."""
_ACCESS: Final = ("url", "ca", "cert", "key", "insecure")


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="pulumi-kafka-connectors",
        description="Show the connectors of a Kafka Connect cluster, or write a Pulumi project that declares them.",
        epilog="The login comes from KAFKA_CONNECT_USERNAME and KAFKA_CONNECT_PASSWORD, or from KAFKA_CONNECT_TOKEN.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    shown = commands.add_parser("status", help="show connectors and tasks; exits with 1 when something failed")
    shown.add_argument("names", nargs="*", help="only these connectors")
    shown.add_argument("--trace", action="store_true", help="show whole stack traces instead of their root causes")
    shown.set_defaults(run=lambda operation, asked: status.show(operation, asked.names, whole_traces=asked.trace))
    written = commands.add_parser("export", help="write a Pulumi project with every connector as it is")
    written.add_argument("--output", type=Path, default=Path("connectors"), metavar="DIR", help="(default %(default)s)")
    written.add_argument("--project", help="name of the project (default: the name of the folder)")
    written.add_argument(
        "--secrets", action="store_true", help="also write the files that contain the secrets in plain text"
    )
    written.set_defaults(
        run=lambda operation, asked: export.write(operation, asked.output, asked.project, secrets=asked.secrets)
    )
    plugin = commands.add_parser("plugin", help="install the plugin of this version for Pulumi's engine, or remove it")
    plugin.add_argument("action", choices=["install"], help="put it into Pulumi's plugin folder, for this environment")
    plugin.add_argument("--uninstall", action="store_true", help="remove every version of it instead")
    plugin.set_defaults(run=lambda _operation, asked: plugins.install(uninstall=asked.uninstall))
    for command in (shown, written):
        command.add_argument("--url", help="one or several workers, separated by commas (default: $KAFKA_CONNECT_URL)")
        command.add_argument("--ca", help="PEM file with the certificate authorities to trust")
        command.add_argument("--cert", help="PEM file with the client certificate")
        command.add_argument("--key", help="PEM file with its private key")
        command.add_argument("--insecure", action="store_true", help="do not verify the workers' certificates")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0; 1 when `status` found a failure; 2, with an error message on standard error, when the command could not run.
    """
    asked = _arguments(given)
    operation = Operation(Access({name: getattr(asked, name, None) or None for name in _ACCESS}))
    try:
        code: int = asked.run(operation, asked)
    except (SettingsError, ConnectError, OSError) as problem:
        print(f"pulumi-kafka-connectors: {operation.format_error(problem)}", file=sys.stderr)
        return CANNOT_RUN
    return code
