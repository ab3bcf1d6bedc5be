package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedCountsTest {
  private static final int MEGABYTE = 1 << 20;

  @TempDir private Path version;

  /** A compressed file of 260 kB that stands for more than may be read. */
  @Test
  @Tag("slow")
  void areReadUpToALimit() throws IOException {
    Path file =
        Files.createDirectories(version.resolve(PublishedCounts.DIRECTORY))
            .resolve("counts.int64.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 256; i++) {
        out.write(new byte[MEGABYTE]);
      }
      out.write(0);
    }
    assertThatThrownBy(() -> PublishedCounts.read(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("counts have more than 268435456 bytes: " + file);
  }
}
