package testing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** A sink that takes everything, keeps nothing, and accepts any configuration: a stand-in for plugins not at hand. */
public class IdleSink extends SinkConnector {
  private Map<String, String> config = Map.of();

  @Override
  public String version() {
    return "7.1";
  }

  @Override
  public ConfigDef config() {
    return new ConfigDef();
  }

  @Override
  public void start(Map<String, String> given) {
    config = given;
  }

  @Override
  public Class<? extends Task> taskClass() {
    return IdleTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int most) {
    List<Map<String, String>> tasks = new ArrayList<>();
    for (int number = 0; number < most; number++) {
      tasks.add(config);
    }
    return tasks;
  }

  @Override
  public void stop() {}

  /** Does nothing. */
  public static class IdleTask extends SinkTask {
    @Override
    public String version() {
      return "7.1";
    }

    @Override
    public void start(Map<String, String> given) {}

    @Override
    public void put(Collection<SinkRecord> records) {}

    @Override
    public void stop() {}
  }
}
