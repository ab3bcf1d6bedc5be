package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class WeightsFingerprintTest {
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
    String fingerprint = WeightsFingerprint.of(publish(1, 2, 3));
    assertThat(fingerprint).matches("[0-9a-f]{64}");
    assertThat(WeightsFingerprint.of(publish(1, 2, 3))).isEqualTo(fingerprint);
    assertThat(WeightsFingerprint.of(publish(1, 2, 3.0000002f))).isNotEqualTo(fingerprint);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void sha256sumChecksTheFiles() throws Exception {
    Path version = publish(1, 2);
    assertThat(sha256sum(version)).isZero();
    change(version.resolve("variables/variables.data-00000-of-00001"));
    assertThat(sha256sum(version)).isNotZero();
  }

  private static int sha256sum(Path version) throws Exception {
    return new ProcessBuilder("sha256sum", "-c", "--status", "assets.extra/weights.sha256")
        .directory(version.toFile())
        .inheritIO()
        .start()
        .waitFor();
  }

  private static void change(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2]++;
    Files.write(file, bytes);
  }

  @Test
  void namesTheFileThatDiffers() throws IOException {
    Path version = publish(1, 2);
    WeightsFingerprint.check(version);
    Path data = version.resolve("variables/variables.data-00000-of-00001");
    change(data);
    assertThatThrownBy(() -> WeightsFingerprint.check(version))
        .hasMessageMatching(
            "weights do not fit their fingerprint: \\Q%s\\E has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}"
                .formatted(data));
    Files.delete(data);
    assertThatThrownBy(() -> WeightsFingerprint.check(version))
        .hasMessage("weights are missing: " + data);
  }

  @Test
  void weightsThatAreNotInTheListAreRefused() throws IOException {
    Path version = publish(1, 2);
    Files.writeString(version.resolve("variables/more"), "x");
    assertThatThrownBy(() -> WeightsFingerprint.check(version))
        .hasMessage("weights are not in the fingerprint: [variables/more]");
  }
}
