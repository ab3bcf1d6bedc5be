package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLockTest {
  @TempDir Path directory;

  /** Takes the lock and holds it until its input ends. */
  public static void main(String[] args) throws IOException {
    ProcessLock.take(Path.of(args[0]), "working");
    System.out.write('x');
    System.out.flush();
    System.in.read();
    Runtime.getRuntime().halt(0);
  }

  @Test
  void namesTheProcessThatHasItAndEndsWithThat() throws Exception {
    Path file = directory.resolve("new/some.lock");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ProcessLockTest.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(other.getInputStream().read()).isEqualTo('x');
      assertThatThrownBy(() -> ProcessLock.take(file, "working"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("process %d is working already", other.pid());
      assertThat(file).exists();
    } finally {
      other.destroyForcibly().waitFor();
    }
    ProcessLock.take(file, "working").close();
    assertThat(file).doesNotExist();
  }

  @Test
  void leavesNothing() throws IOException {
    Path file = directory.resolve("a/b/some.lock");
    ProcessLock lock = ProcessLock.take(file, "working");
    assertThat(file).hasContent(Long.toString(ProcessHandle.current().pid()));
    lock.close();
    assertThat(directory).isEmptyDirectory();
    lock = ProcessLock.take(file, "working");
    Files.writeString(directory.resolve("a/kept"), "x");
    lock.close();
    assertThat(directory.resolve("a")).isDirectoryContaining("glob:**/kept");
    assertThat(directory.resolve("a/b")).doesNotExist();
  }

  @Test
  void oneThreadAtATimeHasIt() throws Exception {
    Path file = directory.resolve("some.lock");
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Future<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tasks.add(
          pool.submit(
              () -> {
                while (taken.get() < 200) {
                  tryOnce(file, holders, taken);
                }
                return null;
              }));
    }
    for (Future<?> task : tasks) {
      task.get();
    }
    pool.shutdown();
    assertThat(taken.get()).isGreaterThanOrEqualTo(200);
  }

  private static void tryOnce(Path file, AtomicInteger holders, AtomicInteger taken)
      throws IOException {
    ProcessLock lock;
    try {
      lock = ProcessLock.take(file, "working");
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("process %d is working already", ProcessHandle.current().pid());
      return;
    }
    assertThat(holders.incrementAndGet()).isEqualTo(1);
    holders.decrementAndGet();
    taken.incrementAndGet();
    lock.close();
  }
}
