"""Whether a create may take over what exists already, and what to say if not. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kafka_connectors.core.spec import Adopt

_SHOWN = 10


def may_take_over(adopt: Adopt, differing: Sequence[str]) -> bool:
    """Whether something that differs from the declaration in these keys may be taken over."""
    return adopt is Adopt.ANY or (adopt is Adopt.SAME and not differing)


def taken(what: str, differing: Sequence[str]) -> str:
    """The error for something that exists and may not be taken over.

    Args:
        what: such as `connector orders`.
        differing: keys in which it differs from the declaration.
    """
    if not differing:
        ways = 'set adopt="same" to take it over (KAFKA_CONNECT_ADOPT=same for one run, such as after an interrupted one)'
        return f"{what} exists already with the same configuration: {_ALIAS}, {ways}, or import it"
    keys = ", ".join(differing[:_SHOWN]) + (", ..." if len(differing) > _SHOWN else "")
    ways = "set adopt=True to take it over (KAFKA_CONNECT_ADOPT=true for one run), import it, or choose another name"
    return f"{what} exists already with another configuration (differing keys: {keys}): {_ALIAS}, {ways}"


_ALIAS = "give the resource an alias if it was renamed or moved"


def will_be_taken_over(what: str, differing: Sequence[str]) -> str:
    """The warning of a preview for something that exists and may be taken over."""
    how = f"and changed (differing keys: {', '.join(differing[:_SHOWN])})" if differing else "as it is"
    return f"{what} exists already and will be taken over {how}"
