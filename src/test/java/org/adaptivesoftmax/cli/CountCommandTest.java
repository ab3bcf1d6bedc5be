package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private String a;
  private String b;
  private String out;

  @BeforeEach
  void write() throws IOException {
    a = Files.writeString(directory.resolve("a.txt"), "the dog\nthe end\n").toString();
    b = Files.writeString(directory.resolve("b.txt"), "the cat\n").toString();
    out = directory.resolve("counts").toString();
  }

  private static JsonNode json(CommandRun run) throws IOException {
    assertThat(run.code()).as(run.err()).isZero();
    return JsonMapper.builder().build().readTree(run.out());
  }

  @Test
  void countsFiles() throws IOException {
    JsonNode result =
        json(CommandRun.of("count", "--corpus", a, "--corpus", b, "--out", out, "--json"));
    assertThat(result.path("tokens").asLong()).isEqualTo(6);
    assertThat(result.path("distinct").asLong()).isEqualTo(4);
    assertThat(result.path("documents").asLong()).isEqualTo(3);
    assertThat(result.path("seconds").asDouble()).isPositive();
    assertThat(result.path("tokens_per_second").asDouble()).isPositive();
    assertThat(Path.of(out, "counts.tsv")).hasContent("the\t3\ncat\t1\ndog\t1\nend\t1\n");
    CommandRun text = CommandRun.of("count", "--corpus", a, b, "--out", out);
    assertThat(text.code()).isZero();
    assertThat(text.out()).startsWith("tokens           6").contains("distinct         4");
  }

  @Test
  void addsCountsUp() throws IOException {
    String first = directory.resolve("first").toString();
    String second = directory.resolve("second").toString();
    json(CommandRun.of("count", "--corpus", a, "--out", first, "--date", "2026-01-01", "--json"));
    json(CommandRun.of("count", "--corpus", b, "--out", second, "--date", "2026-02-01", "--json"));
    JsonNode sum = json(CommandRun.of("count", "--merge", first, second, "--out", out, "--json"));
    assertThat(sum.path("tokens").asLong()).isEqualTo(6);
    assertThat(Path.of(out, "counts.tsv")).hasContent("the\t3\ncat\t1\ndog\t1\nend\t1\n");
    assertThat(Files.readString(Path.of(out, "about.json"))).contains("\"2026-02-01\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--corpus NONE --out OUT",
        "--corpus A",
        "--corpus A --merge OUT OUT --out OUT",
        "--merge A --out OUT",
        "--merge OUT OUT --out OUT",
        "--corpus A --out A",
        "--corpus A --out OUT --memory 0",
        "--corpus A --out OUT --memory 10000000",
        "--corpus A --out OUT --threads 0",
        "--corpus A --out OUT --min-count 0",
        "--corpus A --out OUT --min-count 100",
        "--corpus A --out OUT --date soon"
      })
  void aBadCallIsOneLineAndLeavesNothing(String arguments) {
    String[] words =
        ("count " + arguments)
            .replace("NONE", directory.resolve("none.txt").toString())
            .replace("A ", a + " ")
            .replaceAll("A$", a)
            .replace("OUT", out)
            .split(" ");
    CommandRun run = CommandRun.of(words);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().filter(line -> !line.startsWith("counting")))
        .singleElement()
        .asString()
        .startsWith("adaptive-softmax: ");
    assertThat(directory).isDirectoryNotContaining("glob:**/{counts,.unfinished*}");
  }
}
