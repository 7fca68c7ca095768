"""The states of connectors and tasks; imported without pydantic."""

from __future__ import annotations

from enum import Enum


class State(str, Enum):
    """A state in the upper case of the REST API; equal to its text (`State.RUNNING == "RUNNING"`).

    Known states are accepted in any case. An unknown state is kept as it is, so that newer workers are never rejected
    because of it.
    """

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPED = "STOPPED"
    """Connectors only, from 3.5 on."""
    FAILED = "FAILED"
    UNASSIGNED = "UNASSIGNED"
    RESTARTING = "RESTARTING"
    """From 3.0 on."""
    DESTROYED = "DESTROYED"

    __str__ = str.__str__

    @property
    def word(self) -> str:
        """The state in lower case, as users write it."""
        return self.value.lower()

    @classmethod
    def _missing_(cls, value: object) -> State | None:
        if not isinstance(value, str):
            return None
        if value.upper() in cls.__members__:
            return cls[value.upper()]
        unknown = str.__new__(cls, value)
        unknown._name_ = unknown._value_ = value
        return unknown
