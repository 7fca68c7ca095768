"""What every operation raises when the cluster does not become what was declared."""

from __future__ import annotations


class Failure(Exception):
    """The connector is not what was declared, and why, in one sentence."""
