package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
  private static final String NOTE = "epoch 12, loss 4.512";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private Progress progress(int columns, int millis) {
    PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    Progress.Display display = new Progress.Display(out, "words", columns);
    return new Progress("training", 3_236_480, 0, display, millis);
  }

  private String text() {
    return written.toString(StandardCharsets.UTF_8);
  }

  @Test
  void isReadableAt80Columns() throws InterruptedException {
    try (Progress progress = progress(80, 20)) {
      progress.step(1_391_686, NOTE);
      Thread.sleep(200);
    }
    List<String> drawn = Stream.of(text().split("[\r\n]+")).map(String::strip).toList();
    assertThat(drawn).allMatch(line -> line.length() < 80);
    String last = drawn.get(drawn.size() - 1);
    assertThat(last)
        .matches(
            "training  42 % \\[=+ +\\] [\\d,.]+ words/s, \\d+:\\d\\d left, \\Q" + NOTE + "\\E");
    assertThat(last.indexOf(']') - last.indexOf('[')).isGreaterThan(10);
    assertThat(text()).endsWith("\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 40, 60, 200})
  void fitsEveryWidth(int columns) throws InterruptedException {
    try (Progress progress = progress(columns, 20)) {
      progress.step(1_391_686, NOTE);
      Thread.sleep(60);
      progress.step(1, NOTE);
    }
    assertThat(text().split("[\r\n]+")).allMatch(line -> line.length() < Math.max(2, columns));
  }

  @Test
  @Timeout(120)
  void isPlainLinesWhereNoTerminalIs() throws InterruptedException {
    try (Progress progress = progress(0, 50)) {
      for (int i = 0; i < 4; i++) {
        progress.step(100_000, NOTE);
        while (text().lines().count() <= i) {
          Thread.sleep(1);
        }
      }
      progress.line("epoch 1: done");
    }
    assertThat(text()).doesNotContain("\r").endsWith("\n");
    List<String> lines = text().lines().toList();
    assertThat(lines).hasSize(5).doesNotHaveDuplicates().contains("epoch 1: done");
    // A speed is known once some time has passed, which the first line may not have.
    assertThat(lines.get(0)).matches("training \\d+ %, ([\\d,.]+ words/s, .*)?\\Q" + NOTE + "\\E");
  }

  @Test
  void saysNothingAboutNothing() {
    progress(0, 50).close();
    assertThat(text()).isEmpty();
  }

  @Test
  void aLineStaysAboveTheBar() throws InterruptedException {
    try (Progress progress = progress(80, 10_000)) {
      progress.step(1, NOTE);
      Thread.sleep(50);
      progress.line("epoch 1: done");
    }
    assertThat(text()).containsPattern("\repoch 1: done *\n");
  }
}
