"""`pulumi-kafka-connectors types` on real workers and plugins, and what mypy and pyright say of programs that use it."""

from __future__ import annotations

import json
import re
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.cli import main
from sandbox.cluster import Worker
from sandbox.versions import KAFKA_VERSION, WORKERS, newest
from tests.support.checkers import by_mypy, by_pyright, configure_pyright, run

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "tests" / "typing"
TYPED = ROOT / "examples" / "typed"
FILE_SOURCE = "org.apache.kafka.connect.file.FileStreamSourceConnector"
CLASSES = (
    FILE_SOURCE,
    "io.debezium.connector.postgresql.PostgresConnector",
    "io.debezium.connector.jdbc.JdbcSinkConnector",
    "org.apache.kafka.connect.mirror.MirrorSourceConnector",
)
Types = Callable[..., str]


def types(worker: Worker, *arguments: str) -> int:
    return main(["types", "--url", worker.url, *arguments])


@pytest.fixture(scope="module")
def folder(single: Worker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module generated from the real plugins and with the programs that use it."""
    folder = tmp_path_factory.mktemp("typed")
    assert types(single, *CLASSES, "--output", str(folder / "configs.py")) == 0
    for program in PROGRAMS.glob("*.py"):
        shutil.copy(program, folder)
    configure_pyright(folder)
    return folder


@pytest.fixture(scope="module", params=[by_mypy, by_pyright], ids=["mypy", "pyright"])
def errors(request: pytest.FixtureRequest, folder: Path) -> dict[str, set[int]]:
    found: dict[str, set[int]] = request.param(folder, "configs.py", "right.py", "wrong.py")
    return found


def test_a_module_generated_from_real_plugins_has_no_error(errors: dict[str, set[int]]) -> None:
    assert errors["configs.py"] == set()


def test_a_program_that_is_right_has_no_error(errors: dict[str, set[int]]) -> None:
    assert errors["right.py"] == set()


def test_every_mistake_is_an_error_on_its_line(errors: dict[str, set[int]]) -> None:
    lines = (PROGRAMS / "wrong.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if re.search(r"# (misspelt|type|required|value)$", line)}
    assert len(marked) > 25
    assert errors["wrong.py"] == marked


def test_the_generated_module_is_formatted_and_runs(folder: Path) -> None:
    assert run(folder, "ruff", "format", "--isolated", "--line-length", "125", "--diff", "configs.py") == ""
    merge = runpy.run_path(str(folder / "configs.py"))["postgres_config"]
    with pytest.raises(ValueError, match=r"databse\.hostname is not a key .*: did you mean database\.hostname"):
        merge({"databse.hostname": "db"})


def test_a_module_is_the_same_every_time(single: Worker, folder: Path, tmp_path: Path) -> None:
    assert types(single, *CLASSES, "--output", str(tmp_path / "again.py")) == 0
    assert (tmp_path / "again.py").read_text() == (folder / "configs.py").read_text()


def test_the_module_of_the_example_is_up_to_date(single: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(single, "FileStreamSource", "FileStreamSink") == 0
    command = "types FileStreamSource FileStreamSink --output examples/typed/file_stream.py"
    assert (TYPED / "file_stream.py").read_text() == capsys.readouterr().out, (
        f"run `{command}` on a worker of {KAFKA_VERSION}"
    )


@pytest.mark.parametrize("version", WORKERS)
def test_workers_of_every_version_tell_keys_of_the_plugin_and_of_connect(
    group: Callable[[str], list[Worker]], version: str, tmp_path: Path
) -> None:
    assert types(group(version)[0], "FileStreamSource", "--output", str(tmp_path / "it.py")) == 0
    text = (tmp_path / "it.py").read_text()
    assert f"# from the definitions of a Kafka Connect {version} worker:\n# {FILE_SOURCE} {version}\n" in text
    kind = runpy.run_path(str(tmp_path / "it.py"))["FileStreamSourceConfig"]
    assert {"connector.class", "topic"} == kind.__required_keys__
    assert {"file", "batch.size", "tasks.max", "key.converter", "errors.tolerance"} <= kind.__optional_keys__
    assert '"errors.tolerance": Input[Literal["all", "none"]],' in text


def schema(worker: Worker, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert types(worker, *arguments, "--json-schema") == 0
    return json.loads(capsys.readouterr().out)


def test_the_schema_has_the_keys_of_the_module(single: Worker, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = schema(single, capsys, *CLASSES)["definitions"]
    module = runpy.run_path(str(folder / "configs.py"))
    names = ("FileStreamSourceConfig", "PostgresConfig", "JdbcSinkConfig", "MirrorSourceConfig")
    for name, kind in zip(CLASSES, (module[one] for one in names), strict=True):
        assert set(found[name]["properties"]) == {"name", *kind.__annotations__}
        assert set(found[name]["required"]) == set(kind.__required_keys__)
    assert found[CLASSES[1]]["properties"]["database.port"]["default"] == 5432
    assert found[CLASSES[1]]["properties"]["snapshot.mode"]["anyOf"][0]["enum"][0] == "always"


def test_a_version_of_the_plugin_is_asked_for(single: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(single, FILE_SOURCE, "--plugin-version", f"[{KAFKA_VERSION}]") == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"# Made by `pulumi-kafka-connectors types {FILE_SOURCE} --plugin-version [{KAFKA_VERSION}]`"
    assert types(single, FILE_SOURCE, "--plugin-version", "[9.0]") == 2
    assert "9.0" in capsys.readouterr().err


def test_a_worker_without_plugin_versions_says_so(kafka_3: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(kafka_3, FILE_SOURCE, "--plugin-version", newest(3)) == 2
    assert "4.1.0" in capsys.readouterr().err


def test_a_class_that_is_not_installed_is_told_with_the_nearest(single: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(single, "FileStreamSuorce") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"FileStreamSuorce is not installed on the workers: did you mean {FILE_SOURCE}?" in captured.err
