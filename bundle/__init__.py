"""Builds the archive with the plugin that needs no Python: `make dist`."""
