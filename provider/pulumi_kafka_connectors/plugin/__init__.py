"""The front end as a resource plugin of its own: Pulumi's provider protocol over gRPC, for programs in every language."""
