package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.TokenCount;
import org.adaptivesoftmax.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private TinyLanguageModel tiny;
  private String model;

  @BeforeEach
  void export() throws IOException {
    tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    model = export("model", Tokenizer.ID);
  }

  private String export(String name, String tokenizer) throws IOException {
    ModelDirectory place = new ModelDirectory(directory.resolve(name));
    LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
        .counted(about(57, 30, tokenizer))
        .build()
        .publish(place, tiny.weights());
    return place.base().toString();
  }

  private static CountsAbout about(long tokens, long distinct, String tokenizer) {
    return new CountsAbout(
        new Totals(tokens, distinct, 1),
        0,
        tokenizer,
        List.of(),
        LocalDate.of(2026, 11, 28),
        List.of());
  }

  private Path text(String name, List<String> lines) throws IOException {
    return Files.write(directory.resolve(name), lines);
  }

  private static List<String> repeated(List<String> lines, int times) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      all.addAll(lines);
    }
    return all;
  }

  @Test
  void textOfTheSameKindIsNoDrift() throws IOException {
    Path same = text("same.txt", TinyLanguageModel.SENTENCES);
    CommandRun run =
        CommandRun.of("drift", "--model", model, "--corpus", same.toString(), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = JsonMapper.builder().build().readTree(run.out());
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "model",
            "js_divergence",
            "linf",
            "unknown_rate",
            "shares_then",
            "shares_now",
            "expected_cost_ratio",
            "migrations",
            "advice",
            "reasons");
    for (String key : List.of("js_divergence", "linf", "unknown_rate", "expected_cost_ratio")) {
      JsonNode figure = json.path(key);
      assertThat(figure.path("value").isDouble()).as(key).isTrue();
      assertThat(figure.path("low").asDouble())
          .isLessThanOrEqualTo(figure.path("value").asDouble());
      assertThat(figure.path("high").asDouble())
          .isGreaterThanOrEqualTo(figure.path("value").asDouble());
    }
    assertThat(json.path("shares_then")).hasSize(3);
    assertThat(json.path("shares_now").path(2).has("low")).isTrue();
    assertThat(json.path("migrations").path("up").has("low")).isTrue();
    assertThat(json.path("migrations").path("down").has("high")).isTrue();
    assertThat(json.path("migrations").path("top")).isEmpty();
    assertThat(json.path("advice").asText()).isEqualTo("keep");
    assertThat(json.path("reasons")).isEmpty();
  }

  @Test
  void anotherTextIsToldWithItsReasons() throws IOException {
    List<String> sentence = List.of("a well-known dog sleeps", "to sleep is to grow a zebra");
    Path other = text("other.txt", repeated(sentence, 1_000));
    CommandRun run = CommandRun.of("drift", "--model", model, "--corpus", other.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("advice                   retrain")
        .contains("js_divergence is at least ")
        .containsPattern("  sleeps +tail cluster 2 to tail cluster 1, ");
    CommandRun lenient =
        CommandRun.of(
            "drift",
            "--model",
            model,
            "--corpus",
            other.toString(),
            "--retrain-js-divergence",
            "1",
            "--rebucket-js-divergence",
            "1",
            "--retrain-unknown-rate",
            "1",
            "--rebucket-unknown-rate",
            "1",
            "--rebucket-linf",
            "1",
            "--rebucket-migrations",
            "1",
            "--rebucket-cost-ratio",
            "99");
    assertThat(lenient.out()).contains("advice                   keep");
  }

  @Test
  void countsAreReadToo() throws IOException {
    Path counts = directory.resolve("counts");
    CountsDirectory.write(
        counts,
        about(3, 2, Tokenizer.ID),
        List.of(new TokenCount("fox", 2), new TokenCount("dog", 1)));
    CommandRun run = CommandRun.of("drift", "--model", model, "--counts", counts.toString());
    assertThat(run.out()).as(run.err()).contains("advice                   keep");
  }

  @Test
  void badInputIsOneLine() throws IOException {
    ModelDirectory bare = new ModelDirectory(directory.resolve("bare"));
    LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
        .build()
        .publish(bare, tiny.weights());
    for (String file : List.of("counts.int64.gz", "about.json")) {
      Files.delete(bare.base().resolve("1/assets.extra/counts").resolve(file));
    }
    String same = text("same.txt", TinyLanguageModel.SENTENCES).toString();
    assertBad(
        "the model has no counts: " + bare.base().resolve("1"),
        "drift",
        "--model",
        bare.base().toString(),
        "--corpus",
        same);
    String empty = text("empty.txt", List.of("", " ")).toString();
    assertBad(
        "empty.txt: empty, a corpus needs at least one line of text",
        "drift",
        "--model",
        model,
        "--corpus",
        empty);
    Path one = directory.resolve("one");
    CountsDirectory.write(one, about(9, 1, Tokenizer.ID), List.of(new TokenCount("dog", 9)));
    assertBad(
        "live text must have at least 2 distinct tokens: 1",
        "drift",
        "--model",
        model,
        "--counts",
        one.toString());
    Path foreign = directory.resolve("foreign");
    CountsDirectory.write(foreign, about(9, 1, "bytes"), List.of(new TokenCount("dog", 9)));
    assertBad(
        "counts must be of the tokenizer %s: %s has those of bytes"
            .formatted(Tokenizer.ID, foreign),
        "drift",
        "--model",
        model,
        "--counts",
        foreign.toString());
    String other = export("other", "bytes");
    assertBad(
        "counts must be of the tokenizer %s: %s has those of bytes"
            .formatted(Tokenizer.ID, Path.of(other, "1")),
        "drift",
        "--model",
        other,
        "--corpus",
        same);
    assertBad(
        "--retrain-js-divergence",
        "drift",
        "--model",
        model,
        "--corpus",
        same,
        "--retrain-js-divergence",
        "x");
  }

  private static void assertBad(String message, String... arguments) {
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
