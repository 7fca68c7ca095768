"""The front end for the SDK's dynamic provider host; needs no separate plugin.

The names `ConnectorProvider` and `TopicProvider` of this package are stored in users' state: they never change.
"""

from pulumi_kafka_connectors.dynamic.providers import ConnectorProvider, TopicProvider
from pulumi_kafka_connectors.dynamic.sdk import frames_of_program

__all__ = ["ConnectorProvider", "TopicProvider", "frames_of_program"]
