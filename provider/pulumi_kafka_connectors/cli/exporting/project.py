"""A Pulumi project for connectors that exist already. Pure: turns connectors into the text of files."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pulumi_kafka_connectors.cli.exporting import python_program, yaml_program
from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.import_file import DYNAMIC, PLUGIN, import_file
from pulumi_kafka_connectors.core.checks import name_problem
from pulumi_kafka_connectors.core.redaction import is_mask, visible

Language = Literal["python", "yaml"]
LANGUAGES: Final[tuple[Language, ...]] = ("python", "yaml")
_PROGRAMS: Final[dict[Language, str]] = {"python": "__main__.py", "yaml": "Pulumi.yaml"}
"""The file with the program."""
_INSTALLATION: Final[dict[Language, tuple[str, ...]]] = {
    "python": ("pip install -r requirements.txt",),
    "yaml": ("pip install pulumi-kafka-connectors", "pulumi-kafka-connectors plugin install"),
}
_IMPORT: Final = "pulumi import --file import.json --yes --generate-code=false --protect=false"
"""Without these flags the engine fails after the import of dynamic resources, for which it cannot generate code."""
_UNUSUAL: Final = "contains characters that no command line can hold: set it manually"


@dataclass(frozen=True)
class Project:
    """Files by name; those in `private` contain secrets.

    Attributes:
        skipped: a message for each connector that cannot be declared.
        masked: keys of the stack configuration whose values the workers mask: to be set manually.
        notes: other messages about what needs attention.
    """

    files: Mapping[str, str] = field(repr=False)
    private: Mapping[str, str] = field(repr=False)
    skipped: Sequence[str] = ()
    masked: Sequence[str] = ()
    notes: Sequence[str] = ()


def project_for(found: Sequence[Found], project: str, urls: Sequence[str], language: Language = "python") -> Project:
    """The project that declares these connectors as they are.

    Args:
        found: the connectors.
        project: name of the project.
        urls: where the workers are.
        language: of the program.
    """
    reasons = {one.name: _unusable(one, language) for one in found}
    usable = sorted((one for one in found if not reasons[one.name]), key=lambda one: one.name)
    keys = secret_names(usable, dots=language != "yaml")
    values = secret_values(usable, keys)
    program = _PROGRAMS[language]
    notes = [*(note for one in usable for note in _notes(one, program)), *unusual(values)]
    readme = _readme(project, _steps(language, urls, values), private=bool(values), notes=notes)
    if language == "yaml":
        files = {program: yaml_program.program(usable, keys, project)}
        imported = import_file(usable, yaml_program.resource_names(usable), PLUGIN)
    else:
        files = {
            "Pulumi.yaml": f"name: {json.dumps(project)}\nruntime: python\ndescription: Connectors of Kafka Connect\n",
            "requirements.txt": "pulumi-kafka-connectors\n",
            program: python_program.program(usable, keys),
        }
        imported = import_file(usable, {one.name: one.name for one in usable}, DYNAMIC)
    return Project(
        {**files, "README.md": readme},
        {"secrets.sh": secrets_script(values), "import.json": imported},
        skipped(reasons),
        masked(values),
        notes,
    )


def _unusable(one: Found, language: Language) -> str | None:
    return name_problem(one.name) or (yaml_program.unwritable(one) if language == "yaml" else None)


def skipped(reasons: Mapping[str, str | None]) -> list[str]:
    """A message for each connector with a reason why it cannot be declared."""
    return [f"connector {name} is skipped: {why}" for name, why in reasons.items() if why]


# Secrets in the configuration of the stack


def secret_names(found: Sequence[Found], *, dots: bool = True) -> dict[tuple[str, str], str]:
    """A key of the stack configuration for each secret value, by connector and key; none is the name of a connector.

    Args:
        found: the connectors.
        dots: whether keys may contain dots; for keys that a `Pulumi.yaml` declares, the engine takes these for paths.
    """
    unusable = r"[^A-Za-z0-9_.-]" if dots else r"[^A-Za-z0-9_-]"
    names: dict[tuple[str, str], str] = {}
    taken = {one.name for one in found}
    for one in found:
        for key in sorted(one.secret):
            wanted = re.sub(unusable, "-", f"{one.name}.{key}")
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}-{number}", number + 1
            taken.add(name)
            names[one.name, key] = name
    return names


def secret_values(found: Sequence[Found], keys: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The secret values by their key of the stack configuration."""
    return {keys[one.name, key]: one.declared[key] for one in found for key in sorted(one.secret)}


