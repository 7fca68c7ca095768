"""What `export` writes: Pulumi projects and JSON files for connectors as they are. Pure."""
