package org.adaptivesoftmax.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs what needs a process of its own: the first to touch TensorFlow's registry of gradients, or another environment. */
public final class ChildJvm {
  private ChildJvm() {}

  /** What a main class printed on standard output, line by line, if it ended well. */
  static List<String> run(Class<?> main, String... arguments) throws Exception {
    return run(Map.of(), main, arguments);
  }

  /** The same with further environment variables. */
  public static List<String> run(
      Map<String, String> environment, Class<?> main, String... arguments) throws Exception {
    Path output = Files.createTempFile("child", ".out");
    Path errors = Files.createTempFile("child", ".err");
    try {
      return run(environment, output, errors, main, arguments);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }

  private static List<String> run(
      Map<String, String> environment, Path output, Path errors, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    builder.command().addAll(List.of(arguments));
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    builder.environment().putAll(environment);
    Process child = builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    try {
      assertThat(child.waitFor(600, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      child.destroyForcibly();
    }
    String failure = Files.readString(output) + Files.readString(errors);
    assertThat(child.exitValue()).as(failure).isEqualTo(0);
    return Files.readAllLines(output, StandardCharsets.UTF_8);
  }
}
