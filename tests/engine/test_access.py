"""Several clusters, credentials and their rotation, with the real engine and real workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.cluster import Broker, Sandbox, Worker
from tests.engine.conftest import MakeProject
from tests.support.clusters import client_of
from tests.support.engine import both_front_ends
from tests.support.gateway import gateway_to
from tests.support.names import Names
from tests.support.secured import SECRET, USER, SecuredWorker, set_password, start_secured
from tests.support.tokens import CLIENT, CLIENT_SECRET, token_server

pytestmark = both_front_ends

CONFIG = {"connector.class": "testing.FaultySource", "tasks.max": 1, "rate": 1}


@pytest.fixture
def secured(box: Sandbox, broker: Broker, connectors: Path, names: Names) -> Iterator[SecuredWorker]:
    """A worker with HTTPS, client certificates and a password."""
    secured = start_secured(box.folder, broker, connectors, names("secured"), tls="required", password=True)
    yield secured
    secured.worker.process.stop(0)


def test_two_clusters_in_one_program_each_with_its_own_provider(
    single: Worker, secured: SecuredWorker, project_at: MakeProject, names: Names
) -> None:
    name, project = names("both"), project_at(single.url)
    credentials = secured.credentials
    (project.folder / "key.pem").write_text(credentials["key"])
    project.run("config", "set", "--secret", "securedPassword", SECRET)
    project.run("config", "set", "kafka-connectors:retry", "10")
    project.program(f"""
        config = pulumi.Config()
        secured = kc.Provider("secured", url=[{secured.worker.url!r}], username={USER!r}, password=config.require_secret("securedPassword"),
                              ca={credentials["ca"]!r}, cert={credentials["cert"]!r}, key="key.pem", headers={{"X-Team": "data"}}, timeout=60)
        here = kc.Connector("here", name={name!r}, config={CONFIG!r})
        there = kc.Connector("there", name={name!r}, config={{**{CONFIG!r}, "topic": here.status}},
                             opts=pulumi.ResourceOptions(provider=secured))
        pulumi.export("states", [here.status, there.status])
    """)
    project.up()
    assert project.outputs()["states"] == ["running", "running"]
    assert client_of(single).config(name).get("topic") is None
    assert secured.client().config(name)["topic"] == "running"
    project.refresh("--expect-no-changes")
    state = project.state()
    assert SECRET not in json.dumps(state)
    for resource in state["deployment"]["resources"]:
        if "Connector::" in resource["urn"]:
            assert "password" not in json.dumps(resource)
    project.destroy()
    assert client_of(single).connectors().count(name) == secured.client().connectors().count(name) == 0


def test_a_rotated_password_in_the_environment_is_used(
    secured: SecuredWorker, project_at: MakeProject, names: Names
) -> None:
    name, project = names("rotate"), project_at(secured.worker.url)
    for key in ("ca", "cert", "key"):
        (project.folder / f"{key}.pem").write_text(secured.credentials[key])
        project.run("config", "set", f"kafka-connectors:{key}", f"{key}.pem")
    project.program(f"kc.Connector('it', name={name!r}, config={CONFIG!r})")
    credentials_in_env = {"KAFKA_CONNECT_USERNAME": USER, "KAFKA_CONNECT_PASSWORD": SECRET}
    wrong = project.run(
        "up", "--yes", "--skip-preview", check=False, env={**credentials_in_env, "KAFKA_CONNECT_PASSWORD": "pl4nted-no"}
    )
    assert "401" in wrong.output
    assert "pl4nted" not in wrong.output
    project.run("up", "--yes", "--skip-preview", env=credentials_in_env)
    assert SECRET not in json.dumps(project.state())
    set_password(secured.authority.ca_file.parent.parent, "pl4nted-new")
    secured.worker.process.stop(0)
    secured.credentials["password"] = "pl4nted-new"
    secured.worker.start()
    rotated = {**credentials_in_env, "KAFKA_CONNECT_PASSWORD": "pl4nted-new"}
    assert "unchanged" in project.run("preview", "--expect-no-changes", env=rotated).output
    project.run("refresh", "--yes", "--skip-preview", "--expect-no-changes", env=rotated)
    project.run("destroy", "--yes", "--skip-preview", env=rotated)
    assert name not in secured.client().connectors()


def test_a_rotated_password_in_stack_config_needs_run_program_as_the_401_says(
    secured: SecuredWorker, project_at: MakeProject, names: Names
) -> None:
    name, project = names("rotate"), project_at(secured.worker.url)
    for key in ("ca", "cert", "key"):
        project.run("config", "set", "--secret", f"kafka-connectors:{key}", "--", secured.credentials[key])
    project.run("config", "set", "kafka-connectors:username", USER)
    project.run("config", "set", "--secret", "kafka-connectors:password", SECRET)
    project.up(f"kc.Connector('it', name={name!r}, config={CONFIG!r})")
    assert SECRET not in json.dumps(project.state())
    set_password(secured.authority.ca_file.parent.parent, "pl4nted-new")
    secured.worker.process.stop(0)
    secured.credentials["password"] = "pl4nted-new"
    secured.worker.start()
    project.run("config", "set", "--secret", "kafka-connectors:password", "pl4nted-new")
    for command in ("refresh", "destroy"):
        result = project.run(command, "--yes", "--skip-preview", check=False)
        assert "401 user name and password or token are missing or wrong" in result.output
        assert (
            "use the settings saved in the state, after a change of stack configuration add --run-program" in result.output
        )
        assert "pl4nted-new" not in result.output
    project.refresh("--run-program")
    project.destroy("--run-program")
    assert name not in secured.client().connectors()


def test_a_connector_lives_behind_a_gateway_whose_tokens_end_after_two_seconds(
    single: Worker, project_at: MakeProject, names: Names
) -> None:
    name = names("oauth")
    with token_server(lifetime=2) as tokens, gateway_to(single.url, authorized=tokens.accepts) as gateway:
        project = project_at(gateway.url)
        project.run("config", "set", "--plaintext", "kafka-connectors:tokenurl", tokens.url)
        project.run("config", "set", "kafka-connectors:clientid", CLIENT)
        project.run("config", "set", "kafka-connectors:scopes", "connect:read connect:write")
        project.run("config", "set", "--secret", "kafka-connectors:clientsecret", "pl4nted-wrong")
        program = f"kc.Connector('it', name={name!r}, config={CONFIG!r}, settle=3)"
        refused = project.up(program, check=False)
        assert "401 invalid_client: unknown client or wrong secret: check kafka-connectors:tokenurl" in refused.output
        project.run("config", "set", "--secret", "kafka-connectors:clientsecret", CLIENT_SECRET)
        project.up(program)
        project.up(program.replace("'rate': 1", "'rate': 2"))
        project.refresh("--expect-no-changes")
        assert client_of(single).config(name)["rate"] == "2"
        state = json.dumps(project.state())
        assert CLIENT_SECRET not in state
        assert not any(token in state for token in tokens.issued)
        project.destroy("--run-program")
        assert name not in client_of(single).connectors()
        assert gateway.rejected == 0
        assert len(tokens.issued) > 2
        assert "scope=connect%3Aread+connect%3Awrite" in tokens.bodies[-1]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("clientid", "c", "setting kafka-connectors:clientid is set without kafka-connectors:tokenurl and"),
        ("url", "worker:8083", "setting kafka-connectors:url is not an http or https address"),
        ("timeout", "soon", "setting kafka-connectors:timeout: give seconds"),
        ("ca", "/no/such/file.pem", "setting kafka-connectors:ca is neither PEM text nor a readable PEM file"),
        ("password", "pl4nted", "setting kafka-connectors:password is set without kafka-connectors:username"),
    ],
)
def test_an_invalid_setting_is_one_error_that_names_it(
    single: Worker, project_at: MakeProject, key: str, value: str, words: str
) -> None:
    project = project_at(single.url)
    project.run("config", "set", f"kafka-connectors:{key}", value, *(["--plaintext"] if key == "password" else []))
    errors = project.preview_errors(f"kc.Connector('it', config={CONFIG!r})")
    assert len(errors) == 1
    assert words in errors[0]
    assert "pl4nted" not in errors[0]


def test_a_provider_for_another_cluster_gets_no_credentials_of_the_stack(
    single: Worker, project_at: MakeProject, names: Names
) -> None:
    name, project = names("own"), project_at("http://127.0.0.1:1")
    project.run("config", "set", "kafka-connectors:username", "stack-user")
    project.run("config", "set", "--secret", "kafka-connectors:password", "pl4nted")
    project.run("config", "set", "kafka-connectors:retry", "7")
    project.up(
        f"own = kc.Provider('own', url={single.url!r})\n"
        f"kc.Connector('it', name={name!r}, config={CONFIG!r}, opts=pulumi.ResourceOptions(provider=own))\n"
    )
    prefix = "kafka-connectors:" if project.front_end == "dynamic" else ""
    inputs = project.resource("own")["inputs"]
    assert inputs[f"{prefix}retry"] == "7"
    assert f"{prefix}username" not in inputs
    assert f"{prefix}password" not in inputs
    project.destroy()
