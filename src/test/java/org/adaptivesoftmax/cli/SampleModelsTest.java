package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.server.RestAnswer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The models of {@code savedmodels/samples} against the answers beside them. */
@Tag("slow")
class SampleModelsTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path SAMPLES = Path.of("savedmodels", "samples").toAbsolutePath();

  @ParameterizedTest
  @ValueSource(strings = {"output-layer", "language-model", "classifier"})
  void answerAsExpected(String model) throws IOException {
    try (LocalModel local = LocalModel.builder(new ModelDirectory(SAMPLES.resolve(model))).load()) {
      List<Path> requests = files(SAMPLES.resolve("requests").resolve(model));
      List<String> signatures = requests.stream().map(SampleModelsTest::signature).toList();
      assertThat(local.metadata().signatures().keySet())
          .filteredOn(key -> !key.startsWith("__"))
          .containsExactlyInAnyOrderElementsOf(signatures);
      for (Path request : requests) {
        JsonNode body = read(request);
        assertThat(body.path("signature_name").asText("serving_default"))
            .isEqualTo(signature(request));
        assertSame(answer(local, body), answer(SAMPLES, request), 1e-4, request.toString());
      }
    }
  }

  /** Trained anew, the numbers may differ a little: with the processor, the order of sums differs. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void areMadeAnewByOneCommand(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("log");
    Path out = directory.resolve("samples");
    int code =
        new ProcessBuilder(Path.of("tools", "sample-models").toString(), out.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    assertThat(code).as(Files.readString(log)).isZero();
    try (Stream<Path> made = Files.list(out)) {
      assertThat(made.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("output-layer", "language-model", "classifier", "answers");
    }
    for (Path model : files(SAMPLES.resolve("requests"))) {
      for (Path request : files(model)) {
        assertSame(answer(out, request), answer(SAMPLES, request), 1e-2, request.toString());
      }
    }
  }

  /** Each curl line of the README, with the line below it. */
  @Test
  void answerAsTheReadmeSays() throws IOException {
    Matcher calls =
        Pattern.compile(
                "^\\$ curl \\S+/models/(\\S+):\\S+ -d (?:@(\\S+)|'(.+)')\\n(.+)$",
                Pattern.MULTILINE)
            .matcher(Files.readString(SAMPLES.resolveSibling("README.md")));
    int count = 0;
    for (; calls.find(); count++) {
      String file = calls.group(2);
      JsonNode request = file == null ? JSON.readTree(calls.group(3)) : read(Path.of(file));
      Path model = SAMPLES.resolve(calls.group(1));
      try (LocalModel local = LocalModel.builder(new ModelDirectory(model)).load()) {
        JsonNode answer = JSON.readTree(calls.group(4));
        assertSame(answer(local, request), answer, 1e-4, calls.group());
      }
    }
    assertThat(count).isEqualTo(4);
  }

  @Test
  void areSmall() throws IOException {
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      assertThat(bytes).isBetween(1L, 1_000_000L);
    }
  }

  /** As a client reads it: a whole number may have another type before. */
  private static JsonNode answer(LocalModel model, JsonNode request) throws IOException {
    return JSON.readTree(RestAnswer.of(model, request).toString());
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static String signature(Path request) {
    return request.getFileName().toString().replace(".json", "");
  }

  private static JsonNode answer(Path samples, Path request) throws IOException {
    Path model = request.getParent().getFileName();
    return read(samples.resolve("answers").resolve(model).resolve(request.getFileName()));
  }

  private static JsonNode read(Path file) throws IOException {
    return JSON.readTree(Files.readString(file));
  }

  private static void assertSame(
      JsonNode actual, JsonNode expected, double tolerance, String where) {
    if (expected.isContainerNode()) {
      assertThat(actual.getNodeType()).as(where).isEqualTo(expected.getNodeType());
      assertThat(actual).as(where).hasSize(expected.size());
      expected
          .properties()
          .forEach(
              field -> assertSame(actual.path(field.getKey()), field.getValue(), tolerance, where));
      for (int i = 0; expected.isArray() && i < expected.size(); i++) {
        assertSame(actual.get(i), expected.get(i), tolerance, where);
      }
    } else if (expected.isFloatingPointNumber()) {
      double allowed = tolerance * Math.max(1, Math.abs(expected.doubleValue()));
      assertThat(actual.isNumber()).as(where).isTrue();
      assertThat(actual.doubleValue()).as(where).isCloseTo(expected.doubleValue(), within(allowed));
    } else {
      assertThat(actual).as(where).isEqualTo(expected);
    }
  }
}
