package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerCommandTest {
  private static final Path SAMPLES = Path.of("savedmodels", "samples");
  private static final String MODEL = SAMPLES.resolve("classifier").toString();
  private static final String REQUEST =
      SAMPLES.resolve("requests/classifier/classify.json").toString();

  private final Path directory;

  AnswerCommandTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void writesTheAnswer() throws IOException {
    CommandRun run = CommandRun.of("answer", "--model", MODEL, REQUEST);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("{\n  \"results\" : [ [ [ \"timetable\", 0.9");
    CommandRun json = CommandRun.of("answer", "--json", "--model", MODEL, REQUEST);
    assertThat(json.out())
        .startsWith(
            "{\"model\":\"%s/1\",\"answers\":{\"%s\":{\"results\":".formatted(MODEL, REQUEST));
  }

  @Test
  void writesFilesOfTheRequestsNames() throws IOException {
    String other = SAMPLES.resolve("requests/classifier/serving_default.json").toString();
    Path out = directory.resolve("answers");
    CommandRun run =
        CommandRun.of("answer", "--model", MODEL, "--out", out.toString(), REQUEST, other);
    assertThat(run.code()).isZero();
    assertThat(out.resolve("classify.json")).content().startsWith("{\n  \"results\"");
    assertThat(out.resolve("serving_default.json")).content().startsWith("{\n  \"predictions\"");
  }

  @Test
  void neitherRequestsNorAnswersAreReplaced() throws IOException {
    Path request = Files.copy(Path.of(REQUEST), directory.resolve("classify.json"));
    String body = Files.readString(request);
    Path link = Files.createSymbolicLink(directory.resolveSibling("link" + hashCode()), directory);
    for (Path out : List.of(directory, link)) {
      CommandRun run =
          CommandRun.of("answer", "--model", MODEL, "--out", out.toString(), request.toString());
      assertThat(run.err())
          .isEqualTo(
              "adaptive-softmax: --out would replace a request by its answer: " + request + "\n");
      assertThat(run.code()).isEqualTo(2);
      assertThat(request).hasContent(body);
    }
    Files.delete(link);
    String out = directory.resolve("answers").toString();
    CommandRun run =
        CommandRun.of("answer", "--model", MODEL, "--out", out, REQUEST, request.toString());
    assertThat(run.err())
        .isEqualTo(
            "adaptive-softmax: %s and %s would have one answer in --out\n"
                .formatted(REQUEST, request));
    assertThat(run.code()).isEqualTo(2);
    assertThat(directory.resolve("answers")).doesNotExist();
  }

  @Test
  void refusesARequestThatIsNone() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.json"), "{\"instances\": [1,");
    Path wrong = Files.writeString(directory.resolve("wrong.json"), "{\"rows\": [1]}");
    Path out = directory.resolve("answers");
    CommandRun run =
        CommandRun.of(
            "answer", "--model", MODEL, "--out", out.toString(), REQUEST, broken.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("adaptive-softmax: " + broken + ": not JSON: ")
        .hasLineCount(1);
    assertThat(out).doesNotExist();
    run = CommandRun.of("answer", "--model", MODEL, wrong.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("adaptive-softmax: %s: Missing 'inputs' or 'instances' key%n".formatted(wrong));
    assertThat(
            CommandRun.of("answer", "--model", directory.resolve("none").toString(), REQUEST)
                .code())
        .isEqualTo(2);
  }

  @Test
  void aRequestOfGigabytesIsNotRead() throws IOException {
    Path large = directory.resolve("large.json");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(2L << 30); // sparse
    }
    CommandRun run = CommandRun.of("answer", "--model", MODEL, large.toString());
    assertThat(run.err()).contains("file has 2147483648 bytes, more than 67108864: " + large);
    assertThat(run.code()).isEqualTo(2);
  }
}
