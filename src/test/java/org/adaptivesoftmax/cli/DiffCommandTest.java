package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffCommandTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Path model;
  private Path newer;

  /** The newer version has one word less in its head, one word renamed. */
  @BeforeEach
  void export() throws IOException {
    model = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory).base();
    newer = directory.resolve("newer");
    Path words = Path.of("assets/vocabulary.txt");
    for (String file : List.of("saved_model.pb", "assets.extra/provenance.json")) {
      Path copy = newer.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(model.resolve("1").resolve(file), copy);
    }
    Path provenance = newer.resolve("assets.extra/provenance.json");
    String changed =
        Files.readString(provenance)
            .replaceFirst("\"cutoffs\" : \\[ 6, 15 ]", "\"cutoffs\" : [ 5, 15 ]");
    assertThat(changed).contains("[ 5, 15 ]");
    Files.writeString(provenance, changed);
    List<String> lines = new ArrayList<>(Files.readAllLines(model.resolve("1").resolve(words)));
    lines.set(20, "zebra");
    Files.createDirectories(newer.resolve(words).getParent());
    Files.write(newer.resolve(words), lines);
  }

  @Test
  void comparesTwoVersions() throws IOException {
    List<String> words = Files.readAllLines(model.resolve("1/assets/vocabulary.txt"));
    CommandRun run = CommandRun.of("diff", model.toString(), newer.toString(), "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = JsonMapper.builder().build().readTree(run.out());
    assertThat(json.path("older").asText()).isEqualTo(model.resolve("1").toString());
    assertThat(json.path("newer").asText()).isEqualTo(newer.toString());
    assertThat(json.path("kept").asInt()).isEqualTo(words.size() - 2);
    assertThat(json.path("added").path("words").toString())
        .isEqualTo("[{\"word\":\"zebra\",\"cluster\":2,\"count\":0}]");
    assertThat(json.path("dropped").path("words").path(0).path("word").asText())
        .isEqualTo(words.get(20));
    assertThat(json.path("moved").path("down").asInt()).isEqualTo(1);
    assertThat(json.path("moved").path("words").path(0).path("word").asText())
        .isEqualTo(words.get(5));
  }

  @Test
  void writesTheDifferenceForAReader() {
    CommandRun run = CommandRun.of("diff", model.toString(), newer.toString(), "--top", "0");
    assertThat(run.out()).contains("zebra, tail cluster 2").contains("shortlist to tail cluster 1");
    assertThat(CommandRun.of("diff", model.toString(), model.toString()).out())
        .contains("added            0")
        .contains("moved            0 up, 0 down");
  }

  @Test
  void aBadCallIsOneLine() {
    assertThat(CommandRun.of("diff", model.toString(), "none").err())
        .isEqualTo("adaptive-softmax: no such model directory: none\n");
    CommandRun top = CommandRun.of("diff", model.toString(), newer.toString(), "--top", "-1");
    assertThat(top.err()).isEqualTo("adaptive-softmax: --top must be at least 0: -1\n");
    assertThat(top.code()).isEqualTo(2);
  }
}
