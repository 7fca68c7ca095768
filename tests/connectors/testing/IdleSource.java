package testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** A source that never has anything and accepts any configuration: a stand-in for plugins not at hand. */
public class IdleSource extends SourceConnector {
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

  /** Does nothing; a worker stops a task only after its poll has returned, which takes `poll.ms`, by default 20. */
  public static class IdleTask extends SourceTask {
    private long pause;

    @Override
    public String version() {
      return "7.1";
    }

    @Override
    public void start(Map<String, String> given) {
      pause = Long.parseLong(given.getOrDefault("poll.ms", "20"));
    }

    @Override
    public synchronized List<SourceRecord> poll() throws InterruptedException {
      wait(pause);
      return null;
    }

    @Override
    public synchronized void stop() {
      notifyAll();
    }
  }
}
