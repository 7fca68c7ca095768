"""Connectors declared in files: their formats, placeholders and the folder they are in. Knows no Pulumi."""
