"""What Pulumi runs as the plugin when it is added from a checkout or from Git: see PulumiPlugin.yaml."""

from pulumi_kafka_connectors.plugin.__main__ import main

main()
