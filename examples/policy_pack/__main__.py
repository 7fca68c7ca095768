"""Two rules for every connector of a stack, whichever front end declares it."""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)

CONNECTORS = ("pulumi-python:dynamic/kafka-connectors:Connector", "kafka-connectors:index:Connector")
DEAD_LETTERS = "errors.deadletterqueue.topic.name"


def _config(args: ResourceValidationArgs) -> Mapping[str, Any]:
    """The connector's configuration, every value as text; empty for other resources."""
    config: Mapping[str, Any] = args.props["config"] if args.resource_type in CONNECTORS else {}
    return config


def sinks_have_a_dead_letter_queue(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Report a sink that does not say where records go that it cannot process."""
    config = _config(args)
    is_sink = "topics" in config or "topics.regex" in config
    if is_sink and not config.get(DEAD_LETTERS):
        report_violation(f"config[{DEAD_LETTERS!r}] is not set")


def passwords_are_references(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Report a password that is not a reference such as `${file:/run/secrets/db.properties:password}`."""
    typed = args.props.get("passwords") or []  # the keys that the plugin types as PASSWORD
    for key, value in _config(args).items():
        if ("password" in key or key in typed) and not str(value).startswith("${"):
            report_violation(f"config[{key!r}] is not a reference to a config provider of the workers")


PolicyPack(
    name="kafka-connect",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="dead-letter-queue",
            description="Sinks need a dead letter queue.",
            validate=sinks_have_a_dead_letter_queue,
        ),
        ResourceValidationPolicy(
            name="password-references",
            description="Workers store configurations in plain text, so passwords have to be references.",
            validate=passwords_are_references,
        ),
    ],
)
