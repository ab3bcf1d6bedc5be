package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** In a process of its own: the first session of this one has long been. */
@EnabledOnOs(OS.LINUX) // It names threads in /proc.
class FirstSessionTest {
  @Test
  void decidesHowManyThreadsThereAre() throws Exception {
    // Each is one thread that runs operations and one that runs their parts.
    assertThat(nativeThreads(4) - nativeThreads(1)).isEqualTo(2 * (4 - 1));
  }

  /** Threads that are not the JVM's, which name themselves. */
  private static long nativeThreads(int threads) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // No thread of the JVM begins late and has no name yet.
                "-XX:+UseSerialGC",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-cp",
                System.getProperty("java.class.path"),
                Threads.class.getName(),
                Integer.toString(threads))
            .start();
    List<String> names = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(process.errorReader().lines()).isEmpty();
    return names.stream().filter(name -> name.equals("java") || name.startsWith("tf_")).count();
  }

  /** Runs the first session and writes the names of the process's threads. */
  static final class Threads {
    private Threads() {}

    public static void main(String[] args) throws IOException {
      NativeEnvironment.setDefaults();
      FirstSession.run(Integer.parseInt(args[0]));
      try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
        for (Path task : tasks.toList()) {
          System.out.println(Files.readString(task.resolve("comm")).strip());
        }
      }
    }
  }
}
