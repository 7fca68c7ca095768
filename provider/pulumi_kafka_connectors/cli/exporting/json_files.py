"""Connectors as JSON files, each the body of `POST /connectors`, with placeholders for secrets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.project import (
    Project,
    masked,
    secret_names,
    secret_values,
    secrets_script,
    skipped,
    unknown_passwords,
    unusual,
)
from pulumi_kafka_connectors.core.checks import name_problem
from pulumi_kafka_connectors.files.placeholders import escaped, placeholder

_UNUSABLE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
"""What no name of a file should contain on any system."""


def json_files(found: Sequence[Found]) -> Project:
    """A file per connector, as `kc.load` reads them: a placeholder stands for a secret of the stack configuration."""
    reasons = {one.name: name_problem(one.name) for one in found}
    usable = sorted((one for one in found if not reasons[one.name]), key=lambda one: one.name)
    keys = secret_names(usable)
    values = secret_values(usable, keys)
    names = file_names(usable)
    files = {names[one.name]: json.dumps(_body(one, keys), indent=2) + "\n" for one in usable}
    notes = [*(note for one in usable for note in _notes(one, names[one.name])), *unusual(values)]
    return Project(files, {"secrets.sh": secrets_script(values)}, skipped(reasons), masked(values), notes)


def _notes(one: Found, file: str) -> Iterator[str]:
    if one.failed:
        yield (
            f"connector {one.name} has failed: declare it with wait=False (`override` of `kc.load`), so that `pulumi up` "
            "does not restart it; remove that once it is repaired"
        )
    yield from unknown_passwords(one, file)


def file_names(found: Sequence[Found]) -> dict[str, str]:
    """The name of the file for each connector, unique also where upper and lower case are the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in found:
        wanted = _UNUSABLE.sub("-", one.name).lstrip(".") or "connector"
        name, number = wanted, 2
        while name.lower() in taken:
            name, number = f"{wanted}-{number}", number + 1
        taken.add(name.lower())
        names[one.name] = f"{name}.json"
    return names


def _body(one: Found, keys: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    secret = one.secret
    config = {
        key: placeholder(keys[one.name, key]) if key in secret else escaped(value) for key, value in one.declared.items()
    }
    body: dict[str, Any] = {"name": one.name, "config": config}
    return body if one.state == "running" else {**body, "initial_state": one.state.upper()}
