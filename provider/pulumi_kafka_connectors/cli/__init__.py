"""The console command `pulumi-kafka-connectors`: for a person at a terminal, beside any Pulumi program."""

from pulumi_kafka_connectors.cli.command import main

__all__ = ["main"]
