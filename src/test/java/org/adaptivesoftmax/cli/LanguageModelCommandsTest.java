package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.inference.BeamOptions;
import org.adaptivesoftmax.inference.ClusterScores;
import org.adaptivesoftmax.inference.Continuation;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.Sampling;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands evaluate and complete, on one small exported model. */
class LanguageModelCommandsTest {
  private static String model;
  private static SavedLanguageModel loaded;
  private static Path directory;

  @BeforeAll
  static void export(@TempDir Path temporary) throws IOException {
    directory = temporary;
    var exported = TinyLanguageModel.save(temporary, Softmax.ADAPTIVE).export(temporary);
    model = exported.base().toString();
    loaded = SavedLanguageModel.load(exported);
  }

  @AfterAll
  static void close() {
    loaded.close();
  }

  private static JsonNode json(String... args) throws IOException {
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  @Test
  void evaluatesSeveralFiles() throws IOException {
    Path first = Files.writeString(directory.resolve("first.txt"), "the lazy dog.\n\na fox\n");
    Path second = Files.writeString(directory.resolve("second.txt"), "the zebra is quick\r\n");
    JsonNode result =
        json("evaluate", "--model", model, "--corpus", first + "", second + "", "--json");
    ClusterScores expected = loaded.evaluate(Corpus.ofFiles(List.of(first, second)));
    assertThat(keys(result)).containsExactly("perplexity", "perplexity_by_cluster", "tokens");
    assertThat(result.get("tokens").asLong()).isEqualTo(4 + 1 + 2 + 1 + 4 + 1);
    double nats = expected.nats().stream().mapToDouble(Double::doubleValue).sum();
    assertThat(result.get("perplexity").asDouble())
        .isCloseTo(Math.exp(nats / 13), within(1e-9 * Math.exp(nats / 13)));
    for (int c = 0; c < 3; c++) {
      assertThat(result.get("perplexity_by_cluster").get(c).asDouble())
          .isCloseTo(Math.exp(expected.nats().get(c) / expected.words().get(c)), within(1e-6));
    }
  }

  @Test
  void aClusterWithoutWordsIsNull() throws IOException {
    Path corpus = Files.writeString(directory.resolve("frequent.txt"), "the the\n");
    JsonNode byCluster =
        json("evaluate", "--model", model, "--corpus", corpus + "", "--json")
            .get("perplexity_by_cluster");
    assertThat(byCluster.get(0).isNumber()).isTrue();
    assertThat(byCluster.get(1).isNull()).isTrue();
    assertThat(byCluster.get(2).isNull()).isTrue();
    assertThat(CommandRun.of("evaluate", "--model", model, "--corpus", corpus + "").out())
        .contains("tokens", "3", "shortlist", "tail cluster 2", "no token");
  }

  @Test
  void searchesContinuations() throws IOException {
    JsonNode result = json("complete", "--model", model, "--text", "the", "--beam", "3", "--json");
    assertThat(keys(result)).containsExactly("text", "continuations");
    List<Continuation> expected = loaded.beam("the", BeamOptions.defaults().width(3));
    assertThat(result.get("continuations")).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      JsonNode found = result.get("continuations").get(i);
      assertThat(keys(found)).containsExactly("words", "log_prob", "score", "ended");
      assertThat(found.get("words").asText()).isEqualTo(expected.get(i).words());
      assertThat(found.get("log_prob").asDouble())
          .isCloseTo(expected.get(i).logProb(), within(1e-4));
    }
    assertThat(CommandRun.of("complete", "--model", model, "--text", "the", "--beam", "3").out())
        .hasLineCount(expected.size())
        .contains("the " + expected.get(0).words());
  }

  @Test
  void completes() throws IOException {
    JsonNode result =
        json("complete", "--model", model, "--text", "The dog", "--top", "4", "--json");
    assertThat(keys(result)).containsExactly("text", "completions");
    assertThat(result.get("text").asText()).isEqualTo("The dog");
    List<NextWord> expected = words("The dog").subList(0, 4);
    assertThat(result.get("completions")).hasSize(4);
    for (int i = 0; i < 4; i++) {
      JsonNode completion = result.get("completions").get(i);
      assertThat(keys(completion)).containsExactly("word", "log_prob");
      assertThat(completion.get("word").asText()).isEqualTo(expected.get(i).word());
      assertThat((float) completion.get("log_prob").asDouble())
          .isEqualTo(expected.get(i).logProb());
    }
    assertThat(CommandRun.of("complete", "--model", model, "--text", "The dog").out().lines())
        .hasSize(11)
        .anyMatch(line -> line.startsWith(expected.get(0).word() + " "));
  }

