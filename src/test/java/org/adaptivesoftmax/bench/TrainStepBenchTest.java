package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class TrainStepBenchTest {
  private static final StepShape TINY = new StepShape("tiny", 32, ClusterPlan.of(16, 500, 50, 200));

  @Test
  void timesEachContenderInEachRound() throws Exception {
    TrainStepReport report = new TrainStepBench(List.of(TINY), true, null, 3, 1).run();
    JsonNode written = Written.read("train-step.json");
    assertThat(written)
        .isEqualTo(WorkerReply.JSON.readTree(WorkerReply.JSON.writeValueAsBytes(report)));
    assertThat(written.get("device").asText()).startsWith("CPU (");
    assertThat(written.get("threads").asInt()).isEqualTo(1);
    assertThat(written.get("environment").toString())
        .contains("TensorFlow 2.", "TF_ENABLE_ONEDNN_OPTS=");
    JsonNode result = written.get("results").get(0);
    assertThat(result.get("shape").asText()).isEqualTo("tiny");
    assertThat(result.get("rounds").asInt()).isEqualTo(3);
    for (String contender : List.of("ours", "compiled", "matmul_floor", "full_softmax")) {
      double median = result.get(contender + "_ms").asDouble();
      JsonNode quartiles = result.get(contender + "_quartiles_ms");
      assertThat(median)
          .isPositive()
          .isBetween(quartiles.get(0).asDouble(), quartiles.get(1).asDouble());
    }
    assertThat(result.get("ours_mb").asDouble()).isPositive();
    assertThat(result.get("pytorch_ms").isNull()).isTrue();
    assertThat(result.get("pytorch_mb").isNull()).isTrue();
    assertThat(report.text()).contains("tiny", "matmul floor", "full softmax");
  }

  @Test
  void aPythonWithoutPyTorchIsNamed(@TempDir Path directory) throws IOException {
    Path python = directory.resolve("python");
    Files.writeString(python, "#!/bin/sh\nexec python3 -I -S \"$@\"\n");
    Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(
            () -> new TrainStepBench(List.of(TINY), false, python.toString(), 1, 1).run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no PyTorch: No module named 'torch'");
  }

  @Test
  void aMissingPythonIsNamed() {
    assertThatThrownBy(() -> new TrainStepBench(List.of(TINY), false, "/no/python", 1, 1).run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/no/python");
  }
}
