"""What `types` writes: a Python module or a JSON Schema from the definitions of connector classes. Pure."""
