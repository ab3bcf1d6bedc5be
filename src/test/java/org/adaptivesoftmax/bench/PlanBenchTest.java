package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cli.CommandRun;
import org.adaptivesoftmax.training.ProductTimer;
import org.adaptivesoftmax.training.ProductTimer.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanBenchTest {
  @Test
  void timesTwelvePlansBesideTheirCosts() throws Exception {
    Grid grid = new Grid(List.of(1, 8), List.of(8, 32), List.of(64, 512));
    PlanBenchReport report = new PlanBench(32, 4_000, 8, 4, 1, new ProductTimer(1, grid)).run();
    assertThat(report.plans()).hasSize(12);
    for (PlanTimes plan : report.plans()) {
      assertThat(plan.trainingMs()).isPositive();
      assertThat(plan.servingMs()).isPositive();
      assertThat(plan.costs())
          .containsOnlyKeys("training", "training_measured", "serving", "serving_measured");
      assertThat(plan.costs().values()).allMatch(cost -> cost > 0);
    }
    JsonNode written = Written.read("plan.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(written.get("rank_correlation")).hasSize(4);
    assertThat(report.text()).contains("4,000 classes of 32 features", "Rank correlation");
  }

  @Test
  void rankCorrelationIsSpearmans() {
    List<PlanTimes> plans =
        IntStream.range(0, 5)
            .mapToObj(
                i ->
                    new PlanTimes(
                        List.of(i + 1),
                        2,
                        Math.exp(i),
                        -i,
                        Map.of(
                            "training", (double) i,
                            "training_measured", (double) -i,
                            "serving", (double) i,
                            "serving_measured", (double) (i == 4 ? -5 : -i))))
            .toList();
    assertThat(new PlanBenchReport("CPU", 1, "", plans).rankCorrelation())
        .isEqualTo(
            Map.of(
                "training",
                1.0,
                "training_measured",
                -1.0,
                "serving",
                -1.0,
                "serving_measured",
                1.0));
  }

  @ParameterizedTest
  @CsvSource({
    "--features, 31, features must be at least 32: 31",
    "--classes, 3999, classes must be at least 4000: 3999",
    "--rows, 0, rows must be at least 1: 0",
    "--batch, 0, batch must be at least 1: 0",
    "--rounds, 0, rounds must be at least 1: 0",
  })
  void badArgumentsAreOneLine(String option, String value, String message) {
    CommandRun run = CommandRun.of(BenchMain.COMMANDS, "bench", "plan", option, value);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + "\n");
  }
}
