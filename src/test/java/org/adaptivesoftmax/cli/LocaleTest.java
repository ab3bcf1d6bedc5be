package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a machine reads does not depend on the user's language: Persian writes %d with digits of its own, and Turkish has an
 * I that is no upper case of i.
 */
class LocaleTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path SOURCES = Path.of("savedmodels", "samples", "sources");
  private static final Path REQUESTS = Path.of("savedmodels", "samples", "requests");

  @TempDir static Path directory;

  @Test
  @Tag("slow")
  void modelsAndAnswersAreTheSame() throws Exception {
    Map<String, JsonNode> english = run("en");
    for (String language : List.of("fa", "tr")) {
      assertThat(run(language)).as(language).isEqualTo(english);
    }
  }

  /** A name has no spaces; a message has, or is a range. */
  @Test
  void noNameIsFormattedInTheDefaultLocale() throws IOException {
    Pattern name = Pattern.compile("\"[^\" ]*%0?\\d*[dxX][^\" ]*\"\\s*\\.formatted\\(");
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        assertThat(
                name.matcher(Files.readString(file))
                    .results()
                    .map(MatchResult::group)
                    .filter(text -> !text.contains("..")))
            .as("%s: a name needs Locale.ROOT or +", file)
            .isEmpty();
      }
    }
  }

  /** Imports, trains, inspects and asks in a process of that language. */
  private static Map<String, JsonNode> run(String language) throws Exception {
    Path out = Files.createDirectory(directory.resolve(language));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=" + language,
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Commands.class.getName(),
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.resolve("log").toFile())
            .start();
    try {
      assertThat(child.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.exitValue()).as(Files.readString(out.resolve("log"))).isZero();
    Map<String, JsonNode> results = new TreeMap<>();
    try (Stream<Path> files = Files.list(out)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        String text = Files.readString(file).replace(out.toString(), "OUT");
        results.put(file.getFileName().toString(), withoutTimes(JSON.readTree(text)));
      }
    }
    return results;
  }

  private static JsonNode withoutTimes(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(
          List.of("seconds", "train_seconds", "tokens_per_second", "examples_per_second"));
      // They hold the lines above.
      object.remove(
          List.of("bytes", "float32_bytes", "assets.extra/provenance.json", "files_sha256"));
    }
    node.forEach(LocaleTest::withoutTimes);
    return node;
  }

  /** The child process. */
  static final class Commands {
    private final Path out;

    private Commands(Path out) {
      this.out = out;
    }

    public static void main(String[] arguments) throws IOException {
      new Commands(Path.of(arguments[0])).run();
    }

    private void run() throws IOException {
      Path layer = out.resolve("layer");
      Path weights = SOURCES.resolve("layer.safetensors");
      run("import", "import-pytorch", "--weights", weights, "--out", layer);
      run("inspect", "inspect", "--model", layer);
      for (String request : List.of("serving_default", "log_prob", "score")) {
        Path body = REQUESTS.resolve("output-layer").resolve(request + ".json");
        run("answer-" + request, "answer", "--model", layer, body);
      }
      Path corpus = out.resolve("corpus");
      try (Stream<String> lines = Files.lines(SOURCES.resolve("sentences.txt"))) {
        Files.write(corpus, lines.limit(200).toList());
      }
      Path words = out.resolve("words");
      run(
          "train",
          "train",
          "--corpus",
          corpus,
          "--embedding",
          8,
          "--hidden",
          8,
          "--cutoffs",
          "16,48",
          "--epochs",
          1,
          "--seed",
          1,
          "--out",
          words);
      run("inspect-words", "inspect", "--model", words);
      run("evaluate", "evaluate", "--model", words, "--corpus", corpus);
      run("complete", "complete", "--model", words, "--text", "I INSIST");
      run(
          "convert",
          "convert",
          "--model",
          words,
          "--tail-weights",
          "int8",
          "--out",
          out.resolve("int8"));
    }

    private void run(String name, Object... arguments) throws IOException {
      String[] words =
          Stream.concat(Stream.of(arguments), Stream.of("--json"))
              .map(Object::toString)
              .toArray(String[]::new);
      PrintStream before = System.out;
      try (PrintStream result =
          new PrintStream(out.resolve(name + ".json").toFile(), StandardCharsets.UTF_8)) {
        System.setOut(result);
        Main.main(words);
      } finally {
        System.setOut(before);
      }
    }
  }
}
