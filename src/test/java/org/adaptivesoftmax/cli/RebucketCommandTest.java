package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.TokenCount;
import org.adaptivesoftmax.text.Tokenizer;
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

  @Test
  void badInputIsOneLineAndLeavesNothing() throws IOException {
    Path out = directory.resolve("out");
    Path one = write("one", Tokenizer.ID, new TokenCount("dog", 9));
    assertFails(
        out,
        "counts must hold more than one token: %s has [dog]".formatted(one),
        "--counts",
        one,
        "--corpus",
        corpus);
    Path foreign = write("foreign", "bytes", new TokenCount("dog", 9), new TokenCount("cat", 1));
    assertFails(out, "tokenizer", "--counts", foreign, "--corpus", corpus);
    Path empty = Files.writeString(directory.resolve("empty.txt"), "\n \n");
    assertFails(out, "empty.txt: empty, a corpus needs", "--counts", counts, "--corpus", empty);
  }

  /** Two words, the unknown one and the end of a line cannot fill five clusters. */
  @Test
  void countsThatCannotFillTheClustersAreOneLine() throws IOException {
    Path four = directory.resolve("four");
    CommandRun trained =
        run(
            "train",
            "--corpus",
            corpus,
            "--out",
            four,
            "--cutoffs",
            "3,6,9,12",
            "--hidden",
            "32",
            "--embedding",
            "8",
            "--epochs",
            "1",
            "--batch",
            "2");
    assertThat(trained.code()).as(trained.err()).isZero();
    Path few = write("few", Tokenizer.ID, new TokenCount("dog", 9), new TokenCount("cat", 2));
    Path out = directory.resolve("out");
    CommandRun run =
        run("rebucket", "--model", four, "--counts", few, "--corpus", corpus, "--out", out);
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("adaptive-softmax: counts must hold more classes than tail clusters (4): 4\n");
    assertThat(out).doesNotExist();
  }

  private Path write(String name, String tokenizer, TokenCount... tokens) throws IOException {
    long sum = Arrays.stream(tokens).mapToLong(TokenCount::count).sum();
    CountsAbout about =
        new CountsAbout(
            new CountsAbout.Totals(sum, tokens.length, sum),
            0,
            tokenizer,
            List.of(),
            LocalDate.of(2026, 11, 28),
            List.of());
    Path place = directory.resolve(name);
    CountsDirectory.write(place, about, List.of(tokens));
    return place;
  }

  /** The rest of the way: a version that was published without counts is renewed all the same. */
  @Test
  void aModelWithoutCountsIsRenewed() throws IOException {
    for (String file : List.of("counts.int64.gz", "about.json")) {
      Files.delete(model.resolve("1/assets.extra/counts").resolve(file));
    }
    Path out = directory.resolve("out");
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
            out,
            "--steps",
            "1",
            "--rank-anew");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("1/saved_model.pb")).exists();
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
