"""A real Kafka broker, Connect workers and the Pulumi engine on loopback, for demo, tests and benchmarks."""
