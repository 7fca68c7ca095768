"""Tiers, and the real broker and workers: each started once per run, when the first test asks for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sandbox import tools, versions
from sandbox.cluster import Broker, Sandbox, Worker
from tests.support.clusters import start_workers
from tests.support.names import Names

ROOT = Path(__file__).resolve().parent.parent
TIERS = ("unit", "wire", "live", "engine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-tiers", action="store_true", help="fail when a tier did not run whole")


class Tiers:
    """Fails a run with --all-tiers in which a tier had no test, or a test of any tier was skipped."""

    def __init__(self) -> None:
        self.passed = dict.fromkeys(TIERS, 0)
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        tier = report.nodeid.split("/")[1] if report.nodeid.count("/") > 1 else ""
        if report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call" and report.passed and tier in self.passed:
            self.passed[tier] += 1

    def problems(self) -> list[str]:
        empty = [f"tier {tier}: no test passed" for tier, count in self.passed.items() if not count]
        return empty + [f"skipped: {node}" for node in self.skipped]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == 0 and self.problems():
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for problem in self.problems():
            terminalreporter.write_line(f"ERROR {problem}", red=True)
        terminalreporter.write_line(", ".join(f"{tier}: {count}" for tier, count in self.passed.items()))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests come first: processes that take whole files then end at about the same time."""
    slow = {item.path for item in items if "slow" in item.keywords}

    def place(item: pytest.Item) -> tuple[int, bool]:
        return -TIERS.index(item.path.relative_to(ROOT / "tests").parts[0]), item.path not in slow

    items.sort(key=place)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--all-tiers") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tiers(), "tiers")


# Started in the background of a script, this process would hand an ignored SIGINT down to the engine, which ends its
# plugins with one and waits five seconds when they ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The environment of whoever runs the tests must not decide where connectors go.
for _variable in [name for name in os.environ if name.startswith(("KAFKA_", "PULUMI_"))]:
    del os.environ[_variable]


@pytest.fixture(scope="session")
def box() -> Iterator[Sandbox]:
    """A sandbox of this run alone. What a killed run left behind is stopped first."""
    base = ROOT / ".sandbox"
    for old in base.glob("tests-*"):
        if not Path(f"/proc/{old.name.removeprefix('tests-')}").exists():
            Sandbox(old).purge()
    sandbox = Sandbox(base / f"tests-{os.getpid()}")
    yield sandbox
    sandbox.purge()


@pytest.fixture(scope="session")
def broker(box: Sandbox) -> Broker:
    box.broker.start()
    return box.broker


@pytest.fixture(scope="session")
def connectors(box: Sandbox) -> Path:
    """The plugin path with the test connectors."""
    return tools.compile_connectors(ROOT / "tests" / "connectors", box.folder / "connectors")


@pytest.fixture(scope="session")
def single(box: Sandbox, broker: Broker, connectors: Path) -> Worker:
    """A group of one worker of the newest version."""
    return start_workers(box, broker, connectors, "single", versions.KAFKA_VERSION, 1)[0]


@pytest.fixture(scope="session")
def trio(box: Sandbox, broker: Broker, connectors: Path) -> list[Worker]:
    """A group of three workers of the newest version."""
    return start_workers(box, broker, connectors, "trio", versions.KAFKA_VERSION, 3)


@pytest.fixture(scope="session")
def group(request: pytest.FixtureRequest, box: Sandbox, broker: Broker, connectors: Path) -> Callable[[str], list[Worker]]:
    """The workers of a version: three of the newest, one of any other. Each is started when it is first asked for."""

    @cache
    def started(version: str) -> list[Worker]:
        if version == versions.KAFKA_VERSION:
            trio: list[Worker] = request.getfixturevalue("trio")
            return trio
        return start_workers(box, broker, connectors, f"kafka-{version}", version, 1)

    return started


@pytest.fixture(scope="session")
def kafka_3(group: Callable[[str], list[Worker]]) -> Worker:
    """A worker of the newest Kafka 3."""
    return group(versions.newest(3))[0]


@pytest.fixture(scope="session")
def kafka_2(group: Callable[[str], list[Worker]]) -> Worker:
    """A worker of Kafka 2.8."""
    return group(versions.newest(2))[0]


@pytest.fixture
def names() -> Names:
    """Names that no other test and no other run uses."""
    return Names()
