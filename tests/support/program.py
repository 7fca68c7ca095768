"""What the engine gets when a program declares a resource."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pulumi

from tests.support.host import plain


class _Mocks(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.inputs = dict(args.inputs)
        return "id", {}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError


def registered(declare: Callable[[], Any], *, marks: bool = False, preview: bool = False) -> dict[str, Any]:
    """The inputs of the resource that `declare` makes; it is called in the event loop of a program.

    Args:
        declare: makes the resource.
        marks: leave secrets in their wire form.
        preview: whether outputs may be unknown.
    """
    mocks = _Mocks()
    pulumi.runtime.set_mocks(mocks, preview=preview)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def construct() -> Any:
        return declare().urn

    # With mocks nobody checks inputs, and the SDK then trips over outputs of another type; the engine never gets there.
    with contextlib.suppress(AssertionError):
        construct()
    return mocks.inputs if marks else dict(plain(mocks.inputs))


def unknown(*, secret: bool = False) -> pulumi.Output[Any]:
    """An output that is not known yet, as of a resource at preview."""

    async def of(value: Any) -> Any:
        return value

    return pulumi.Output(of(set()), of(None), of(False), of(secret))
