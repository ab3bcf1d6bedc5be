package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebucketCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path model;
  private Path corpus;
  private Path counts;

  @BeforeEach
  void write() throws IOException {
    model = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory).base();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add("a zebra %d and the quick fox of %d".formatted(i % 7, i % 29));
    }
    corpus = Files.write(directory.resolve("today.txt"), lines);
    counts = directory.resolve("counts");
    assertThat(run("count", "--corpus", corpus, "--out", counts).code()).isZero();
  }

  private static CommandRun run(Object... args) {
    return CommandRun.of(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
  }

  @Test
  void renewsAModel() throws IOException {
    CommandRun run =
        run(
            "rebucket",
            "--model",
            model,
            "--counts",
            counts,
            "--corpus",
            corpus,
            "--out",
            model,
            "--steps",
            "2",
            "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = JsonMapper.builder().build().readTree(run.out());
    for (String key : List.of("perplexity_before", "perplexity_transferred", "perplexity")) {
      assertThat(json.path(key).asDouble()).as(key).isPositive();
    }
    assertThat(json.path("added").asInt()).isPositive();
    assertThat(json.path("dropped").asInt()).isPositive();
    assertThat(json.path("moved_up").asInt() + json.path("moved_down").asInt()).isPositive();
    assertThat(json.path("train_seconds").asDouble()).isPositive();
    assertThat(json.path("model").asText()).isEqualTo(model.resolve("2").toString());
    assertThat(run("inspect", "--model", model).out()).contains("made from        moved/1");
    assertThat(run("complete", "--model", model, "--text", "a zebra").code()).isZero();
    CommandRun diff = run("diff", model.resolve("1"), model.resolve("2"), "--json");
    assertThat(JsonMapper.builder().build().readTree(diff.out()).path("added").path("count"))
        .isEqualTo(json.path("added"));
  }

  @Test
  void trainsTheLayerAlone() {
    CommandRun run =
        run(
            "rebucket",
            "--model",
            model,
            "--counts",
            counts,
            "--corpus",
            corpus,
            "--out",
            directory.resolve("out"),
            "--steps",
            "1",
            "--layer-only",
            "--max-vocabulary",
            "30");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("  carried over").contains("training seconds");
  }

  @Test
  void aBadCallIsOneLineAndLeavesNothing() {
    Path out = directory.resolve("out");
    assertFails(out, "--corpus is needed", "--counts", counts);
    assertFails(out, "no counts directory", "--counts", directory, "--corpus", corpus);
    assertFails(
        out,
        "steps must be at least 0: -1",
        "--counts",
        counts,
        "--corpus",
        corpus,
        "--steps",
        "-1");
    assertFails(
        out,
        "learningRate must be above 0",
        "--counts",
        counts,
        "--corpus",
        corpus,
        "--learning-rate",
        "0");
    assertFails(
        out,
        "maxSize must be at least 3: 2",
        "--counts",
        counts,
        "--corpus",
        corpus,
        "--max-vocabulary",
        "2");
  }

  private void assertFails(Path out, String message, Object... more) {
    List<Object> args = new ArrayList<>(List.of("rebucket", "--model", model, "--out", out));
    args.addAll(List.of(more));
    CommandRun run = run(args.toArray());
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).hasLineCount(1);
    assertThat(out).doesNotExist();
  }
}
