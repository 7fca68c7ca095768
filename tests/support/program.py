"""What the engine receives when a program declares a resource."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pulumi

from tests.support.host import plain


class RecordingMocks(pulumi.runtime.Mocks):
    """Records the inputs of the last registered resource."""

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.inputs = dict(args.inputs)
        return "id", {}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError


def registered(declare: Callable[[], Any], *, marks: bool = False, preview: bool = False) -> dict[str, Any]:
    """The inputs with which a resource is registered.

    Args:
        declare: creates the resource; called in the event loop of a program.
        marks: whether to keep the secret markers.
        preview: whether outputs may be unknown.
    """
    mocks = RecordingMocks()
    pulumi.runtime.set_mocks(mocks, preview=preview)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def construct() -> Any:
        return declare().urn

    # Mocks do not check inputs, and the SDK then fails on outputs of a wrong type; this never happens with the engine.
    with contextlib.suppress(AssertionError):
        construct()
    return mocks.inputs if marks else dict(plain(mocks.inputs))


def unknown(*, secret: bool = False) -> pulumi.Output[Any]:
    """An unknown output, such as that of a resource during a preview."""

    async def of(value: Any) -> Any:
        return value

    return pulumi.Output(of(set()), of(None), of(False), of(secret))
