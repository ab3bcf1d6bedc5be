package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.adaptivesoftmax.cli.CommandRun;
import org.junit.jupiter.api.Test;

class RecordCommandTest {
  @Test
  void aCommandIsRunAndMeasuredAsAWhole() throws Exception {
    CommandRun run =
        CommandRun.of(
            BenchMain.COMMANDS,
            "bench",
            "record",
            "--json",
            "--",
            "answer",
            "--model",
            "savedmodels/samples/classifier",
            "savedmodels/samples/requests/classifier/classify.json");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    JsonNode json = WorkerReply.JSON.readTree(run.out());
    Written.requireMeasured(json.get("measured"));
    assertThat(json.get("measured").get("command").asText())
        .startsWith("tools/adaptive-softmax answer --model savedmodels/samples/classifier");
    assertThat(json.get("seconds").asDouble()).isPositive();
    assertThat(json.get("result").get("answers")).hasSize(1);
  }

  @Test
  void aCommandThatFailsIsAFailure() {
    CommandRun run =
        CommandRun.of(
            BenchMain.COMMANDS, "bench", "record", "--", "answer", "--model", "none", "pom.xml");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("the command ended with 2: answer --model none pom.xml");
  }

  @Test
  void pathsInTheProjectBecomeRelative() throws Exception {
    record Report(String model) {}
    String model = BenchFiles.inProject("savedmodels/lm/1").toString();
    JsonNode json = Measurement.of("a command").before(new Report(model));
    assertThat(json.get("model").asText()).isEqualTo("savedmodels/lm/1");
  }
}
