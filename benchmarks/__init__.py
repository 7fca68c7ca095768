"""Durations of operations on many connectors, compared with bare REST calls, Terraform and no-op resources."""
