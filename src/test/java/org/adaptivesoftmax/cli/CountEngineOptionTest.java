package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark's engine is not on the class path of these tests. Where it is, {@code src/spark} tests it. */
class CountEngineOptionTest {
  @TempDir private Path work;

  @Test
  void sparkIsAnErrorThatTellsHowToGetIt() {
    assertFails("--engine spark needs its classes: build them by mvn -Pspark package", "spark");
  }

  @Test
  void anUnknownEngineIsAnErrorThatNamesThoseThereAre() {
    assertFails("must be one of local, spark: flink", "flink");
  }

  @Test
  void anOptionOfTheOtherEngineIsRefused() {
    assertFails("--master and --column need --engine spark", "local", "--master", "local[2]");
    assertFails("--master and --column need --engine spark", "local", "--column", "lines");
    assertFails("--memory and --threads are of --engine local", "spark", "--memory", "10");
    assertFails("--merge needs --engine local", "spark", "--merge", "a", "b");
  }

  private void assertFails(String message, String engine, String... options) {
    String[] args = new String[options.length + 5];
    System.arraycopy(
        new String[] {"count", "--out", work.resolve("counts").toString(), "--engine", engine},
        0,
        args,
        0,
        5);
    System.arraycopy(options, 0, args, 5, options.length);
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(run.code()).isEqualTo(2);
    assertThat(work).isEmptyDirectory();
  }
}
