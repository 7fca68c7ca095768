"""Lookups in programs, with the real engine and a real worker."""

from __future__ import annotations

from sandbox.cluster import Worker
from sandbox.versions import KAFKA_VERSION
from tests.engine.conftest import MakeProject
from tests.support.names import Names

CREATED = """
    source = kc.Connector("{name}", config={{"connector.class": "testing.FaultySource", "rate": 1, "pin": "hunter2"}})
"""
LOOKUPS = """
    eu = kc.Provider("eu", url="{url}", username="u", password=pulumi.Config().require_secret("login"))
    pulumi.export("version", kc.get_worker().version)
    pulumi.export("plain", [kc.get_status("{name}").connector.state, kc.get_connector("{name}").config["pin"]])
    pulumi.export("topics", kc.get_topics("{name}"))
    pulumi.export("offsets", [entry.partition for entry in kc.get_offsets("{name}")])
    pulumi.export("plugins", "testing.FaultySource" in [plugin.class_ for plugin in kc.get_plugins()])
    pulumi.export("keys", len(kc.get_plugin("testing.FaultySource")) > 5)
    pulumi.export("root", kc.get_loggers()["root"].level)
    pulumi.export("problems", kc.validate({{"connector.class": "testing.FaultySource", "rate": "x", "pin": "hunter2"}}))
    pulumi.export("later", kc.get_status_output(source.name, provider=eu).apply(lambda status: status.type))
    pulumi.export("tasks", kc.get_tasks_output(source.name).apply(lambda tasks: tasks[0].config["pin"]))
    pulumi.export("secret", kc.get_connector_output("{name}", secrets=True).config["pin"])
"""


def test_lookups_in_a_program(project_at: MakeProject, single: Worker, names: Names) -> None:
    project, name = project_at(single.url), names("looked")
    created = CREATED.format(name=name)
    project.run("config", "set", "--secret", "login", "pl4nted")
    # Before the connector exists, only lookups that depend on the resource work.
    dependent = 'pulumi.export("later", kc.get_status_output(source.id).apply(lambda status: status.type))\n'
    project.up(created + f"    {dependent}")
    assert project.outputs() == {"later": "source"}
    project.up(created + LOOKUPS.format(name=name, url=single.url))
    assert project.outputs() == {
        "version": KAFKA_VERSION,
        "plain": ["RUNNING", "[hidden]"],
        "topics": [],
        "offsets": [],
        "plugins": True,
        "keys": True,
        "root": "WARN",
        "problems": ["config['rate']: Invalid value x for configuration rate: Not a number of type INT"],
        "later": "source",
        "tasks": "[hidden]",
        "secret": "hunter2",
    }
    shown = project.run("stack", "output", "--json").output
    assert "hunter2" not in shown
    assert "pl4nted" not in str(project.state())


def test_a_failed_lookup_is_one_error_message(project_at: MakeProject, single: Worker) -> None:
    project = project_at(single.url)
    message = "Connector nothing not found"
    for lookup in ("kc.get_connector('nothing')", "pulumi.export('x', kc.get_connector_output('nothing').type)"):
        result = project.preview(lookup)
        assert message in result.output
        assert "Traceback" not in result.output
    project.destroy()
