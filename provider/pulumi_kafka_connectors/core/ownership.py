"""Whether an operation may touch what exists already, and what to say if not. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kafka_connectors.core.settings import NAMESPACE
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


def now_managed_by(what: str, owner: str) -> str:
    """The warning of a delete that leaves alone what another resource created or took over in this run."""
    return f"{what} is now managed by {owner}, which created or took it over in this run: it stays"


def is_other_cluster(stored: object, current: str) -> bool:
    """Whether two IDs of Kafka clusters are known and differ."""
    return bool(stored) and bool(current) and stored != current


def other_cluster(what: str, stored: object, current: str, *, setting: str, where: str) -> str | None:
    """The error for something that is on another Kafka cluster than the one that the settings lead to; None if it is not.

    Args:
        what: such as `connector orders`.
        stored: the cluster that the state names; empty if it names none.
        current: the cluster that the settings lead to; empty if it cannot be known.
        setting, where: the setting that names the cluster's hosts, and these hosts.
    """
    if not is_other_cluster(stored, current):
        return None
    return (
        f"{what} is on the Kafka cluster {stored}, but {where} belongs to the Kafka cluster {current}: set "
        f"{NAMESPACE}:{setting} back, or move the {what.partition(' ')[0]} on purpose (see the page on renaming and moving)"
    )
