from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest

import pulumi_kafka_connectors as package
from pulumi_kafka_connectors import connect

MODULES = [package, connect]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_exists_and_is_documented(module: object) -> None:
    for name in module.__all__:  # type: ignore[attr-defined]
        assert inspect.getdoc(getattr(module, name)), name


@pytest.mark.parametrize("name", [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")])
def test_every_public_method_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if kind.__module__ != module.__name__ or kind.__name__.startswith("_"):
            continue
        for method, function in inspect.getmembers(kind, inspect.isfunction):
            if not method.startswith("_") and function.__qualname__.startswith(kind.__name__ + "."):
                assert function.__doc__, f"{kind.__name__}.{method}"


def test_the_rest_client_is_usable_without_pulumi() -> None:
    code = "import sys, pulumi_kafka_connectors.connect; sys.exit('pulumi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        package.nothing  # noqa: B018
    assert set(package.__all__) <= set(dir(package))


def test_the_package_carries_its_marker_files() -> None:
    folder = Path(package.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "pulumi-plugin.json").read_text().strip() == '{"resource": false}'


def test_an_input_that_was_not_given_is_an_output_of_nothing() -> None:
    connector = package.Connector.__new__(package.Connector)
    assert isinstance(connector.forget, pulumi.Output)
    with pytest.raises(AttributeError, match="'Connector' object has no attribute 'nothing'"):
        connector.nothing  # noqa: B018
