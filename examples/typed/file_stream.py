# Made by `pulumi-kafka-connectors types org.apache.kafka.connect.file.FileStreamSourceConnector
# org.apache.kafka.connect.file.FileStreamSinkConnector`
# from the definitions of a Kafka Connect 4.3.1 worker:
# org.apache.kafka.connect.file.FileStreamSourceConnector 4.3.1
# org.apache.kafka.connect.file.FileStreamSinkConnector 4.3.1
"""Configurations of connectors with their keys and types, for `pulumi_kafka_connectors.Connector(config=...)`.

Each `TypedDict` has the keys that its class defines. Its function also takes `more` keys by prefix, for example
`transforms.unwrap.type` or `producer.override.linger.ms`; there, a defined key may have any value, for example a reference
`${file:...}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, cast

from pulumi import Input
from typing_extensions import Required, TypedDict

Value = Input[str | int | float | bool]

FileStreamSourceConfig = TypedDict(
    "FileStreamSourceConfig",
    {
        # Name or alias of the class for this connector. Must be a subclass of org.apache.kafka.connect.connector.Connector.
        # If the connector is org.apache.kafka.connect.file.FileStreamSinkConnector, you can either specify this full name,
        # or use "FileStreamSink" or "FileStreamSinkConnector" to make the configuration a bit shorter
        # STRING, required, importance high
        "connector.class": Required[
            Input[
                Literal[
                    "org.apache.kafka.connect.file.FileStreamSourceConnector",
                    "FileStreamSourceConnector",
                    "FileStreamSource",
                ]
            ]
        ],
        # The topic to publish data to
        # STRING, required, importance high
        "topic": Required[Input[str]],
        # The maximum number of records the source task can read from the file each time it is polled
        # INT, importance low, default "2000"
        "batch.size": Input[int | str],
        # The action that Connect should take on the connector when changes in external configuration providers result in a
        # change in the connector's configuration properties. A value of 'none' indicates that Connect will do nothing. A
        # value of 'restart' indicates that Connect should restart/reload the connector with the updated configuration
        # properties.The restart may actually be scheduled in the future if the external configuration provider indicates
        # that a configuration value will expire in the future.
        # STRING, importance low, default "restart"
        "config.action.reload": Input[Literal["none", "restart"]],
        # Version of the connector.
        # STRING, importance medium, default "4.3.1"
        "connector.plugin.version": Input[str],
        # If true, write each error and the details of the failed operation and problematic record to the Connect
        # application log. This is 'false' by default, so that only errors that are not tolerated are reported.
        # BOOLEAN, importance medium, default "false"
        "errors.log.enable": Input[bool | Literal["true", "false"]],
        # Whether to include in the log the Connect record that resulted in a failure. For sink records, the topic,
        # partition, offset, and timestamp will be logged. For source records, the key and value (and their schemas), all
        # headers, and the timestamp, Kafka topic, Kafka partition, source partition, and source offset will be logged. This
        # is 'false' by default, which will prevent record keys, values, and headers from being written to log files.
        # BOOLEAN, importance medium, default "false"
        "errors.log.include.messages": Input[bool | Literal["true", "false"]],
        # The maximum duration in milliseconds between consecutive retry attempts. Jitter will be added to the delay once
        # this limit is reached to prevent thundering herd issues.
        # LONG, importance medium, default "60000"
        "errors.retry.delay.max.ms": Input[int | str],
        # The maximum duration in milliseconds that a failed operation will be reattempted. The default is 0, which means no
        # retries will be attempted. Use -1 for infinite retries.
        # LONG, importance medium, default "0"
        "errors.retry.timeout": Input[int | str],
        # Behavior for tolerating errors during connector operation. 'none' is the default value and signals that any error
        # will result in an immediate connector task failure; 'all' changes the behavior to skip over problematic records.
        # STRING, importance medium, default "none"
        "errors.tolerance": Input[Literal["all", "none"]],
        # Permitted values are requested, required. If set to "required", forces a preflight check for the connector to
        # ensure that it can provide exactly-once semantics with the given configuration. Some connectors may be capable of
        # providing exactly-once semantics but not signal to Connect that they support this; in that case, documentation for
        # the connector should be consulted carefully before creating it, and the value for this property should be set to
        # "requested". Additionally, if the value is set to "required" but the worker that performs preflight validation
        # does not have exactly-once support enabled for source connectors, requests to create or validate the connector
        # will fail.
        # STRING, importance medium, default "requested"
        "exactly.once.support": Input[Literal["requested", "required"]],
        # Source filename. If not specified, the standard input will be used
        # STRING, importance high
        "file": Input[str],
        # HeaderConverter class used to convert between Kafka Connect format and the serialized form that is written to
        # Kafka. This controls the format of the header values in messages written to or read from Kafka, and since this is
        # independent of connectors it allows any connector to work with any serialization format. Examples of common
        # formats include JSON and Avro. By default, the SimpleHeaderConverter is used to serialize header values to strings
        # and deserialize them by inferring the schemas.
        # CLASS, importance low
        "header.converter": Input[str],
        # Version of the header converter.
        # STRING, importance low
        "header.converter.plugin.version": Input[str],
        # Converter class used to convert between Kafka Connect format and the serialized form that is written to Kafka.
        # This controls the format of the keys in messages written to or read from Kafka, and since this is independent of
        # connectors it allows any connector to work with any serialization format. Examples of common formats include JSON
        # and Avro.
        # CLASS, importance low
        "key.converter": Input[str],
        # Version of the key converter.
        # STRING, importance low
        "key.converter.plugin.version": Input[str],
        # The name of a separate offsets topic to use for this connector. If empty or not specified, the worker’s global
        # offsets topic name will be used. If specified, the offsets topic will be created if it does not already exist on
        # the Kafka cluster targeted by this connector (which may be different from the one used for the worker's global
        # offsets topic if the bootstrap.servers property of the connector's producer has been overridden from the
        # worker's). Only applicable in distributed mode; in standalone mode, setting this property will have no effect.
        # STRING, importance low
        "offsets.storage.topic": Input[str],
        # Aliases for the predicates used by transformations.
        # LIST, importance low, default ""
        "predicates": Input[str],
        # Maximum number of tasks to use for this connector.
        # INT, importance high, default "1"
        "tasks.max": Input[int | str],
        # (Deprecated) Whether to enforce that the tasks.max property is respected by the connector. By default, connectors
        # that generate too many tasks will fail, and existing sets of tasks that exceed the tasks.max property will also be
        # failed. If this property is set to false, then connectors will be allowed to generate more than the maximum number
        # of tasks, and existing sets of tasks that exceed the tasks.max property will be allowed to run. This property is
        # deprecated and will be removed in an upcoming major release.
        # BOOLEAN, importance low, default "true"
        "tasks.max.enforce": Input[bool | Literal["true", "false"]],
        # Groups of configurations for topics created by source connectors
        # LIST, importance low, default ""
        "topic.creation.groups": Input[str],
        # Permitted values are: poll, interval, connector. If set to 'poll', a new producer transaction will be started and
        # committed for every batch of records that each task from this connector provides to Connect. If set to
        # 'connector', relies on connector-defined transaction boundaries; note that not all connectors are capable of
        # defining their own transaction boundaries, and in that case, attempts to instantiate a connector with this value
        # will fail. Finally, if set to 'interval', commits transactions only after a user-defined time interval has passed.
        # STRING, importance medium, default "poll"
        "transaction.boundary": Input[Literal["connector", "interval", "poll"]],
        # If 'transaction.boundary' is set to 'interval', determines the interval for producer transaction commits by
        # connector tasks. If unset, defaults to the value of the worker-level 'offset.flush.interval.ms' property. It has
        # no effect if a different transaction.boundary is specified.
        # LONG, importance low
        "transaction.boundary.interval.ms": Input[int | str],
        # Aliases for the transformations to be applied to records.
        # LIST, importance low, default ""
        "transforms": Input[str],
        # Converter class used to convert between Kafka Connect format and the serialized form that is written to Kafka.
        # This controls the format of the values in messages written to or read from Kafka, and since this is independent of
        # connectors it allows any connector to work with any serialization format. Examples of common formats include JSON
        # and Avro.
        # CLASS, importance low
        "value.converter": Input[str],
        # Version of the value converter.
        # STRING, importance low
        "value.converter.plugin.version": Input[str],
    },
    total=False,
)
"A configuration of org.apache.kafka.connect.file.FileStreamSourceConnector, version 4.3.1."


def file_stream_source_config(
    config: FileStreamSourceConfig,
    more: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """The configuration, with `more` keys that start with one of the prefixes; a misspelt key is a `ValueError`."""
    prefixes = (
        "admin.override.",
        "consumer.override.",
        "header.converter.",
        "key.converter.",
        "predicates.",
        "producer.override.",
        "topic.creation.",
        "transforms.",
        "value.converter.",
    )
    return _merged(FileStreamSourceConfig.__annotations__, prefixes, config, more or {})


FileStreamSinkConfig = TypedDict(
    "FileStreamSinkConfig",
    {
        # Name or alias of the class for this connector. Must be a subclass of org.apache.kafka.connect.connector.Connector.
        # If the connector is org.apache.kafka.connect.file.FileStreamSinkConnector, you can either specify this full name,
        # or use "FileStreamSink" or "FileStreamSinkConnector" to make the configuration a bit shorter
        # STRING, required, importance high
        "connector.class": Required[
            Input[
                Literal["org.apache.kafka.connect.file.FileStreamSinkConnector", "FileStreamSinkConnector", "FileStreamSink"]
            ]
        ],
        # The action that Connect should take on the connector when changes in external configuration providers result in a
        # change in the connector's configuration properties. A value of 'none' indicates that Connect will do nothing. A
        # value of 'restart' indicates that Connect should restart/reload the connector with the updated configuration
        # properties.The restart may actually be scheduled in the future if the external configuration provider indicates
        # that a configuration value will expire in the future.
        # STRING, importance low, default "restart"
        "config.action.reload": Input[Literal["none", "restart"]],
        # Version of the connector.
        # STRING, importance medium, default "4.3.1"
        "connector.plugin.version": Input[str],
        # If true, add headers containing error context to the messages written to the dead letter queue. To avoid clashing
        # with headers from the original record, all error context header keys, all error context header keys will start
        # with <code>__connect.errors.</code>
        # BOOLEAN, importance medium, default "false"
        "errors.deadletterqueue.context.headers.enable": Input[bool | Literal["true", "false"]],
        # The name of the topic to be used as the dead letter queue (DLQ) for messages that result in an error when
        # processed by this sink connector, or its transformations or converters. The topic name is blank by default, which
        # means that no messages are to be recorded in the DLQ.
        # STRING, importance medium, default ""
        "errors.deadletterqueue.topic.name": Input[str],
        # Replication factor used to create the dead letter queue topic when it doesn't already exist.
        # SHORT, importance medium, default "3"
        "errors.deadletterqueue.topic.replication.factor": Input[int | str],
        # If true, write each error and the details of the failed operation and problematic record to the Connect
        # application log. This is 'false' by default, so that only errors that are not tolerated are reported.
        # BOOLEAN, importance medium, default "false"
        "errors.log.enable": Input[bool | Literal["true", "false"]],
        # Whether to include in the log the Connect record that resulted in a failure. For sink records, the topic,
        # partition, offset, and timestamp will be logged. For source records, the key and value (and their schemas), all
        # headers, and the timestamp, Kafka topic, Kafka partition, source partition, and source offset will be logged. This
        # is 'false' by default, which will prevent record keys, values, and headers from being written to log files.
        # BOOLEAN, importance medium, default "false"
        "errors.log.include.messages": Input[bool | Literal["true", "false"]],
        # The maximum duration in milliseconds between consecutive retry attempts. Jitter will be added to the delay once
        # this limit is reached to prevent thundering herd issues.
        # LONG, importance medium, default "60000"
        "errors.retry.delay.max.ms": Input[int | str],
        # The maximum duration in milliseconds that a failed operation will be reattempted. The default is 0, which means no
        # retries will be attempted. Use -1 for infinite retries.
        # LONG, importance medium, default "0"
        "errors.retry.timeout": Input[int | str],
        # Behavior for tolerating errors during connector operation. 'none' is the default value and signals that any error
        # will result in an immediate connector task failure; 'all' changes the behavior to skip over problematic records.
        # STRING, importance medium, default "none"
        "errors.tolerance": Input[Literal["all", "none"]],
        # Destination filename. If not specified, the standard output will be used
        # STRING, importance high
        "file": Input[str],
        # HeaderConverter class used to convert between Kafka Connect format and the serialized form that is written to
        # Kafka. This controls the format of the header values in messages written to or read from Kafka, and since this is
        # independent of connectors it allows any connector to work with any serialization format. Examples of common
        # formats include JSON and Avro. By default, the SimpleHeaderConverter is used to serialize header values to strings
        # and deserialize them by inferring the schemas.
        # CLASS, importance low
        "header.converter": Input[str],
        # Version of the header converter.
        # STRING, importance low
        "header.converter.plugin.version": Input[str],
        # Converter class used to convert between Kafka Connect format and the serialized form that is written to Kafka.
        # This controls the format of the keys in messages written to or read from Kafka, and since this is independent of
        # connectors it allows any connector to work with any serialization format. Examples of common formats include JSON
        # and Avro.
        # CLASS, importance low
        "key.converter": Input[str],
        # Version of the key converter.
        # STRING, importance low
        "key.converter.plugin.version": Input[str],
        # Aliases for the predicates used by transformations.
        # LIST, importance low, default ""
        "predicates": Input[str],
        # Maximum number of tasks to use for this connector.
        # INT, importance high, default "1"
        "tasks.max": Input[int | str],
        # (Deprecated) Whether to enforce that the tasks.max property is respected by the connector. By default, connectors
        # that generate too many tasks will fail, and existing sets of tasks that exceed the tasks.max property will also be
        # failed. If this property is set to false, then connectors will be allowed to generate more than the maximum number
        # of tasks, and existing sets of tasks that exceed the tasks.max property will be allowed to run. This property is
        # deprecated and will be removed in an upcoming major release.
        # BOOLEAN, importance low, default "true"
        "tasks.max.enforce": Input[bool | Literal["true", "false"]],
        # List of topics to consume, separated by commas
        # LIST, importance high, default ""
        "topics": Input[str],
        # Regular expression giving topics to consume. Under the hood, the regex is compiled to a
        # <code>java.util.regex.Pattern</code>. Only one of topics or topics.regex should be specified.
        # STRING, importance high, default ""
        "topics.regex": Input[str],
        # Aliases for the transformations to be applied to records.
        # LIST, importance low, default ""
        "transforms": Input[str],
        # Converter class used to convert between Kafka Connect format and the serialized form that is written to Kafka.
        # This controls the format of the values in messages written to or read from Kafka, and since this is independent of
        # connectors it allows any connector to work with any serialization format. Examples of common formats include JSON
        # and Avro.
        # CLASS, importance low
        "value.converter": Input[str],
        # Version of the value converter.
        # STRING, importance low
        "value.converter.plugin.version": Input[str],
    },
    total=False,
)
"A configuration of org.apache.kafka.connect.file.FileStreamSinkConnector, version 4.3.1."


def file_stream_sink_config(
    config: FileStreamSinkConfig,
    more: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """The configuration, with `more` keys that start with one of the prefixes; a misspelt key is a `ValueError`."""
    prefixes = (
        "admin.override.",
        "consumer.override.",
        "header.converter.",
        "key.converter.",
        "predicates.",
        "producer.override.",
        "topic.creation.",
        "transforms.",
        "value.converter.",
    )
    return _merged(FileStreamSinkConfig.__annotations__, prefixes, config, more or {})


def _merged(
    known: Mapping[str, object],
    prefixes: tuple[str, ...],
    config: Mapping[str, object],
    more: Mapping[str, Value],
) -> dict[str, Value]:
    for key in [*config, *more]:
        if key in config and key in more:
            raise ValueError(f"{key} is both in the configuration and in `more`: give it once")
        if key not in known and not (key in more and key.startswith(prefixes)):
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"keys in `more` start with one of {', '.join(prefixes)}"
            raise ValueError(f"{key} is not a key of this connector class: {hint}")
    return cast("dict[str, Value]", {**config, **more})
