package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TemporaryDirectoryTest {
  private static Path root(Path content) {
    return content.getParent();
  }

  @Test
  void isEmptyAndGoesWhenItIsClosed() throws IOException {
    Path content;
    try (TemporaryDirectory directory = TemporaryDirectory.create();
        TemporaryDirectory other = TemporaryDirectory.create()) {
      content = directory.path();
      assertThat(content).isEmptyDirectory().isNotEqualTo(other.path());
      Files.writeString(content.resolve("a"), "b");
    }
    assertThat(root(content)).doesNotExist();
  }

  /** A process that is there keeps its own; when it is killed, the next to make one deletes it. */
  @Test
  @Timeout(120)
  void whatAKilledProcessLeftIsDeletedByTheNext() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Waiting.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Path left;
    try {
      left = Path.of(process.inputReader().readLine());
      TemporaryDirectory.create().close();
      assertThat(left.resolve("file")).exists();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(left.resolve("file")).exists();
    TemporaryDirectory.create().close();
    assertThat(root(left)).doesNotExist();
  }

  @Test
  void leavesAloneWhatIsCalledLikeOne() throws IOException {
    Path other = Files.createTempDirectory("adaptive-softmax-");
    Path file = Files.createTempFile("adaptive-softmax-", "");
    try {
      Files.writeString(other.resolve("precious"), "a");
      TemporaryDirectory.create().close();
      assertThat(List.of(other.resolve("precious"), file)).allMatch(Files::exists);
    } finally {
      FileTree.delete(other);
      Files.delete(file);
    }
  }

  /** Writes a file, names its directory and waits to be killed. */
  static final class Waiting {
    private Waiting() {}

    public static void main(String[] args) throws Exception {
      Path content = TemporaryDirectory.create().path();
      Files.writeString(content.resolve("file"), "a");
      System.out.println(content);
      Thread.sleep(TimeUnit.HOURS.toMillis(1));
    }
  }
}
