package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.bench.DistributedBench.Shape;
import org.adaptivesoftmax.cli.CommandRun;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DistributedBenchTest {
  private static Shape shape(int classes) {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(classes)
            .cutoffs(List.of(20, 80))
            .embedding(8)
            .hidden(16)
            .build();
    // The same targets whatever the number of classes.
    int[] words = new Random(1).ints(20_000, 0, 300).toArray();
    return new Shape(
        "classes-" + classes, model, new LanguageModelText(words, new int[] {1, 2}, 0));
  }

  @Test
  @Tag("slow")
  void timesEveryWayAndWhatCrossesDoesNotGrowWithTheClasses() throws Exception {
    DistributedBench bench = new DistributedBench(null, 2, 2, 2, List.of(1.0, 10.0));
    JsonNode report =
        WorkerReply.JSON.readTree(
            WorkerReply.JSON.writeValueAsBytes(bench.run(List.of(shape(300), shape(30_000)))));
    assertThat(report.get("results")).hasSize(2);
    double[] tailRows = new double[2];
    for (int i = 0; i < 2; i++) {
      JsonNode model = report.get("results").get(i);
      assertThat(model.get("ways").findValuesAsText("way"))
          .containsExactly("one_process", "two_replicas", "replica_and_tail_task");
      for (JsonNode way : model.get("ways")) {
        assertThat(way.get("ms").asDouble()).isPositive();
        assertThat(way.get("tokens_per_second").asDouble())
            .isCloseTo(640_000 / way.get("ms").asDouble(), within(0.01));
      }
      assertThat(model.get("ways").get(0).get("mb_per_step"))
          .allSatisfy(kind -> assertThat(kind.asDouble()).isZero());
      assertThat(model.get("ways").get(2).get("peak_mb").has("tail task 0")).isTrue();
      tailRows[i] = model.get("ways").get(2).get("mb_per_step").get("tail_rows").asDouble();
    }
    assertThat(tailRows[0]).isPositive().isCloseTo(tailRows[1], within(1e-4));
  }

  /** 1 Gbit/s carries 125 MB a second. */
  @Test
  void aNetworkTakesItsTime() {
    NetworkModel.Scaling scaling = new NetworkModel(100, 640, 12.5, 1.25).at(1);
    NetworkModel.Point four = scaling.points().get(2);
    // 2 · 3/4 · 12.5 MB and 3 · 1.25 MB.
    assertThat(four.ms()).isCloseTo(100 + 150 + 30, within(1e-9));
    assertThat(four.tokensPerSecond()).isCloseTo(4 * 640 / 0.28, within(1e-6));
    assertThat(four.efficiency()).isCloseTo(100 / 280.0, within(1e-12));
    assertThat(scaling.halfEfficient()).as("two take 210 ms").isEqualTo(1);
    assertThat(scaling.limitTokensPerSecond()).isCloseTo(64_000, within(1e-6));
    assertThat(new NetworkModel(100, 640, 12.5, 1.25).at(10).halfEfficient())
        .as("100 ≥ 20 (N − 1) / N + (N − 1)")
        .isEqualTo(81);
  }

  @ParameterizedTest
  @CsvSource({
    "--rounds, 0, rounds must be at least 1: 0",
    "--steps, 0, steps must be at least 1: 0",
    "--threads, 1, threads must be at least 2: 1",
    "--gbits, 0, gbits must be above 0: 0.0",
    "--classes, 5, '--classes must be 0, or at least 1,000: 5'",
    "--embedding, 0, --embedding must be at least 1: 0"
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "distributed", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).containsOnlyOnce("\n");
  }
}
