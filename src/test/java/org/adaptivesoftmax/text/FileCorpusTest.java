package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileCorpusTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path directory;

  @Test
  void readsLinesOfAllFilesInOrder() throws IOException {
    Path first = write("a.txt", "one\n\ntwo".getBytes(StandardCharsets.UTF_8));
    Path second = write("b.txt", "drei \u00E4\n\n".getBytes(StandardCharsets.UTF_8));
    Corpus corpus = Corpus.ofFiles(List.of(first, second));
    for (int time = 0; time < 2; time++) {
      assertThat(lines(corpus)).containsExactly("one", "", "two", "drei \u00E4", "");
    }
    assertThat(corpus.name()).isEqualTo(first + ", " + second);
  }

  @Test
  void skipsCarriageReturnsAtLineEndsAndAByteOrderMark() throws IOException {
    Path file =
        write("w.txt", "\uFEFFone\r\n\r\ntw\ro\r\n\uFEFFx\r".getBytes(StandardCharsets.UTF_8));
    assertThat(lines(Corpus.ofFile(file))).containsExactly("one", "", "tw\ro", "\uFEFFx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c3", "c328", "eda080", "c0af", "f4908080"})
  void namesFileAndLineOfMalformedUtf8(String hex) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("good\n\u00E9\nbad ".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < hex.length(); i += 2) {
      bytes.write(Integer.parseInt(hex.substring(i, i + 2), 16));
    }
    bytes.write("\ngood\n".getBytes(StandardCharsets.UTF_8));
    Path file = write("bad.txt", bytes.toByteArray());
    assertThatThrownBy(() -> lines(Corpus.ofFile(file)))
        .isInstanceOf(TextFileException.class)
        .hasMessage(file + ":3: not valid UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \r\n\t\n", "\uFEFF"})
  void refusesAFileWithoutText(String text) throws IOException {
    Path good = write("good.txt", "word\n".getBytes(StandardCharsets.UTF_8));
    Path empty = write("empty.txt", text.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> lines(Corpus.ofFiles(List.of(good, empty))))
        .isInstanceOf(TextFileException.class)
        .hasMessage(empty + ": empty, a corpus needs at least one line of text");
  }

  @Test
  void refusesWhatIsNoFile() {
    assertThatThrownBy(() -> Corpus.ofFile(directory.resolve("none.txt")))
        .isInstanceOf(TextFileException.class)
        .hasMessage(directory.resolve("none.txt") + ": no such file");
    assertThatThrownBy(() -> Corpus.ofFile(directory))
        .isInstanceOf(TextFileException.class)
        .hasMessage(directory + ": not a regular file");
    assertThatThrownBy(() -> Corpus.ofFiles(List.of()))
        .isInstanceOf(TextFileException.class)
        .hasMessage("a corpus needs at least one file");
  }

  @Test
  void refusesAnEndlessLine() {
    byte[] letters = new byte[TextLines.MAX_LINE_BYTES + 1];
    Arrays.fill(letters, (byte) 'a');
    InputStream in = new ByteArrayInputStream(letters);
    assertThatThrownBy(() -> TextLines.forEach(in, "long.txt", (number, line) -> {}))
        .isInstanceOf(TextFileException.class)
        .hasMessage("long.txt:1: line is longer than 16777216 bytes");
    ByteArrayInputStream longest = new ByteArrayInputStream(letters, 1, letters.length - 1);
    List<Integer> lengths = new ArrayList<>();
    assertThat(lengthsOfLines(longest, lengths)).containsExactly(TextLines.MAX_LINE_BYTES);
  }

  @Property(tries = 200)
  void linesJoinedToTheText(@ForAll @Size(max = 5) List<@IntRange(max = 70_000) Integer> lengths)
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (int length : lengths) {
      text.append("\u00E9".repeat(length / 2)).append("x".repeat(length % 2)).append('\n');
    }
    List<String> read = new ArrayList<>();
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    TextLines.forEach(
        new ByteArrayInputStream(bytes),
        "text",
        (number, line) -> {
          read.add(line);
          assertThat(number).isEqualTo(read.size());
        });
    assertThat(read).hasSameSizeAs(lengths);
    assertThat(String.join("", read)).isEqualTo(text.toString().replace("\n", ""));
  }

  private static List<Integer> lengthsOfLines(InputStream in, List<Integer> lengths) {
    try {
      TextLines.forEach(in, "text", (number, line) -> lengths.add(line.length()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return lengths;
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  private static List<String> lines(Corpus corpus) throws IOException {
    List<String> lines = new ArrayList<>();
    corpus.forEachLine(lines::add);
    return lines;
  }
}
