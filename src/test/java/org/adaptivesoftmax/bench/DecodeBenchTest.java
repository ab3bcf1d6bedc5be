package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DecodeBenchTest {
  private static final DecodeShape TINY =
      new DecodeShape("tiny", ClusterPlan.of(16, 5000, 1000, 2000), null);

  @Test
  void timesEachContenderAtEachBatch() throws Exception {
    DecodeReport report = new DecodeBench(null, List.of(1, 8), 10, null, 3, 1).run(List.of(TINY));
    JsonNode written = Written.read("decode.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(written.get("results")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      JsonNode result = written.get("results").get(i);
      assertThat(result.get("shape").asText()).isEqualTo("tiny");
      assertThat(result.get("batch").asInt()).isEqualTo(i == 0 ? 1 : 8);
      assertThat(result.get("k").asInt()).isEqualTo(10);
      assertThat(result.get("ours_ms").asDouble()).isPositive();
      assertThat(result.get("full_softmax_ms").asDouble()).isPositive();
      assertThat(result.get("pytorch_ms").isNull()).isTrue();
      assertThat(result.get("tail_work_skipped").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(report.text()).contains("tiny", "full softmax", "tails skipped");
  }

  /** Ten classes of a thousand leave no room for a tail cluster; all of a shortlist of two leave it for both. */
  @Test
  void theShareSkippedIsThatOfTheMultiplications() throws Exception {
    DecodeSpec wide = DecodeSpec.of(Contender.OURS, TINY, 4, 1, 1);
    DecodeShape narrow = new DecodeShape("", ClusterPlan.of(16, 5000, 2, 2000), null);
    try (DecodeGraph skipping = DecodeGraph.initialized(wide);
        DecodeGraph scoring =
            DecodeGraph.initialized(DecodeSpec.of(Contender.OURS, narrow, 64, 2, 1))) {
      assertThat(skipping.tailWorkSkipped()).isCloseTo(1, within(1e-9));
      assertThat(scoring.tailWorkSkipped()).isLessThan(0.4);
    }
  }

  @Test
  void aDirectoryThatIsNoLanguageModelIsNamed(@TempDir Path model) throws Exception {
    Path version = Files.createDirectory(model.resolve("3"));
    assertThatThrownBy(() -> TrainedModel.configuration(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a language model, as it has no assets.extra/provenance.json: " + version);
  }
}
