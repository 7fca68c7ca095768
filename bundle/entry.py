"""The program of the archive: the plugin, and nothing else of the package."""

from pulumi_kafka_connectors.plugin.__main__ import main

main()
