package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path directory;

  @Test
  void replacesAFileAtOnce() throws IOException {
    Path file = directory.resolve("file");
    AtomicFile.writeString(file, "first");
    AtomicFile.write(
        file,
        out -> {
          out.write("second".getBytes(java.nio.charset.StandardCharsets.UTF_8));
          out.flush();
          assertThat(file).hasContent("first");
        });
    assertThat(file).hasContent("second");
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void aFailureLeavesWhatStoodThere() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "before");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(file).hasContent("before");
    assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
  }
}
