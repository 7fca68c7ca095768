"""`pulumi-kafka-connectors plugin install`: where Pulumi's engine looks for plugins."""

from __future__ import annotations

from pulumi_kafka_connectors import installation


def install(*, uninstall: bool) -> int:
    """Install the plugin for this Python environment, or remove every installed version of it.

    Returns:
        0.

    Raises:
        OSError: the folder cannot be changed.
    """
    if uninstall:
        for folder in installation.uninstall():
            print(f"removed {folder}")
    else:
        print(f"installed {installation.install()}")
    return 0
