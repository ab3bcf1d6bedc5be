package org.adaptivesoftmax.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingListener;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas in processes of their own, against one process that learns what all of them do. */
@Tag("slow")
class ReplicasTest {
  private static final Offset<Double> ROUNDING = within(1e-6);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private record Run(int code, List<String> lines) {
    List<Double> numbers() {
      return lines.stream().map(Double::valueOf).toList();
    }
  }

  @Test
  @Timeout(180)
  void twoLearnWhatOneWithTwiceTheBatchDoes() throws Exception {
    List<Run> runs = run(List.of(1L, 1L), 0);
    List<Double> alone = alone();
    assertThat(alone).hasSize(51);
    assertThat(runs).allSatisfy(run -> assertThat(run.code).as("%s", run.lines).isZero());
    assertThat(runs.get(1).lines).as("both see the same").isEqualTo(runs.get(0).lines);
    List<Double> together = runs.get(0).numbers();
    for (int step = 0; step < 50; step++) {
      assertThat(together.get(step))
          .as("loss of step " + step)
          .isCloseTo(alone.get(step), ROUNDING);
    }
    assertThat(together.get(50)).as("perplexity").isCloseTo(alone.get(50), within(1e-4));
    assertSameWeights(weights(0), read(directory.resolve("alone")), 1e-6f);
    assertSameWeights(weights(0), weights(1), 0);
  }

  @Test
  @Timeout(180)
  void dropoutDiffersByReplicaAndTheWeightsStayTheSame() throws Exception {
    List<Run> runs = run(List.of(1L, 1L), 0.4);
    assertThat(runs).allSatisfy(run -> assertThat(run.code).as("%s", run.lines).isZero());
    assertSameWeights(weights(0), weights(1), 0);
  }

  @Test
  @Timeout(180)
  void anotherTextIsRefusedByName() throws Exception {
    List<Run> runs = run(List.of(1L, 2L), 0);
    assertThat(runs.get(0))
        .isEqualTo(new Run(2, List.of("replica 1 has another text than replica 0")));
    assertThat(runs.get(1))
        .isEqualTo(new Run(2, List.of("replica 0 has another text than replica 1")));
  }

  private List<Double> alone() throws Exception {
    List<Double> numbers = new ArrayList<>();
    List<Double> perplexities = new ArrayList<>();
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(
            TinyTraining.model(0),
            TinyTraining.training(TinyTraining.STREAMS),
            TinyTraining.text(1))) {
      trainer.train(
          Optional.empty(),
          new TrainingListener() {
            @Override
            public void stepDone(Step step) {
              numbers.add(step.loss());
            }

            @Override
            public void epochDone(Epoch epoch) {
              perplexities.add(epoch.validation().total());
            }
          });
      trainer.save(directory.resolve("alone"));
    }
    numbers.add(perplexities.get(1));
    return numbers;
  }

  private ModelWeights weights(int replica) {
    return read(directory.resolve("replica" + replica));
  }

  private static ModelWeights read(Path prefix) {
    return ModelWeights.read(prefix, TinyTraining.model(0));
  }

  private static void assertSameWeights(ModelWeights some, ModelWeights others, float offset) {
    assertThat(some.embedding()).containsExactly(others.embedding(), within(offset));
    for (String name : some.outputNames()) {
      assertThat(some.output(name)).as(name).containsExactly(others.output(name), within(offset));
    }
  }

  /** One replica for each seed of a text. */
  private List<Run> run(List<Long> seeds, double dropout) throws Exception {
    String cluster = FreePorts.joined(FreePorts.cluster(seeds.size()));
    List<Process> processes = new ArrayList<>();
    try {
      for (int index = 0; index < seeds.size(); index++) {
        processes.add(start(cluster, index, seeds.get(index), dropout));
      }
      List<Run> runs = new ArrayList<>();
      for (int index = 0; index < seeds.size(); index++) {
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

  private Process start(String cluster, int index, long seed, double dropout) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ReplicaMain.class.getName(),
            cluster,
            Integer.toString(index),
            directory.resolve("replica" + index).toString(),
            Long.toString(seed),
            Double.toString(dropout));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    return builder
        .redirectOutput(directory.resolve("out" + index).toFile())
        .redirectError(directory.resolve("err" + index).toFile())
        .start();
  }
}
