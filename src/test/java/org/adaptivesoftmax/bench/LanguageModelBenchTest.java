package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("slow")
class LanguageModelBenchTest {
  private static final int VOCABULARY = 300;

  private static LanguageModelReport run(LanguageModelBench bench, int embedding) throws Exception {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(VOCABULARY)
            .cutoffs(List.of(20, 80))
            .embedding(embedding)
            .hidden(16)
            .build();
    int[] words = new Random(1).ints(2_000, 0, VOCABULARY).toArray();
    return bench.run(
        model,
        TrainingConfiguration.builder().build(),
        new LanguageModelText(words, new int[] {1, 2}, 0));
  }

  @Test
  void timesBothSoftmaxesAndTellsWhereTheTimeGoes() throws Exception {
    LanguageModelReport report = run(new LanguageModelBench(null, 3, 2), 16);
    JsonNode written = Written.read("language-model.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(written.get("tokens").asInt()).isEqualTo(640);
    for (String contender : List.of("ours", "full_softmax")) {
      double ms = written.get(contender + "_ms").asDouble();
      assertThat(ms).isPositive();
      assertThat(written.get(contender + "_tokens_per_second").asDouble())
          .isCloseTo(640_000 / ms, within(1e-6 * 640_000 / ms));
    }
    assertThat(written.get("pytorch_ms").isNull()).isTrue();
    assertThat(written.get("pytorch_to_ours").isNull()).isTrue();
    double host = 0;
    for (JsonNode share : written.get("host_shares")) {
      host += share.asDouble();
    }
    assertThat(host).isCloseTo(written.get("host_share").asDouble(), within(1e-9));
    assertThat(report.text())
        .contains("ours", "full softmax", "tokens/s", "input", "LSTM", "optimizer", "kB");
  }

  @Test
  void namesTheArgumentThatIsWrong() {
    assertThatThrownBy(() -> new LanguageModelBench(null, 0, 2))
        .hasMessage("rounds must be at least 1: 0");
    assertThatThrownBy(() -> new LanguageModelBench(null, 1, 0))
        .hasMessage("steps must be at least 1: 0");
    assertThatThrownBy(() -> run(new LanguageModelBench(null, 1, 1), 8))
        .hasMessage("embedding and hidden must be equal: 8, 16");
    assertThatThrownBy(() -> run(new LanguageModelBench("/no/python", 1, 1), 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/no/python");
  }
}
