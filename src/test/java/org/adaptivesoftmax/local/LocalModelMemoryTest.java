package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Serves from 16 threads while versions are published, in a process of its own: a fixed number of requests, or for a time
 * with {@code mvn test -Dtest=LocalModelMemoryTest -Dload.seconds=60}.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "Linux tells the resident memory")
@Tag("slow")
class LocalModelMemoryTest {
  private static final int SECONDS = Integer.getInteger("load.seconds", 0);
  private static final int PHASES = SECONDS > 0 ? SECONDS / 10 : 6;
  private static final int REQUESTS = 8000;
  private static final String PHASE = SECONDS > 0 ? "10s" : Integer.toString(REQUESTS);
  private static final int VERSIONS = 10;

  /** Versions that were never freed took 55 MB from the second phase to the last; freed ones take about 10. */
  private static final double MARGIN_MB = 30;

  @TempDir Path directory;

  @Test
  void noRequestFailsAndNativeMemoryDoesNotGrow() throws Exception {
    ModelDirectory model = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
    List<String> printed =
        serve(model.base().toString(), Integer.toString(PHASES), PHASE, Integer.toString(VERSIONS));
    List<Double> residentMb = printed.subList(0, PHASES).stream().map(Double::valueOf).toList();
    System.out.printf(
        "LocalModel, 16 threads, %s answers, no error: resident MB after each %s with %d new versions: %s%n",
        printed.get(PHASES),
        SECONDS > 0 ? "10 seconds" : REQUESTS + " requests",
        VERSIONS,
        residentMb);
    assertThat(Integer.parseInt(printed.get(PHASES)))
        .isGreaterThanOrEqualTo(SECONDS > 0 ? PHASES : PHASES * REQUESTS);
    assertThat(printed.get(PHASES + 1)).isEqualTo(Integer.toString(1 + PHASES * VERSIONS));
    // The first requests warm up.
    double warm = residentMb.get(SECONDS > 0 ? 0 : 1);
    assertThat(residentMb.get(PHASES - 1)).isLessThan(warm + MARGIN_MB);
  }

  private List<String> serve(String... arguments) throws Exception {
    Path output = directory.resolve("output");
    Path errors = directory.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms192m",
            "-Xmx192m",
            "-XX:+AlwaysPreTouch",
            "-cp",
            System.getProperty("java.class.path"),
            LocalModelLoad.class.getName());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    // Else memory that is free stays with the arena of the thread that had it.
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    Process child = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    try {
      assertThat(child.waitFor(900 + 2L * SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readAllLines(output);
  }
}
