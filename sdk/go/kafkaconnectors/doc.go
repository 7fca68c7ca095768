// Kafka Connect connectors that are validated, awaited, watched and undone.
package kafkaconnectors
