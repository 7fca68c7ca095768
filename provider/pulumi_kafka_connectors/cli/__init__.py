"""The console command `pulumi-kafka-connectors`, for use at a terminal, independent of any Pulumi program."""

from pulumi_kafka_connectors.cli.command import main

__all__ = ["main"]
