package org.adaptivesoftmax.distributed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process of a {@link ProcessGroup} does beside its work: it touches a file every half second, so that it is noticed
 * when it is stopped, and it ends when its input does, since whoever started it is gone then.
 */
public final class SignOfLife {
  private static final Duration PERIOD = Duration.ofMillis(500);
  private static final int ORPHANED = 1;

  private SignOfLife() {}

  static Path file(Path directory, int index) {
    return directory.resolve("alive-" + index);
  }

  /**
   * Starts it.
   *
   * @param directory of the group
   * @param index of this process
   * @param input of this process
   */
  public static void start(Path directory, int index, InputStream input) {
    daemon(() -> awaitEnd(input));
    daemon(() -> touch(file(directory, index)));
  }

  private static void awaitEnd(InputStream input) {
    try {
      while (input.read() >= 0) {
        // Whoever started this process says nothing, but is there.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(ORPHANED);
  }

  private static void touch(Path file) {
    try {
      while (true) {
        Files.write(file, new byte[1]);
        Thread.sleep(PERIOD.toMillis());
      }
    } catch (IOException | InterruptedException e) {
      // The group's directory is gone, and soon this process too.
      Thread.currentThread().interrupt();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "sign of life");
    thread.setDaemon(true);
    thread.start();
  }
}
