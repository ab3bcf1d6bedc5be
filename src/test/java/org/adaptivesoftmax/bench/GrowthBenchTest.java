package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class GrowthBenchTest {
  @Test
  void timesEveryNumberOfClassesAndDrawsThem() throws Exception {
    GrowthReport report = new GrowthBench(List.of(4_500, 5_000), null, 1, 1).run();
    JsonNode written = Written.read("growth.json");
    GrowthReport inProject =
        new GrowthReport(report.times(), report.classes(), "target/bench/growth.png");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(inProject)));
    assertThat(written.get("results")).hasSize(2);
    JsonNode result = written.get("results").get(1);
    assertThat(result.get("shape").asText()).isEqualTo("5,000");
    assertThat(result.get("ours_ms").asDouble()).isPositive();
    assertThat(result.get("full_softmax_ms").asDouble()).isPositive();
    assertThat(written.get("growth")).isEmpty();
    BufferedImage plot = ImageIO.read(BenchFiles.results().resolve("growth.png").toFile());
    assertThat(plot.getWidth()).isEqualTo(800);
    assertThat(report.text()).contains("4,500", "5,000", "Plot: ").doesNotContain("From");
  }

  @Test
  void growthIsTheLargestAgainstTheFirstFromAHundredThousandOn() {
    List<ShapeTimes> times = new ArrayList<>();
    List<Integer> classes = List.of(10_000, 100_000, 300_000, 1_000_000);
    for (int number : classes) {
      Map<Contender, Measured> measured =
          Map.of(
              Contender.OURS, new Measured(List.of(20 + number / 5e4), null),
              Contender.PYTORCH, new Measured(List.of(30 + number / 1e4), null));
      times.add(new ShapeTimes(GrowthBench.shape(number), 1, measured, null));
    }
    GrowthReport report =
        new GrowthReport(new TrainStepReport("CPU", 2, List.of(), times), classes, "growth.png");
    assertThat(report.growth()).containsOnlyKeys("ours", "pytorch");
    assertThat(report.growth().get("ours")).isCloseTo(40 / 22.0, within(1e-9));
    assertThat(report.growth().get("pytorch")).isCloseTo(130 / 40.0, within(1e-9));
    assertThat(report.text()).contains("From 100,000 to 1,000,000 classes: ", "ours 1.82 x");
  }

  @Test
  void theHeadStaysTheSame() {
    ClusterPlan small = GrowthBench.shape(100_000).plan();
    ClusterPlan large = GrowthBench.shape(1_000_000).plan();
    assertThat(small.cutoffs()).containsExactly(4_000, 20_000);
    assertThat(large.cutoffs()).containsExactly(4_000, 20_000, 100_000, 400_000);
    assertThat(GrowthBench.shape(100_000).rows()).isEqualTo(GrowthBench.shape(1_000_000).rows());
  }
}
