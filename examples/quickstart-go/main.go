// Lines of one file flow through a topic into another file.
package main

import (
	"github.com/pulumi-kafka-connectors/pulumi-kafka-connectors/sdk/go/kafkaconnectors"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		folder := config.Require(ctx, "folder")
		topic := ctx.Stack() + "-lines"

		source, err := kafkaconnectors.NewConnector(ctx, "lines-source", &kafkaconnectors.ConnectorArgs{
			Config: pulumi.Map{
				"connector.class": pulumi.String("org.apache.kafka.connect.file.FileStreamSourceConnector"),
				"tasks.max":       pulumi.Int(1),
				"file":            pulumi.String(folder + "/input.txt"),
				"topic":           pulumi.String(topic),
				"key.converter":   pulumi.String("org.apache.kafka.connect.storage.StringConverter"),
				"value.converter": pulumi.String("org.apache.kafka.connect.storage.StringConverter"),
			},
		})
		if err != nil {
			return err
		}

		sink, err := kafkaconnectors.NewConnector(ctx, "lines-sink", &kafkaconnectors.ConnectorArgs{
			Config: pulumi.Map{
				"connector.class": pulumi.String("org.apache.kafka.connect.file.FileStreamSinkConnector"),
				"tasks.max":       pulumi.Int(1),
				"file":            pulumi.String(folder + "/output.txt"),
				"topics":          pulumi.String(topic),
				"key.converter":   pulumi.String("org.apache.kafka.connect.storage.StringConverter"),
				"value.converter": pulumi.String("org.apache.kafka.connect.storage.StringConverter"),
			},
			State: kafkaconnectors.StateRunning,
		}, pulumi.DependsOn([]pulumi.Resource{source}))
		if err != nil {
			return err
		}

		ctx.Export("topic", pulumi.String(topic))
		ctx.Export("source", source.Status)
		ctx.Export("sink", sink.Status)
		ctx.Export("tasks", sink.Tasks)
		return nil
	})
}
