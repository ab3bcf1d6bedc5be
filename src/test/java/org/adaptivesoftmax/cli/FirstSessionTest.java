package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a process of its own: the first session of this one has long been. */
@EnabledOnOs(OS.LINUX) // It names threads in /proc.
class FirstSessionTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void decidesHowManyThreadsThereAre(int threads) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Threads.class.getName(),
                Integer.toString(threads))
            .start();
    List<String> names = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(process.errorReader().lines()).isEmpty();
    assertThat(names).filteredOn(name -> name.startsWith("tf_Compute")).hasSize(threads);
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
