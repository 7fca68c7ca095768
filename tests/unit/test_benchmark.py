"""The tables of the benchmark, from known samples."""

from __future__ import annotations

from pathlib import Path

from benchmarks import report
from benchmarks.cluster import Requests
from benchmarks.measure import Sample


def test_requests_are_counted_by_verb_without_those_that_workers_forward(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text('INFO "GET /before HTTP/1.1" 200\n')
    size = log.stat().st_size
    lines = [
        '"GET /connectors?expand=status HTTP/1.1" 200',
        '"PUT /connectors/a/config HTTP/1.1" 200',
        '"PUT /connectors/a/config?forward=false HTTP/1.1" 200',
    ]
    log.write_text(log.read_text() + "\n".join(lines))
    assert Requests({log: size}).by_verb() == {"GET": 1, "PUT": 1}


def test_tables_hold_medians_spread_and_ratios(tmp_path: Path) -> None:
    results = report.Results(tmp_path / "times.json")
    for seconds in (1.0, 3.0, 2.0):
        for name, factor in {"limit": 1, "floor": 1, "ours": 4, "plugin": 3, "terraform": 2}.items():
            for operation in (*report.OPERATIONS, "running"):
                calls = {"GET": 20, "PUT": 10}
                results.add([Sample(1, "instant", 10, name, operation, factor * seconds, calls, 2048)])
    page = tmp_path / "RESULTS.md"
    report.write(report.Results(tmp_path / "times.json"), report.Results(tmp_path / "none.json"), page)
    text = page.read_text()
    cells = ["2.00 (1.00-3.00)", "2.00 (1.00-3.00)", "4.00 (2.00-6.00)", "", "8.00 (4.00-12.00)", "6.00 (3.00-9.00)", ""]
    ratios = ["2.00", "2.00", "1.50", "1.50", "", ""]
    assert f"| delete all | {' | '.join([*cells, *ratios])} |" in text
    assert "| create all | GET 2.00, PUT 1.00 |" in text
    assert "| plugin | create all | 2 |" in text
    assert "| ours | create all | 2 |" in text
    assert (tmp_path / "plots" / "update.svg").read_text().startswith("<svg")
