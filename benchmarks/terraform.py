"""Terraform with Mongey's provider, built from its published Go module."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Step
from sandbox import tools

_MODULE = "github.com/Mongey/terraform-provider-kafka-connect"
VERSION = "v0.5.0"
_SOURCE = "Mongey/kafka-connect"
_TRIES = 3
"""A read during a rebalance fails the whole run; a user would run it again, so the duration of all runs counts."""
# Otherwise, Terraform requests its newest version from the internet.
_ENVIRONMENT = {**os.environ, "CHECKPOINT_DISABLE": "1"}


def provider() -> Path:
    """The folder with the binary of the provider, which is built once and kept in the user's cache."""
    folder = tools.cache() / f"terraform-provider-{VERSION}"
    with tools.filled_once(folder) as filling:
        if filling is not None:
            module = filling / "build"
            module.mkdir()
            # `go install` and `go get` request a list of versions, which the module proxy may not have.
            (module / "go.mod").write_text(f"module benchmark\n\ngo 1.24\n\nrequire {_MODULE} {VERSION}\n")
            (module / "tool.go").write_text(f'//go:build tools\n\npackage benchmark\n\nimport _ "{_MODULE}"\n')
            binary = filling / "terraform-provider-kafka-connect"
            build = ["go", "build", "-mod=mod", "-trimpath", "-o", str(binary), _MODULE]
            tools.run_with_progress("building Terraform's provider", build, cwd=module)
            shutil.rmtree(module)
    return folder


class Terraform:
    """A configuration with one resource per connector, at Terraform's default parallelism of ten."""

    name = "terraform"
    process = "terraform-provider-kafka-connect"

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "terraform"

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """apply; plan and refresh without changes; apply with one key of every connector changed; destroy."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        overrides = f'provider_installation {{\n  dev_overrides {{ "{_SOURCE}" = "{provider()}" }}\n  direct {{}}\n}}\n'
        (self._folder / "terraform.rc").write_text(overrides)
        self._declare(cluster, kind, count, 1)
        yield "create", lambda: self._run("apply", "-auto-approve")
        yield "preview", lambda: self._run("plan", "-detailed-exitcode")
        yield "refresh", lambda: self._run("refresh")
        self._declare(cluster, kind, count, 2)
        yield "update", lambda: self._run("apply", "-auto-approve")
        yield "destroy", lambda: self._run("destroy", "-auto-approve")

    def _declare(self, cluster: Cluster, kind: str, count: int, value: int) -> None:
        configs = cluster.configs(kind, count, value)
        resources = {name: {"name": name, "config": {**config, "name": name}} for name, config in configs.items()}
        (self._folder / "main.tf.json").write_text(
            json.dumps(
                {
                    "terraform": {"required_providers": {"kafka-connect": {"source": _SOURCE}}},
                    "provider": {"kafka-connect": {"url": cluster.urls[0]}},
                    "resource": {"kafka-connect_connector": resources},
                }
            )
        )

    def _run(self, *arguments: str) -> None:
        environment = {**_ENVIRONMENT, "TF_CLI_CONFIG_FILE": str(self._folder / "terraform.rc")}
        argv = ["terraform", *arguments, "-input=false", "-no-color"]
        for _ in range(_TRIES):
            result = subprocess.run(argv, cwd=self._folder, env=environment, capture_output=True, text=True, check=False)
            if result.returncode == 0:
                return
            errors = [line for line in result.stderr.splitlines() if "Error:" in line]
            print(f"terraform {arguments[0]} failed: {len(errors)} errors, the first {' '.join(errors[:1])}", flush=True)
        raise RuntimeError(f"terraform {arguments[0]} failed {_TRIES} times: {result.stderr[:2000]}")


def version() -> str | None:
    """The version of `terraform` on PATH; None if it is not installed."""
    if shutil.which("terraform") is None:
        return None
    shown = subprocess.run(["terraform", "version", "-json"], env=_ENVIRONMENT, capture_output=True, text=True, check=True)
    return str(json.loads(shown.stdout)["terraform_version"])
