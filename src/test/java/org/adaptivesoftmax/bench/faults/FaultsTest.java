package org.adaptivesoftmax.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.bench.faults.FaultRun.Outcome;
import org.adaptivesoftmax.bench.faults.SystemCalls.Hit;
import org.adaptivesoftmax.bench.faults.SystemCalls.Point;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {
  private static final List<String> RECORDED =
      List.of(
          "7 openat(AT_FDCWD</w>, \"/lib/a.so\", O_RDONLY) = 3</lib/a.so>",
          "7 openat(AT_FDCWD</w>, \"/w/in/a\", O_RDONLY) = 3</w/in/a>",
          "7 mkdir(\"/w/out\", 0777)                    = 0",
          "8 write(4</w/out/b>, \"\"..., 5 <unfinished ...>",
          "7 write(1<pipe:[3]>, \"\"..., 9)                = 9",
          "8 <... write resumed>)                    = 5",
          "7 openat(AT_FDCWD</w>, \"/w/out/c\", O_WRONLY|O_CREAT, 0666) = 5</w/out/c>",
          "7 write(5</w/out/c>, \"\"..., 2)               = 2");

  private static final List<String> FAILED =
      List.of(
          "7 fsync(5</w/out/a> <unfinished ...>",
          "8 write(4</w/out/b>, \"\"..., 5) = -1 ENOSPC (No space left on device) (INJECTED)",
          "7 <... fsync resumed>)  = -1 EIO (Input/output error) (INJECTED)");

  @TempDir private Path directory;

  private Path log(List<String> lines) throws IOException {
    return Files.write(directory.resolve("strace"), lines);
  }

  /** Counted for each thread, as strace does; a number that several threads have stands once. */
  @Test
  void findsTheCallsThatTouchADirectory() throws IOException {
    assertThat(SystemCalls.touching(Path.of("/w"), log(RECORDED)))
        .extracting(Point::call, Point::number, Point::changes)
        .containsExactly(
            tuple("mkdir", 1, true),
            tuple("openat", 2, false),
            tuple("openat", 3, true),
            tuple("write", 1, true),
            tuple("write", 2, true));
  }

  @Test
  void findsTheCallsThatFailed() throws IOException {
    assertThat(SystemCalls.hits(log(FAILED)))
        .extracting(Hit::call)
        .containsExactly("write", "fsync");
  }

  /** A disk that cannot be forced is told in one line, nothing is left, and the next run gives the same weights. */
  @Test
  @Tag("strace")
  @Timeout(600)
  void aFailingFsyncLeavesNothing() throws Exception {
    FaultRun run =
        new FaultRun(
            FaultScenario.IMPORT_PYTORCH, Path.of("").toAbsolutePath(), directory.resolve("run"));
    List<Point> forced =
        run.record().stream().filter(point -> point.call().equals("fsync")).toList();
    assertThat(forced).hasSizeGreaterThan(5);
    Point last = forced.get(forced.size() - 1);
    assertThat(last.example()).as("the name of the version").contains("<out>");
    for (Point point : List.of(forced.get(forced.size() / 2), last)) {
      Outcome outcome = run.fail(point, Fault.IO_ERROR);
      assertThat(outcome.hit()).contains("EIO");
      assertThat(outcome.problems()).isEmpty();
    }
  }

  /** A kill between the rename and the force of its name leaves a whole version; the next run makes another one. */
  @Test
  @Tag("strace")
  @Timeout(600)
  void aKillAfterTheRenameLeavesAWholeVersion() throws Exception {
    Path base = directory.resolve("run");
    FaultRun run = new FaultRun(FaultScenario.IMPORT_PYTORCH, Path.of("").toAbsolutePath(), base);
    List<Point> forced =
        run.record().stream().filter(point -> point.call().equals("fsync")).toList();
    Outcome outcome = run.fail(forced.get(forced.size() - 1), Fault.KILL);
    assertThat(outcome.hit()).isNotEmpty();
    assertThat(outcome.problems()).isEmpty();
    assertThat(base.resolve("work/out")).isDirectoryContaining("glob:**/1");
    assertThat(base.resolve("work/out")).isDirectoryContaining("glob:**/2");
  }
}
