package org.adaptivesoftmax.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompressedTextTest {
  private static final String TEXT = "one two\nthree \u00E4\n".repeat(10_000);

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private enum Form {
    GZIP {
      @Override
      OutputStream to(OutputStream out) throws IOException {
        return new GZIPOutputStream(out);
      }
    },
    ZSTD {
      @Override
      OutputStream to(OutputStream out) throws IOException {
        return new ZstdOutputStream(out);
      }
    };

    abstract OutputStream to(OutputStream out) throws IOException;

    byte[] compress(String text) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (OutputStream out = to(bytes)) {
        out.write(text.getBytes(UTF_8));
      }
      return bytes.toByteArray();
    }
  }

  private Path write(byte[]... parts) throws IOException {
    Path file = directory.resolve("text"); // The name tells nothing.
    try (OutputStream out = Files.newOutputStream(file)) {
      for (byte[] part : parts) {
        out.write(part);
      }
    }
    return file;
  }

  private static String read(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    Corpus.ofFile(file).forEachLine(lines::add);
    return String.join("\n", lines) + "\n";
  }

  @ParameterizedTest
  @EnumSource
  void readsCompressedText(Form form) throws IOException {
    assertThat(read(write(form.compress(TEXT)))).isEqualTo(TEXT);
    // Two streams one after the other are one file, for both programs.
    assertThat(read(write(form.compress(TEXT), form.compress("end\n")))).isEqualTo(TEXT + "end\n");
  }

  @ParameterizedTest
  @EnumSource
  void namesAFileThatIsCutOff(Form form) throws IOException {
    byte[] whole = form.compress(TEXT);
    for (int length : new int[] {6, whole.length / 2, whole.length - 1}) {
      Path file = write(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(TextFileException.class)
          .hasMessageStartingWith(
              file + ": damaged or incomplete " + form.name().toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void readsShortPlainText() throws IOException {
    assertThat(read(write("a\n".getBytes(UTF_8)))).isEqualTo("a\n");
  }

  @Test
  void theSourceIsTheFileAsItLiesThere() throws IOException {
    byte[] compressed = Form.GZIP.compress(TEXT);
    TextSource source = Corpus.ofFile(write(compressed)).sources().get(0);
    assertThat(source.name()).isEqualTo("text");
    assertThat(source.bytes()).isEqualTo(compressed.length);
  }
}
