package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Processor;

/** What a time depends on besides the code. */
final class StepEnvironment {
  /** Whether TensorFlow uses oneDNN's operations; processors without AVX-512 are several times slower without. */
  private static final String ONEDNN = "TF_ENABLE_ONEDNN_OPTS";

  private StepEnvironment() {}

  /** The environment of TensorFlow's processes, as far as this process has no other. */
  static Map<String, String> defaults() {
    return Map.of(ONEDNN, "1", "TF_CPP_MIN_LOG_LEVEL", "2");
  }

  /** The setting in force, in words. */
  static String oneDnn() {
    return ONEDNN + "=" + System.getenv().getOrDefault(ONEDNN, defaults().get(ONEDNN));
  }

  /** The processor that computes. */
  static String device() throws IOException {
    return "CPU (%s)".formatted(processor());
  }

  /** The processor's name, or the architecture where the system does not tell. */
  static String processor() throws IOException {
    return Processor.name();
  }
}