  /** The tiny model is untrained: both are among its most probable entries for some of these texts. */
  @Test
  void offersTheUnknownWordAndTheEndOnlyWhenAsked() throws IOException {
    for (String text : List.of("", "the", "The dog", "a quick fox")) {
      List<String> offered = offered(text, "--top=26");
      assertThat(offered).hasSize(26).doesNotContain(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY);
      assertThat(offered(text)).isEqualTo(offered.subList(0, 10));
      List<String> all = offered(text, "--all-words", "--top=28");
      assertThat(all).hasSize(28).contains(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY);
      assertThat(all).containsSubsequence(offered);
    }
  }

  private static List<String> offered(String text, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("complete", "--model", model, "--text", text, "--json"));
    arguments.addAll(List.of(more));
    List<String> words = new ArrayList<>();
    json(arguments.toArray(String[]::new))
        .get("completions")
        .forEach(next -> words.add(next.get("word").asText()));
    return words;
  }

  /** All of the model's own next words, best first. */
  private static List<NextWord> words(String text) {
    return new NextWords(loaded, false).of(List.of(text), 26).get(0);
  }

  @Test
  void samples() throws IOException {
    JsonNode result =
        json(
            "complete",
            "--json",
            "--model",
            model,
            "--text",
            "the",
            "--sample",
            "2",
            "--temperature",
            "0.7",
            "--seed",
            "5");
    assertThat(keys(result)).containsExactly("text", "samples");
    List<String> samples = new ArrayList<>();
    result.get("samples").forEach(sample -> samples.add(sample.asText()));
    assertThat(samples)
        .isEqualTo(
            loaded.sample("the", Sampling.builder().count(2).temperature(0.7).seed(5).build()));
    assertThat(CommandRun.of("complete", "--model", model, "--text", "the", "--sample", "2").out())
        .isEqualTo(
            String.join(
                    System.lineSeparator(),
                    loaded.sample("the", Sampling.builder().count(2).build()).stream()
                        .map(words -> "the " + words)
                        .toList())
                + System.lineSeparator());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          "complete --model MODEL/none --text a", "no such model directory: MODEL/none"
          "complete --model MODEL/1 --text a", "must be the one above the version: MODEL/1"
          "complete --model MODEL/1/assets --text a", "model directory has no version"
          "complete --model MODEL --text a --top 0", "--top must be in 1..26 (vocabulary without <unk> and </s>): 0"
          "complete --model MODEL --text a --top 27", "--top must be in 1..26 (vocabulary without <unk> and </s>): 27"
          "complete --model MODEL --text a --all-words --top 29", "--top must be in 1..28 (vocabulary): 29"
          "complete --model MODEL --text a --all-words --sample 1", "--all-words is about next words"
          "complete --model MODEL --text a --all-words --beam 1", "--all-words is about next words"
          "complete --model MODEL --text a --sample 0", "--sample must be at least 1: 0"
          "complete --model MODEL --text a --sample 1 --temperature 0", "--temperature must be above 0 and finite: 0.0"
          "complete --model MODEL --text a --sample 1 --temperature -1", "--temperature must be above 0 and finite: -1.0"
          "complete --model MODEL --text a --sample 1 --top 3", "--top gives next words, --sample continuations"
          "complete --model MODEL --text a --beam 0", "--beam must be at least 1: 0"
          "complete --model MODEL --text a --beam 1 --top 3", "--top gives next words, --beam continuations"
          "complete --model MODEL --text a --beam 1 --sample 3", "--sample draws by chance, --beam searches"
          "complete --model MODEL --text a --seed 1", "--seed needs --sample"
          "complete --model MODEL --text a --temperature 1", "--temperature needs --sample"
          "complete --model MODEL", "--text"
          "evaluate --model MODEL/none --corpus MODEL/1/assets/vocabulary.txt", "no such model directory: MODEL/none"
          "evaluate --model MODEL --corpus MODEL/none.txt", "no such file: MODEL/none.txt"
          "evaluate --model MODEL --corpus EMPTY", "empty.txt: empty"
          "evaluate --model MODEL", "--corpus"
          "train --precision float16", "Invalid value for option '--precision': must be one of float32, bfloat16: float16"
          """)
  void badInputIsOneLine(String arguments, String message) throws IOException {
    Path empty = Files.writeString(directory.resolve("empty.txt"), "");
    CommandRun run =
        CommandRun.of(
            arguments.replace("MODEL", model).replace("EMPTY", empty.toString()).split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("adaptive-softmax: ")
        .contains(message.replace("MODEL", model))
        .containsOnlyOnce("\n");
  }
}
