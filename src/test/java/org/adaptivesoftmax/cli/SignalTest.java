package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training process that is ended by a signal, nearly always in the middle of a step. */
@DisabledOnOs(OS.WINDOWS)
@Tag("slow")
class SignalTest {
  private static final int TERMINATED = 128 + 15;
  private static final int INTERRUPTED = 128 + 2;

  /** A shell starts what it runs in the background so, and the processes that are started here inherit it. */
  private static final boolean INTERRUPTS_IGNORED = interruptsIgnored();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  @Timeout(600)
  void theStepIsWaitedForAndTheCheckpointStays() throws Exception {
    Files.writeString(directory.resolve("corpus.txt"), TrainCommandTest.text(6_000));
    for (int i = 0; i < 4; i++) {
      // Each run goes on until it has a checkpoint of its own, and some steps more.
      Set<String> before = checkpoints();
      Process training = start(i == 0 ? "--restart" : "--resume");
      while (before.containsAll(checkpoints())) {
        assertThat(training.isAlive()).as(err()).isTrue();
        Thread.sleep(10);
      }
      Thread.sleep(40L * i);
      boolean term = i % 2 == 0 || INTERRUPTS_IGNORED;
      signal(training, term ? "TERM" : "INT");
      assertThat(training.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(training.exitValue()).as(err()).isEqualTo(term ? TERMINATED : INTERRUPTED);
      assertThat(err()).contains("adaptive-softmax: interrupted").doesNotContain("SIGSEGV");
      assertThat(Files.readString(directory.resolve("out"))).isEmpty();
      assertThat(names(directory)).noneMatch(name -> name.startsWith("hs_err"));
      assertThat(names(directory.resolve("model"))).containsExactly("checkpoints");
    }
    Process resumed = start("--resume");
    assertThat(resumed.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(resumed.exitValue()).as(err()).isZero();
    assertThat(err()).contains("resuming after epoch ");
    assertThat(names(directory.resolve("model"))).containsExactly("1");
  }

  /** Whether the second bit of the ignored signals is set, where the system tells them. */
  private static boolean interruptsIgnored() {
    Path status = Path.of("/proc/self/status");
    try (Stream<String> lines = Files.exists(status) ? Files.lines(status) : Stream.empty()) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .anyMatch(ignored -> (ignored & 2) != 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start(String option) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("train", "--corpus", "corpus.txt", "--out", "model", option));
    command.addAll(List.of("--cutoffs", "10,30", "--epochs", "16", "--hidden", "64"));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private static void signal(Process process, String name) throws Exception {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-s", name, pid).start().waitFor()).isZero();
  }

  /** The names of those that are complete. */
  private Set<String> checkpoints() throws IOException {
    Path checkpoints = directory.resolve("model").resolve("checkpoints");
    return Files.exists(checkpoints)
        ? names(checkpoints).stream()
            .filter(name -> name.startsWith("step-"))
            .collect(Collectors.toSet())
        : Set.of();
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