def masked(values: Mapping[str, str]) -> list[str]:
    """Keys of the stack configuration whose values the workers mask."""
    return sorted(name for name, value in values.items() if is_mask(value))


def unusual(values: Mapping[str, str]) -> list[str]:
    """A message for each key of the stack configuration whose value no command can set."""
    return [f"{name} {_UNUSUAL}" for name, value in sorted(values.items()) if not _fits_command_line(value)]


def secrets_script(values: Mapping[str, str]) -> str:
    """A shell script that sets the values in the stack configuration, except those that are to be set manually."""
    settable = {name: value for name, value in values.items() if not is_mask(value) and _fits_command_line(value)}
    sets = [f"--secret {shlex.quote(f'{name}={value}')}" for name, value in settable.items()]
    return "#!/bin/sh\n" + " \\\n  ".join(["pulumi config set-all", *sets]) + "\n" if sets else ""


def _fits_command_line(value: str) -> bool:
    return re.search(r"[\x00\ud800-\udfff]", value) is None


# What needs attention


def _notes(one: Found, program: str) -> Iterator[str]:
    """What needs attention before the connector is managed by the program in that file."""
    if one.failed:
        yield (
            f"connector {one.name} has failed: it is declared with wait=False, so that `pulumi up` does not restart it; "
            "remove that once it is repaired"
        )
    if one.masked:
        keys = ", ".join(one.masked)
        yield (
            f"connector {one.name} is not in import.json, since the workers mask {keys}: set the values in the stack "
            "configuration and let `pulumi up` take the connector over"
        )
    yield from unknown_passwords(one, program)


def unknown_passwords(one: Found, where: str) -> Iterator[str]:
    """A message if secrets may stand in a file because no worker tells which keys are passwords."""
    if one.passwords is None:
        plugin = one.config.get("connector.class", "its plugin")
        yield f"connector {one.name}: no worker reports which keys of {plugin} are passwords: check {where} for secrets"


def _steps(language: Language, urls: Sequence[str], names: Iterable[str]) -> list[str]:
    """The commands that start to manage the connectors."""
    return [
        *_INSTALLATION[language],
        "pulumi stack init prod",
        f"pulumi config set kafka-connectors:url {shlex.quote(','.join(urls))}",
        *(f"pulumi config set --secret {shlex.quote(name)}    # asks for the value" for name in sorted(names)),
        "pulumi up",
    ]


def _readme(project: str, steps: Sequence[str], *, private: bool, notes: Sequence[str]) -> str:
    lines = [
        f"# {visible(' '.join(project.split()))}",
        "",
        "The connectors of a Kafka Connect cluster, declared as they are. `pulumi up` changes nothing on the cluster as",
        "long as the program matches it.",
        "",
        "```sh",
        *steps,
        "```",
        "",
    ]
    if private:
        lines += ["With `--secrets`, `pulumi-kafka-connectors export` also writes `secrets.sh`, which sets them all, and"]
        lines += [
            f"`import.json`, for `{_IMPORT}`",
            "in place of `pulumi up`. Both contain secrets in plain text: delete them afterwards.",
            "",
        ]
    lines += [f"- {visible(note)}" for note in notes]
    return "\n".join([*lines, ""] if notes else lines)
