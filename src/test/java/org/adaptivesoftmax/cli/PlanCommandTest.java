package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Tokenizer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCommandTest {
  private static Path counts;
  private static Path later;
  private static Path few;
  private static Path model;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @BeforeAll
  static void count(@TempDir Path temporary) throws IOException {
    counts = count(temporary, "first", text(1));
    later = count(temporary, "second", text(2));
    few = count(temporary, "few", TinyLanguageModel.SENTENCES);
    model = TinyLanguageModel.save(temporary, Softmax.ADAPTIVE).export(temporary).base();
  }

  /** Some thousand words as text has them: the n-th in inverse proportion to n. */
  private static List<String> text(int seed) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int line = 0; line < 3000; line++) {
      StringBuilder words = new StringBuilder();
      for (int word = 0; word < 8; word++) {
        words.append("w").append((int) Math.min(5000, 1 / (1 - random.nextDouble()))).append(' ');
      }
      lines.add(words.toString());
    }
    return lines;
  }

  private static Path count(Path temporary, String name, List<String> lines) throws IOException {
    Path text = Files.write(temporary.resolve(name + ".txt"), lines);
    Path out = temporary.resolve(name);
    CommandRun run = CommandRun.of("count", "--corpus", text.toString(), "--out", out.toString());
    assertThat(run.code()).as(run.err()).isZero();
    return out;
  }

  private static CommandRun plan(Path of, String... more) {
    List<String> args = new ArrayList<>(List.of("plan", "--counts", of.toString()));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private static JsonNode json(CommandRun run) throws IOException {
    assertThat(run.code()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"training", "serving", "both"})
  void choosesAPlanAndReportsIt(String objective) throws IOException {
    JsonNode json = json(plan(counts, "--in-features", "64", "--objective", objective, "--json"));
    List<String> keys = new ArrayList<>();
    json.fieldNames().forEachRemaining(keys::add);
    assertThat(keys)
        .containsExactly(
            "cutoffs",
            "div_value",
            "widths",
            "shares",
            "cost_shares",
            "expected_step_ms",
            "parameters");
    int tails = json.path("cutoffs").size();
    assertThat(tails).isBetween(1, 4);
    assertThat(json.path("widths")).hasSize(tails + 1);
    assertThat(json.path("widths").get(0).asInt()).isEqualTo(64);
    assertThat(sum(json.path("shares"))).isCloseTo(1, within(1e-9));
    assertThat(sum(json.path("cost_shares"))).isCloseTo(1, within(1e-9));
    assertThat(json.path("expected_step_ms").asDouble()).isPositive();
    assertThat(json.path("parameters").asLong()).isPositive();
  }

  private static double sum(JsonNode values) {
    double sum = 0;
    for (JsonNode value : values) {
      sum += value.asDouble();
    }
    return sum;
  }

  @Test
  void tailsAreAsManyAsWanted() throws IOException {
    for (int tails = 1; tails <= 4; tails++) {
      JsonNode json =
          json(plan(counts, "--in-features", "64", "--tails", String.valueOf(tails), "--json"));
      assertThat(json.path("cutoffs")).hasSize(tails);
    }
  }

  @Test
  void writesATableForAReader() {
    CommandRun run = plan(counts, "--in-features", "64");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("shortlist", "tail cluster 1", "expected step", "parameters");
    assertThat(run.out()).doesNotContain("migrations");
  }

  @Test
  void drawsThePlan() throws IOException {
    Path plot = directory.resolve("below").resolve("plan.png");
    json(plan(counts, "--in-features", "64", "--plot", plot.toString(), "--json"));
    assertThat(ImageIO.read(plot.toFile()).getWidth()).isEqualTo(800);
    assertThat(plot.resolveSibling("plan.png.part")).doesNotExist();
  }

  @Test
  void tokensKeepTheirClustersFromOneCountToTheNext() throws IOException {
    JsonNode json =
        json(plan(later, "--in-features", "64", "--previous", counts.toString(), "--json"));
    JsonNode migrations = json.path("migrations");
    assertThat(migrations.path("share").asDouble())
        .isLessThan(migrations.path("share_without_rule").asDouble());
    assertThat(migrations.path("extra_cost").asDouble()).isLessThanOrEqualTo(0.005);
    assertThat(migrations.path("added").asInt()).isPositive();
    assertThat(migrations.path("dropped").asInt()).isPositive();
    CommandRun run = plan(later, "--in-features", "64", "--previous", counts.toString());
    assertThat(run.out()).contains("migrations", "if planned anew", "added", "of a new plan's");
  }

  @Test
  void theSameCountsMoveNothing() throws IOException {
    JsonNode migrations =
        json(plan(counts, "--in-features", "64", "--previous", counts.toString(), "--json"))
            .path("migrations");
    assertThat(migrations.path("share").asDouble()).isZero();
    assertThat(migrations.path("share_without_rule").asDouble()).isZero();
    assertThat(migrations.path("extra_cost").asDouble()).isZero();
  }

  @Test
  void aModelIsAPreviousPlanToo() throws IOException {
    JsonNode json = json(plan(few, "--in-features", "8", "--previous", model.toString(), "--json"));
    assertThat(json.path("migrations").path("added").asInt()).isZero();
    assertThat(json.path("migrations").path("dropped").asInt()).isZero();
  }

  @Test
  void measuredTimesAreReadFromTheirFile() throws IOException {
    Path products = directory.resolve("products.json");
    List<Double> times = List.of(1e-3, 2e-3);
    new ProductTimes(
            new ProductTimes.Machine("another", 64),
            List.of(1),
            List.of(64),
            List.of(10, 1000),
            times,
            times)
        .write(products);
    JsonNode json =
        json(
            plan(
                counts,
                "--in-features",
                "64",
                "--measure",
                "--products",
                products.toString(),
                "--json"));
    assertThat(json.path("expected_step_ms").asDouble()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--in-features 0 | --in-features must be at least 1: 0",
        "--in-features 64 --tails 5 | --tails must be in 1..4: 5",
        "--in-features 64 --batch 0 | --batch must be at least 1: 0",
        "--in-features 64 --serving-batch 0 | --serving-batch must be at least 1: 0",
        "--in-features 64 --top 0 | --top must be at least 1: 0",
        "--in-features 64 --threads 0 | --threads must be at least 1: 0",
        "--in-features 64 --products x.json | --products needs --measure: x.json",
      })
  void badArgumentsAreOneLine(String arguments, String message) {
    CommandRun run = plan(counts, arguments.split(" "));
    assertThat(run.err()).isEqualTo("adaptive-softmax: " + message + "\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }

  /** A copy that says of itself that its tokens are bytes. */
  private String ofBytes(Path original, String about) throws IOException {
    Path copy = CopiedTree.of(original, directory.resolve("bytes-" + original.getFileName()));
    String text = Files.readString(copy.resolve(about));
    Files.writeString(copy.resolve(about), text.replace(Tokenizer.ID, "bytes"));
    assertThat(copy.resolve(about)).content().isNotEqualTo(text);
    return copy.toString();
  }

  @Test
  void badInputIsOneLine() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertFails(plan(empty, "--in-features", "64"), empty + ": no counts directory");
    assertFails(
        plan(counts, "--in-features", "64", "--previous", empty.toString()), empty.toString());
    assertFails(
        plan(few, "--in-features", "64", "--previous", model.toString()),
        "--in-features must be that of --previous, 8: 64");
    assertFails(
        plan(counts, "--in-features", "64", "--previous", ofBytes(counts, "about.json")),
        "counts must be of the tokenizer " + Tokenizer.ID);
    String foreign = ofBytes(model, "1/assets.extra/counts/about.json");
    assertFails(
        plan(few, "--in-features", "8", "--previous", foreign),
        "--previous must be of the tokenizer %s: %s is of another"
            .formatted(Tokenizer.ID, foreign));
    assertFails(
        plan(counts, "--in-features", "64", "--objective", "speed"),
        "must be one of training, serving, both: speed");
    assertFails(
        plan(counts, "--in-features", "64", "--plot", empty.toString()),
        "is a directory: " + empty);
    Path products = Files.writeString(directory.resolve("products.json"), "{}");
    assertFails(
        plan(counts, "--in-features", "64", "--measure", "--products", products.toString()),
        "no measured products: " + products);
  }

  private static void assertFails(CommandRun run, String message) {
    assertThat(run.err()).startsWith("adaptive-softmax: ").contains(message).containsOnlyOnce("\n");
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }
}
