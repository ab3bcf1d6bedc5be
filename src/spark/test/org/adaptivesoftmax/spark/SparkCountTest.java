package org.adaptivesoftmax.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What spark-submit runs, with the settings that it would hand over as system properties. */
class SparkCountTest {
  @TempDir private Path work;

  @BeforeEach
  void setMaster() {
    System.setProperty("spark.master", "local[2]");
    System.setProperty("spark.ui.enabled", "false");
  }

  @AfterEach
  void clearMaster() {
    System.clearProperty("spark.master");
    System.clearProperty("spark.ui.enabled");
  }

  @Test
  void countsTheFilesOfADirectoryAndOfAPattern() throws Exception {
    Path directory = Files.createDirectory(work.resolve("text"));
    Path second = Files.writeString(directory.resolve("part-2"), "b c\n");
    Path first = Files.writeString(directory.resolve("part-1"), "a b\r\na");
    Files.writeString(directory.resolve("_SUCCESS"), "no text");
    Path third = Files.writeString(work.resolve("more-1.txt"), "d");
    CountRun local =
        CountRun.local(
            work.resolve("local"),
            "--corpus",
            first.toString(),
            second.toString(),
            third.toString());
    Path out = work.resolve("spark");
    count(
        "--corpus", directory.toString(),
        "--corpus", work.resolve("more-*.txt").toString(),
        "--date", "2026-11-28",
        "--out", out.toString());
    CountRun spark = new CountRun(0, "", out);
    assertThat(spark.counts()).isEqualTo(local.counts()).startsWith("a\t2\nb\t2\n");
    assertThat(spark.about()).isEqualTo(local.about());
  }

  /** Tests are compiled without the engine's classes, as the command is. */
  private static void count(String... args) throws ReflectiveOperationException {
    Class.forName("org.adaptivesoftmax.spark.SparkCount")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }
}
