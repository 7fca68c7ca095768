package testing;

import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** A source that starts and stops at once, and fails, dawdles or emits as its configuration says. */
public class FaultySource extends SourceConnector {
  static final ConfigDef KEYS =
      new ConfigDef()
          .define("rate", Type.INT, Importance.HIGH, "Required: any number")
          .define("fail.at", Type.STRING, "", Importance.LOW, "start, task or poll: where to throw")
          .define("fail.ms", Type.LONG, 0L, Importance.LOW, "with fail.at=poll: how long after its start a task throws")
          .define("fail.text", Type.STRING, "told to fail", Importance.LOW, "what to throw")
          .define("fail.file", Type.STRING, "", Importance.LOW, "poll throws while this file exists")
          .define("start.ms", Type.LONG, 0L, Importance.LOW, "how long the connector takes to start")
          .define("task.ms", Type.LONG, 0L, Importance.LOW, "how long a task takes to start")
          .define("stop.ms", Type.LONG, 0L, Importance.LOW, "how long a task takes to stop")
          .define("validate.ms", Type.LONG, 0L, Importance.LOW, "how long validation takes")
          .define("task.count", Type.INT, -1, Importance.LOW, "tasks to make; -1: tasks.max")
          .define("task.blind", Type.BOOLEAN, false, Importance.LOW, "give tasks nothing of the configuration but fail.at")
          .define("emit", Type.BOOLEAN, false, Importance.LOW, "send records")
          .define("topic", Type.STRING, "faulty", Importance.LOW, "where to")
          .define("offsets", Type.STRING, "external", Importance.LOW, "what altering does: own, external, unsupported, refuse")
          .define("limit", Type.INT, 1, ConfigDef.Range.atLeast(1), Importance.LOW, "a number of at least 1")
          .define("pin", Type.PASSWORD, null, Importance.LOW, "a secret whose key does not look like one");

  private Map<String, String> config = Map.of();

  static void pause(Map<String, String> config, String key) {
    try {
      Thread.sleep(Long.parseLong(config.getOrDefault(key, "0")));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  static void failAt(Map<String, String> config, String place) {
    if (place.equals(config.get("fail.at"))) {
      throw new ConnectException(
          "failed at " + place, new IllegalStateException(config.getOrDefault("fail.text", "told to fail")));
    }
  }

  @Override
  public String version() {
    return "7.1";
  }

  @Override
  public ConfigDef config() {
    return KEYS;
  }

  @Override
  public Config validate(Map<String, String> given) {
    pause(given, "validate.ms");
    return super.validate(given);
  }

  @Override
  public void start(Map<String, String> given) {
    config = given;
    pause(config, "start.ms");
    failAt(config, "start");
  }

  @Override
  public Class<? extends Task> taskClass() {
    return FaultyTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int most) {
    int wanted = Integer.parseInt(config.getOrDefault("task.count", "-1"));
    List<Map<String, String>> tasks = new ArrayList<>();
    for (int number = 0; number < (wanted < 0 ? most : wanted); number++) {
      Map<String, String> task = new HashMap<>();
      if ("true".equals(config.get("task.blind"))) {
        task.put("fail.at", config.getOrDefault("fail.at", ""));
      } else {
        task.putAll(config);
      }
      task.put("number", Integer.toString(number));
      tasks.add(task);
    }
    return tasks;
  }

  @Override
  public void stop() {}

  // Called by workers from 3.6 on; older ones do not know it, hence no @Override.
  public boolean alterOffsets(Map<String, String> given, Map<Map<String, ?>, Map<String, ?>> offsets) {
    switch (given.getOrDefault("offsets", "external")) {
      case "unsupported":
        throw new UnsupportedOperationException("offsets live elsewhere");
      case "refuse":
        throw new ConnectException("these are no partitions of mine");
      case "own":
        return true;
      default:
        return false;
    }
  }

  /** Sends a counting record for each poll, if told to. */
  public static class FaultyTask extends SourceTask {
    private Map<String, String> config = Map.of();
    private long count;
    private boolean stopped;
    private long started;

    @Override
    public String version() {
      return "7.1";
    }

    @Override
    public void start(Map<String, String> given) {
      config = given;
      pause(config, "task.ms");
      failAt(config, "task");
      started = System.nanoTime();
      if (context.offsetStorageReader() != null) {
        Map<String, Object> last = context.offsetStorageReader().offset(Map.of("number", config.get("number")));
        count = last == null || last.get("count") == null ? 0 : ((Number) last.get("count")).longValue();
      }
    }

    @Override
    public synchronized List<SourceRecord> poll() throws InterruptedException {
      if (!stopped) {
        wait(20);
      }
      if (System.nanoTime() - started >= 1_000_000L * Long.parseLong(config.getOrDefault("fail.ms", "0"))) {
        failAt(config, "poll");
      }
      if (!config.getOrDefault("fail.file", "").isEmpty() && Files.exists(Paths.get(config.get("fail.file")))) {
        throw new ConnectException("a file told to fail: " + config.get("fail.file"));
      }
      if (!"true".equals(config.get("emit"))) {
        return null;
      }
      count++;
      return List.of(
          new SourceRecord(
              Map.of("number", config.get("number")),
              Map.of("count", count),
              config.getOrDefault("topic", "faulty"),
              null,
              Long.toString(count)));
    }

    @Override
    public void stop() {
      synchronized (this) {
        stopped = true;
        notifyAll();
      }
      pause(config, "stop.ms");
    }
  }
}
