package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.adaptivesoftmax.text.TextFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassOrderFileTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path directory;

  private Path file(String start, int megabytes) throws IOException {
    Path file = directory.resolve("order.txt");
    byte[] digits = new byte[MEGABYTE];
    Arrays.fill(digits, (byte) '7');
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(start.getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < megabytes; i++) {
        out.write(digits);
      }
    }
    return file;
  }

  @Test
  void aLineThatNeverEndsIsOneError() throws IOException {
    Path file = file("2\n", 17);
    assertThatThrownBy(() -> ClassOrderFile.read(file, 3))
        .isInstanceOf(TextFileException.class)
        .hasMessage("%s:2: line is longer than 16777216 bytes", file);
  }

  @Test
  void anErrorShowsTheStartOfALongLine() throws IOException {
    Path file = file("2\n", 1);
    assertThatThrownBy(() -> ClassOrderFile.read(file, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("%s, line 2: not a class id: \"%s…\"", file, "7".repeat(40));
  }

  @Test
  void readsWhatItsLinesSay() throws IOException {
    Path file = Files.writeString(directory.resolve("three.txt"), "2\r\n 0 \n-5");
    assertThat(ClassOrderFile.read(file, 3).label(2)).isEqualTo(-5);
  }
}
