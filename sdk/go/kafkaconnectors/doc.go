// Kafka Connect connectors that are validated at preview, awaited, and undone on failure.
package kafkaconnectors
