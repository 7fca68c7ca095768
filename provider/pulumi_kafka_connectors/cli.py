"""The console command `pulumi-kafka-connectors`: for a person at a terminal, beside any Pulumi program."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pulumi_kafka_connectors import secrecy, settings
from pulumi_kafka_connectors.connect import Client, ConnectError, Settings
from pulumi_kafka_connectors.connect.models import ConnectorInfo, ConnectorState, Expanded
from pulumi_kafka_connectors.converge import Observed
from pulumi_kafka_connectors.export import Found, export
from pulumi_kafka_connectors.health import first_lines
from pulumi_kafka_connectors.spec import own
from pulumi_kafka_connectors.validation import validator_of

_FAILED, _USAGE = 1, 2


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="pulumi-kafka-connectors",
        description="Look at the connectors of a Kafka Connect cluster, or write a Pulumi project that declares them.",
        epilog="Logins come from the environment: KAFKA_CONNECT_USERNAME and KAFKA_CONNECT_PASSWORD or KAFKA_CONNECT_TOKEN.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    status = commands.add_parser("status", help="connectors and tasks; exits with 1 when something failed")
    status.add_argument("names", nargs="*", help="only these connectors")
    status.add_argument("--trace", action="store_true", help="whole traces instead of their first lines")
    written = commands.add_parser("export", help="a Pulumi project with every connector as it is")
    written.add_argument("--output", type=Path, default=Path("connectors"), metavar="DIR", help="(default %(default)s)")
    written.add_argument("--project", help="name of the project (default: that of the folder)")
    written.add_argument("--secrets", action="store_true", help="also write the files that hold the secrets, in clear")
    for command in (status, written):
        command.add_argument("--url", help="one or several workers, separated by commas (default: $KAFKA_CONNECT_URL)")
        command.add_argument("--ca", help="PEM file of the authorities to trust")
        command.add_argument("--cert", help="PEM file of the client certificate")
        command.add_argument("--key", help="PEM file of its key")
        command.add_argument("--insecure", action="store_true", help="do not verify the workers' certificates")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0; 1 when `status` found something that failed; 2, after one sentence on standard error, when it could not run.
    """
    asked = _arguments(given)
    names = ("url", "ca", "cert", "key", "insecure")
    try:
        known = settings.from_config({f"{settings.NAMESPACE}:{name}": getattr(asked, name) or None for name in names})
        found = Client(known).expanded(status=True, info=True)
        return _status(known, found, asked) if asked.command == "status" else _export(known, found, asked)
    except (settings.SettingsError, ConnectError, OSError) as problem:
        text = " ".join(str(problem).split())
        words = [os.environ.get(settings.ENVIRONMENT[name], "") for name in ("password", "token")]
        print(f"pulumi-kafka-connectors: {secrecy.hide(text, filter(None, words))}", file=sys.stderr)
        return _USAGE


# Status


def _status(known: Settings, found: Mapping[str, Expanded], asked: argparse.Namespace) -> int:
    missing = [name for name in asked.names if name not in found]
    rows = [("CONNECTOR", "TYPE", "TASK", "STATE", "WORKER", "")]
    failed = bool(missing)
    for name in sorted(asked.names or found):
        entry = found.get(name)
        if entry is None or entry.status is None:
            rows.append((name, "", "", "not found" if entry is None else "no status yet", "", ""))
            continue
        states: list[tuple[str, ConnectorState]] = [("", entry.status.connector)]
        states += [(str(task.id), task) for task in entry.status.tasks]
        for number, state in states:
            failed |= state.state == "FAILED"
            trace = _trace(known, entry, state, whole=asked.trace) if state.state == "FAILED" else ""
            shown = ("", "") if number else (name, entry.status.type)
            rows.append((*shown, number, state.state, state.worker_id, trace))
    _print_table(rows)
    return _FAILED if failed else 0


def _trace(known: Settings, entry: Expanded, state: ConnectorState, *, whole: bool) -> str:
    trace = (state.trace or "").rstrip() if whole else first_lines(state.trace)
    config = own(entry.info.config) if entry.info is not None else {}
    name = entry.status.name if entry.status is not None else ""
    validator = validator_of(known)
    return secrecy.hide(trace, validator.words(name, config, secrecy.secret_keys(config, validator.typed(config))))


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Columns as wide as needed; the last, a trace, on lines of its own."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())
        for line in row[-1].splitlines():
            print(f"    {line}")


# Export


def _found(known: Settings, name: str, entry: Expanded) -> Found:
    info = entry.info or ConnectorInfo(name=name)
    seen = Observed(info.config, entry.status, info.type)
    return Found(name, info.config, seen.target, validator_of(known).typed(info.config), seen.outputs)


def _export(known: Settings, found: Mapping[str, Expanded], asked: argparse.Namespace) -> int:
    folder: Path = asked.output
    if folder.exists() and any(folder.iterdir()):
        raise OSError(f"{folder} is not empty: give another folder with --output")
    made = export([_found(known, *item) for item in found.items()], asked.project or folder.resolve().name, known.urls)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in made.private.items() if asked.secrets else ():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{len(found) - len(made.skipped)} connectors in {folder}; what to do next: {folder / 'README.md'}")
    for sentence in made.skipped:
        print(sentence)
    for name in made.unknown:
        print(f"the workers do not tell the value of {name}: set it yourself")
    return 0
