package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.pytorch.PyTorchModule;
import org.adaptivesoftmax.pytorch.SafetensorsType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command in a process of its own, without the environment variables that keep TensorFlow quiet. */
@DisabledOnOs(OS.WINDOWS)
class ProcessTest {
  private static final Path LAUNCHER = Path.of("tools", "adaptive-softmax").toAbsolutePath();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void theLauncherWorksFromAnyDirectory() throws Exception {
    writeWeights();
    CommandRun run = launch("import-pytorch", "--json", "--weights", "w", "--out", "model");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("{\"model\":\"model/1\",").endsWith("}\n");
    assertThat(directory.resolve("model/1/saved_model.pb")).exists();
  }

  @Test
  void theLauncherWorksThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), LAUNCHER);
    CommandRun run = start(List.of(link.toString(), "nonsense"));
    Files.delete(link);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("adaptive-softmax: Unmatched argument at index 0: 'nonsense'\n");
  }

  @Test
  void theMainClassByItselfIsQuietToo() throws Exception {
    writeWeights();
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = System.getProperty("java.class.path");
    CommandRun run =
        start(
            List.of(
                java,
                "-cp",
                classPath,
                Main.class.getName(),
                "import-pytorch",
                "--weights",
                "w",
                "--out",
                "model"));
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("model/1");
  }

  private void writeWeights() throws IOException {
    new PyTorchModule(ClusterPlan.of(16, 14, 3, 7), 5)
        .safetensors("", SafetensorsType.F32)
        .write(directory.resolve("w"));
  }

  private CommandRun launch(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(Arrays.asList(arguments));
    return start(command);
  }

  private CommandRun start(List<String> command) throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("TF_"));
    int code = builder.start().waitFor();
    return new CommandRun(code, Files.readString(out), Files.readString(err));
  }
}
