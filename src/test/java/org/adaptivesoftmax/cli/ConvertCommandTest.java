package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that export a language model with other tail weights. */
class ConvertCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void convertsAndMeasures() throws IOException {
    String model =
        TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory).base().toString();
    String out = directory.resolve("out").toString();
    String corpus = Files.write(directory.resolve("text"), TinyLanguageModel.SENTENCES).toString();
    String[] arguments = {
      "convert", "--model", model, "--out", out, "--tail-weights", "int8", "--corpus", corpus
    };
    JsonNode result = json(arguments);
    assertThat(result.fieldNames()).toIterable().containsExactly("model", "tail_weights");
    assertThat(result.get("model").asText()).isEqualTo(out + "/1");
    JsonNode cost = result.get("tail_weights");
    assertThat(cost.get("form").asText()).isEqualTo("int8");
    assertThat(cost.get("bytes").asLong()).isEqualTo(bytes(Path.of(out, "1")));
    assertThat(cost.get("float32_bytes").asLong()).isEqualTo(bytes(Path.of(model, "1")));
    assertPerplexities(cost, corpus, model, out);
    CommandRun text = CommandRun.of(arguments);
    assertThat(text.err()).isEmpty();
    assertThat(text.out()).contains(out + "/2", "int8: ", "perplexity, sentences apart", " %");

    CommandRun again =
        CommandRun.of("convert", "--model", out, "--out", model, "--tail-weights", "float32");
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err())
        .isEqualTo(
            "adaptive-softmax: only a model with float32 tail weights can be exported anew: "
                + out
                + "/2 has INT8\n");
    JsonNode float32 = json("convert", "--model", model, "--out", out, "--tail-weights", "float32");
    assertThat(float32.get("tail_weights").has("perplexity")).isFalse();
    assertThat(float32.get("model").asText()).isEqualTo(out + "/3");
  }

  private static void assertPerplexities(JsonNode cost, String corpus, String model, String out)
      throws IOException {
    double before = evaluated(model, corpus);
    double after = evaluated(out, corpus);
    assertThat(after).isNotEqualTo(before);
    assertThat(cost.get("float32_perplexity").asDouble()).isCloseTo(before, within(1e-6));
    assertThat(cost.get("perplexity").asDouble()).isCloseTo(after, within(1e-6));
    assertThat(cost.get("perplexity_change_percent").asDouble())
        .isCloseTo(100 * (after / before - 1), within(1e-6));
  }

  private static double evaluated(String model, String corpus) throws IOException {
    return json("evaluate", "--model", model, "--corpus", corpus).get("perplexity").asDouble();
  }

  @Test
  void trainMeasuresToo() throws IOException {
    List<String> lines =
        IntStream.range(0, 300)
            .mapToObj(i -> "the fox number %d jumps over dog %d".formatted(i % 17, i % 29))
            .distinct()
            .toList();
    String corpus = Files.write(directory.resolve("corpus"), lines).toString();
    String out = directory.resolve("model").toString();
    String[] train = {
      "train",
      "--corpus",
      corpus,
      "--cutoffs",
      "5,20",
      "--embedding",
      "8",
      "--hidden",
      "16",
      "--epochs",
      "1",
      "--out",
      out,
      "--json"
    };
    CommandRun run =
        CommandRun.of(
            Stream.concat(Stream.of(train), Stream.of("--tail-weights", "bfloat16"))
                .toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode cost = JSON.readTree(run.out()).get("tail_weights");
    assertThat(cost.get("bytes").asLong()).isEqualTo(bytes(Path.of(out, "1")));
    assertThat(cost.get("perplexity").asDouble()).isGreaterThan(1);
    assertThat(cost.get("perplexity_change_percent").asDouble()).isBetween(-0.5, 0.5);
    CommandRun full =
        CommandRun.of("train", "--softmax", "full", "--tail-weights", "int8", "--out", out);
    assertThat(full.code()).isEqualTo(2);
    assertThat(full.err())
        .isEqualTo(
            "adaptive-softmax: --tail-weights must be float32 with --softmax full, which has no tail"
                + " clusters: int8\n");
  }

  private static JsonNode json(String... arguments) throws IOException {
    CommandRun run =
        CommandRun.of(
            Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return JSON.readTree(run.out());
  }

  private static long bytes(Path version) throws IOException {
    try (Stream<Path> files = Files.walk(version)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
