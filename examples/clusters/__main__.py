"""The same connector on two Connect clusters, each with a provider of its own."""

import pulumi

import pulumi_kafka_connectors as kc

config = pulumi.Config()
providers = {
    "eu": kc.Provider("eu", url=config.require("eu")),
    # With a login of its own: kc.Provider("us", url=..., username="deployer", password=config.require_secret("usPassword"))
    "us": kc.Provider("us", url=config.require("us")),
}

for region, provider in providers.items():
    connector = kc.Connector(
        f"lines-{region}",
        name="lines",
        config={
            "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
            "file": config.require("file"),
            "topic": f"lines-{region}",
        },
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export(region, connector.status)
    pulumi.export(f"{region}-version", kc.get_worker(provider=provider).version)
