"""How long operations on many connectors take, beside the bare REST API, Terraform and an engine that does nothing."""
