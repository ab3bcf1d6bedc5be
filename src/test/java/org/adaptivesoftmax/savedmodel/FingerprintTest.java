package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class FingerprintTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  /** Two variables, published from a graph and a session of their own. */
  private Path publish(float... values) throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> first = tf.withName("first").variable(tf.constant(values));
      Variable<TFloat32> second = tf.withName("second").variable(tf.constant(new float[1000]));
      session.initialize();
      return SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict("x")
                  .output("y", tf.math.add(first, tf.math.mean(second, tf.constant(0))))
                  .build())
          .build()
          .publish(new ModelDirectory(directory.resolve("model")));
    }
  }

  @Test
  void sameWeightsHaveTheSameFingerprintAndOthersAnother() throws IOException {
    String fingerprint = Fingerprint.WEIGHTS.of(publish(1, 2, 3));
    assertThat(fingerprint).matches("[0-9a-f]{64}");
    assertThat(Fingerprint.WEIGHTS.of(publish(1, 2, 3))).isEqualTo(fingerprint);
    assertThat(Fingerprint.WEIGHTS.of(publish(1, 2, 3.0000002f))).isNotEqualTo(fingerprint);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void sha256sumChecksTheFiles() throws Exception {
    Path version = publish(1, 2);
    assertThat(sha256sum(version)).isZero();
    for (String file : List.of("variables/variables.data-00000-of-00001", "saved_model.pb")) {
      change(version.resolve(file), 1);
      assertThat(sha256sum(version)).isNotZero();
      change(version.resolve(file), -1);
    }
  }

  private static int sha256sum(Path version) throws Exception {
    return new ProcessBuilder(
            "sha256sum",
            "-c",
            "--status",
            "assets.extra/weights.sha256",
            "assets.extra/files.sha256")
        .directory(version.toFile())
        .inheritIO()
        .start()
        .waitFor();
  }

  private static void change(Path file, int by) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] += (byte) by;
    Files.write(file, bytes);
  }

  @Test
  void namesTheFileThatDiffers() throws IOException {
    Path version = publish(1, 2);
    Fingerprint.check(version);
    Path data = version.resolve("variables/variables.data-00000-of-00001");
    change(data, 1);
    assertThatThrownBy(() -> Fingerprint.check(version))
        .hasMessageMatching(
            "weights do not fit their fingerprint: \\Q%s\\E has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}"
                .formatted(data));
    Files.delete(data);
    assertThatThrownBy(() -> Fingerprint.check(version)).hasMessage("weights are missing: " + data);
  }

  @Test
  void weightsThatAreNotInTheListAreRefused() throws IOException {
    Path version = publish(1, 2);
    Files.writeString(version.resolve("variables/more"), "x");
    assertThatThrownBy(() -> Fingerprint.check(version))
        .hasMessage("weights are not in the fingerprint: [variables/more]");
  }

  @Test
  void everyFileOfAVersionHasOne() throws IOException {
    Path version = publish(1, 2);
    Fingerprint.check(version);
    Path graph = version.resolve("saved_model.pb");
    change(graph, 1);
    assertThatThrownBy(() -> Fingerprint.check(version))
        .hasMessageStartingWith("files do not fit their fingerprint: " + graph);
    change(graph, -1);
    Files.writeString(version.resolve("assets.extra/more"), "x");
    assertThatThrownBy(() -> Fingerprint.check(version))
        .hasMessage("files are not in the fingerprint: [assets.extra/more]");
    Files.delete(version.resolve("assets.extra/more"));
    Files.delete(graph);
    assertThatThrownBy(() -> Fingerprint.check(version)).hasMessage("files are missing: " + graph);
  }

  @Test
  void aVersionOfAnEarlierReleaseHasThatOfItsWeightsAlone() throws IOException {
    Path version = publish(1, 2);
    Files.delete(version.resolve("assets.extra/files.sha256"));
    change(version.resolve("saved_model.pb"), 1);
    Fingerprint.check(version);
    change(version.resolve("variables/variables.index"), 1);
    assertThatThrownBy(() -> Fingerprint.check(version))
        .hasMessageStartingWith("weights do not fit their fingerprint");
  }
}
