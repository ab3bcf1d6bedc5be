package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.training.AdamMoments;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private Path corpus;

  @SuppressWarnings("NullAway.Init")
  private Path out;

  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();
  private final PrintStream standardError = System.err;

  @BeforeEach
  void keepProgress() {
    System.setErr(new PrintStream(progress, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restoreStandardError() {
    System.setErr(standardError);
  }

  @BeforeEach
  void writeCorpus() throws IOException {
    corpus = Files.writeString(directory.resolve("corpus.txt"), text(600));
    out = directory.resolve("model");
  }

  /** Lines of eight words each out of sixty, the first of them frequent. */
  static String text(int lines) {
    Random random = new Random(7);
    return IntStream.range(0, lines)
        .mapToObj(
            line ->
                random
                    .doubles(8)
                    .mapToObj(uniform -> "word" + (int) (60 * uniform * uniform))
                    .collect(Collectors.joining(" ", "", "\n")))
        .collect(Collectors.joining());
  }

  private String[] arguments(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("train", "--json", "--corpus", corpus + "", "--out", out + "", "--hidden=16"));
    arguments.addAll(List.of("--embedding=16", "--cutoffs=10,30"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }

  private JsonNode json(String... more) throws IOException {
    CommandRun run = CommandRun.of(arguments(more));
    assertThat(run.code()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  @Test
  void reportsWhatTheContractNames() throws IOException {
    JsonNode result = json("--epochs=1");
    assertThat(result.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "perplexity",
            "perplexity_by_cluster",
            "unigram_perplexity",
            "unigram_perplexity_by_cluster",
            "tokens_per_second",
            "train_seconds",
            "vocabulary",
            "cutoffs",
            "softmax",
            "epochs",
            "model");
    assertThat(result.get("cutoffs")).hasToString("[10,30]");
    assertThat(result.get("softmax").asText()).isEqualTo("adaptive");
    assertThat(result.get("perplexity_by_cluster")).hasSize(3);
    assertThat(result.get("model").asText()).isEqualTo(out.resolve("1").toString());
    assertThat(out.resolve("checkpoints")).doesNotExist();
  }

  @Test
  void showsThePlanBeforeItTrains() {
    CommandRun run = CommandRun.of(arguments("--epochs=1"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(progress.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.matches("cluster +ranks +size × width +words +cost"))
        .anyMatch(line -> line.matches("shortlist +0\\.\\.9 +10 × 16 +\\d+\\.\\d % +\\d+\\.\\d %"))
        .anyMatch(line -> line.matches("tail cluster 1 +10\\.\\.29 +20 × 8 .*"))
        .anyMatch(line -> line.matches("tail cluster 2 +30\\.\\.61 +32 × 4 .*"))
        .allMatch(line -> line.length() < 80);
  }

  @Test
  void theOptionsOfTrainingAreUsed() throws IOException {
    json("--epochs=1", "--batch=8", "--learning-rate=0.01", "--dropout=0.25", "--seed=3");
    JsonNode provenance =
        JsonMapper.builder()
            .build()
            .readTree(out.resolve("1/assets.extra/provenance.json").toFile());
    assertThat(provenance.get("batch").asInt()).isEqualTo(8);
    assertThat(provenance.get("learning_rate").asDouble()).isEqualTo(0.01);
    assertThat(provenance.get("dropout").asDouble()).isEqualTo(0.25);
    assertThat(provenance.get("seed").asInt()).isEqualTo(3);
  }

  @Test
  void eachOptionOfTrainingChangesTheResult() throws IOException {
    double plain = json("--epochs=1").get("perplexity").asDouble();
    for (String option :
        List.of("--batch=8", "--learning-rate=0.02", "--dropout=0.5", "--seed=1")) {
      assertThat(json("--epochs=1", option).get("perplexity").asDouble())
          .as(option)
          .isNotEqualTo(plain);
    }
    assertThat(json("--epochs=1").get("perplexity").asDouble()).isEqualTo(plain);
  }

  @Test
  void choicesAreReadInAnyCase() throws IOException {
    assertThat(json("--epochs=1", "--softmax=Full").get("softmax").asText()).isEqualTo("full");
  }

  @Test
  @Timeout(600)
  void anInterruptedRunsCheckpointsAreGivenUpOnlyWhenToldSo() throws Exception {
    interruptAfterACheckpoint();
    Path checkpoints = out.resolve("checkpoints");
    List<Path> before = files(checkpoints);
    CommandRun refused = CommandRun.of(arguments("--epochs=500"));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err())
        .isEqualTo(
            "adaptive-softmax: an interrupted run left checkpoints in "
                + checkpoints
                + ": give --resume to go on from them, or --restart to delete them and begin"
                + " anew\n");
    assertThat(files(checkpoints)).isEqualTo(before);

    // Another number of epochs makes another run, whose checkpoint this is not.
    CommandRun other = CommandRun.of(arguments("--epochs=1", "--resume"));
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("has another training");
    assertThat(files(checkpoints)).isEqualTo(before);

    assertThat(json("--epochs=1", "--restart").get("epochs").asInt()).isEqualTo(1);
    assertThat(checkpoints).doesNotExist();
  }

  private void interruptAfterACheckpoint() throws Exception {
    AtomicReference<CommandRun> ended = new AtomicReference<>();
    Thread training = new Thread(() -> ended.set(CommandRun.of(arguments("--epochs=500"))));
    training.start();
    while (files(out.resolve("checkpoints")).stream()
        .noneMatch(
            path ->
                path.getParent().endsWith("checkpoints") && path.toString().contains("step-"))) {
      assertThat(training.isAlive()).isTrue();
      Thread.sleep(20);
    }
    CommandRun second = CommandRun.of(arguments("--epochs=1", "--restart"));
    assertThat(second.err())
        .isEqualTo(
            "adaptive-softmax: process %d is training into %s already\n"
                .formatted(ProcessHandle.current().pid(), out));
    assertThat(second.code()).isEqualTo(1);
    training.interrupt();
    training.join();
    assertThat(ended.get().code()).isEqualTo(1);
    assertThat(ended.get().err()).contains("adaptive-softmax: interrupted");
  }

  private static List<Path> files(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(root)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --resume --restart       | --resume, --restart are mutually exclusive
          --batch 0                | --batch must be at least 1: 0
          --epochs 0               | --epochs must be at least 1: 0
          --hidden 0               | --hidden must be at least 1: 0
          --embedding -1           | --embedding must be at least 1: -1
          --max-vocabulary 0       | --max-vocabulary must be at least 1: 0
          --learning-rate 0        | --learning-rate must be above 0 and finite: 0.0
          --learning-rate NaN      | --learning-rate must be above 0 and finite: NaN
          --dropout 1              | --dropout must be in [0, 1): 1.0
          --dropout -0.1           | --dropout must be in [0, 1): -0.1
          --threads 0              | --threads must be at least 1: 0
          --delta 0                | delta must be in (0, 1]: 0.0
          --div-value 0            | --div-value must be above 0 and finite: 0.0
          --softmax sampled        | must be one of adaptive, full: sampled
          --precision float16      | must be one of float32, bfloat16: float16
          --softmax full --tail-weights int8 | --tail-weights must be float32 with --softmax full
          --cutoffs 5,5            | cutoffs must increase: 5 after 5
          --cutoffs 0,5            | cutoffs must be at least 1: 0
          --cutoffs 1,x            | must be auto or whole numbers divided by commas: 1,x
          --out FILE               | model directory is a file: FILE
          --out FILE/model         | lies below a file: FILE
          --logdir FILE            | is a file: FILE
          --write-ids FILE/ids     | lies below a file: FILE/ids
          """)
  void badInputIsOneLineBeforeAnyWork(String options, String message) throws IOException {
    String file = Files.writeString(directory.resolve("file"), "kept").toString();
    String arguments = "train --corpus " + corpus + " " + options.replace("FILE", file);
    if (!options.contains("--out")) {
      arguments += " --out " + out;
    }
    CommandRun run = CommandRun.of(arguments.split(" +"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("adaptive-softmax: ")
        .contains(message.replace("FILE", file))
        .containsOnlyOnce("\n");
    assertThat(out).doesNotExist();
    assertThat(Path.of(file)).hasContent("kept");
  }

  /** Its lines end as in days long gone, so that it is one. */
  @Test
  void aTextWithoutALineToValidateWithIsRefused() throws IOException {
    Files.writeString(corpus, Files.readString(corpus).replace('\n', '\r'));
    CommandRun run = CommandRun.of(arguments("--epochs=1"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("adaptive-softmax: " + corpus + ": no line of 1 is held back to validate with");
    assertThat(out).doesNotExist();
  }

  @Test
  @EnabledOnOs(OS.LINUX) // /proc takes no directories, from whichever user.
  void aDirectoryThatCannotBeWrittenIsFoundBeforeAnyWork() {
    CommandRun run = CommandRun.of("train", "--corpus", corpus + "", "--out", "/proc/model");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("/proc/model").containsOnlyOnce("\n");
  }

  /** The moments go with the version on request, and nothing else changes. */
  @Test
  void keepsTheOptimizersMoments() throws IOException {
    assertThat(CommandRun.of(arguments("--epochs=1")).code()).isZero();
    CommandRun run = CommandRun.of(arguments("--epochs=1", "--keep-moments"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(out.resolve("1/assets.extra").resolve(AdamMoments.FILE)).doesNotExist();
    PublishedLanguageModel model = PublishedLanguageModel.read(out.resolve("2"));
    AdamMoments moments = AdamMoments.read(model.version(), model.configuration()).orElseThrow();
    assertThat(moments.steps()).isPositive();
    assertThat(moments.second().embedding()).contains(0f).isNotEqualTo(moments.first().embedding());
    assertThat(out.resolve("2/assets.extra/weights.sha256"))
        .hasSameTextualContentAs(out.resolve("1/assets.extra/weights.sha256"));
  }
}
