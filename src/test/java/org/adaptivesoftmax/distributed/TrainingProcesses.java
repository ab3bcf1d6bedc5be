package org.adaptivesoftmax.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.model.ModelWeights;

/**
 * The processes of a {@link TinyTraining} on a cluster of their own.
 *
 * @param directory of their files
 * @param replicas how many
 * @param tailTasks how many
 */
record TrainingProcesses(Path directory, int replicas, int tailTasks) {
  /**
   * How one ended.
   *
   * @param code its exit code
   * @param lines what it said
   */
  record Run(int code, List<String> lines) {
    List<Double> numbers() {
      return lines.stream().map(Double::valueOf).toList();
    }
  }

  /** Runs all of them alike: the replicas, then the tail tasks. */
  List<Run> run(Map<String, String> options) throws Exception {
    return run(options, -1, Map.of());
  }

  /**
   * Runs all of them.
   *
   * @param options of all
   * @param other one that is different
   * @param its options beside; {@code class-path} is of the process
   */
  List<Run> run(Map<String, String> options, int other, Map<String, String> its) throws Exception {
    Path cluster = directory.resolve("cluster.json");
    ClusterDefinition.of(LoopbackAddresses.free(replicas + tailTasks), replicas).write(cluster);
    List<Process> processes = new ArrayList<>();
    try {
      for (int index = 0; index < replicas + tailTasks; index++) {
        Map<String, String> all = new LinkedHashMap<>(options);
        all.putAll(index == other ? its : Map.of());
        processes.add(start(cluster, index, all));
      }
      List<Run> runs = new ArrayList<>();
      for (int index = 0; index < processes.size(); index++) {
        assertThat(processes.get(index).waitFor(120, TimeUnit.SECONDS)).isTrue();
        runs.add(
            new Run(
                processes.get(index).exitValue(),
                Files.readAllLines(directory.resolve("out" + index))));
      }
      return runs;
    } finally {
      for (Process process : processes) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /** Where a replica saves its weights; one with tail tasks saves the whole model, and alone. */
  Path weights(int replica) {
    return directory.resolve("weights" + replica);
  }

  private Process start(Path cluster, int index, Map<String, String> options) throws IOException {
    boolean tail = index >= replicas;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    String more =
        options.containsKey("class-path") ? options.get("class-path") + File.pathSeparator : "";
    command.add(more + System.getProperty("java.class.path"));
    command.addAll(List.of(TrainingTaskMain.class.getName(), cluster.toString()));
    command.add(tail ? ClusterDefinition.TAIL : ClusterDefinition.COMPUTE);
    command.add(Integer.toString(tail ? index - replicas : index));
    command.add("weights=" + weights(index));
    options.forEach((name, value) -> command.add(name + "=" + value));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    return builder
        .redirectOutput(directory.resolve("out" + index).toFile())
        .redirectError(directory.resolve("err" + index).toFile())
        .start();
  }

  static void assertSameWeights(Path some, Path others, float offset) {
    ModelWeights expected = ModelWeights.read(others, TinyTraining.DEFAULT.model());
    ModelWeights.read(some, TinyTraining.DEFAULT.model())
        .values()
        .forEach(
            (name, values) ->
                assertThat(values)
                    .as(name)
                    .containsExactly(expected.values().get(name), within(offset)));
  }

  /** Losses, and last the perplexity. */
  static void assertSameNumbers(List<Double> some, List<Double> others) {
    assertThat(some).hasSameSizeAs(others);
    for (int i = 0; i < some.size(); i++) {
      assertThat(some.get(i))
          .as("number " + i)
          .isCloseTo(others.get(i), within(i == some.size() - 1 ? 1e-4 : 1e-6));
    }
  }
}
