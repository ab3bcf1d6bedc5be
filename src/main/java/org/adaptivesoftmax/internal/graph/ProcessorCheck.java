package org.adaptivesoftmax.internal.graph;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Warns once in a process where TensorFlow leaves oneDNN off, without which softmax is several times slower. On Linux,
 * TensorFlow uses it by itself only on processors that have instructions for neural networks, and on others if the
 * environment variable {@code TF_ENABLE_ONEDNN_OPTS} is 1.
 */
public final class ProcessorCheck {
  static final String LOGGER = "org.adaptivesoftmax.processor";

  private static final String VARIABLE = "TF_ENABLE_ONEDNN_OPTS";
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  /** One of these is enough for TensorFlow: its {@code DefaultOneDnnPolicy}. */
  private static final Set<String> FEATURES =
      Set.of("avx512_vnni", "avx512_bf16", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16");

  static final AtomicBoolean DONE = new AtomicBoolean();

  private ProcessorCheck() {}

  /**
   * Warns, unless that was done, the variable is set or the processor is unknown. Called where a layer is built or a model
   * is loaded: it costs nothing after the first time.
   */
  public static void warnOnce() {
    warnOnce(DONE, System.getenv(), ProcessorCheck::processors);
  }

  static void warnOnce(
      AtomicBoolean done, Map<String, String> environment, Supplier<String> processors) {
    if (!done.getAndSet(true)
        && !environment.containsKey(VARIABLE)
        && lacksFeatures(processors.get())) {
      System.getLogger(LOGGER)
          .log(
              Level.WARNING,
              "TensorFlow leaves oneDNN off on this processor, and softmax is several times slower"
                  + " without it: set the environment variable {0}=1 before Java starts, or {0}=0 to"
                  + " leave it off without this warning",
              VARIABLE);
    }
  }

  /** No warning in this process: the variable was set in a way that Java's environment does not show. */
  public static void variableIsSet() {
    DONE.set(true);
  }

  private static String processors() {
    try {
      return Files.isReadable(PROCESSORS) ? Files.readString(PROCESSORS) : "";
    } catch (IOException e) {
      return ""; // An unknown processor is no reason to warn.
    }
  }

  /**
   * Whether an x86 processor has none of the instructions.
   *
   * @param processors the text of {@code /proc/cpuinfo}
   */
  static boolean lacksFeatures(String processors) {
    return processors
        .lines()
        .filter(line -> line.startsWith("flags") && line.contains(":"))
        .findFirst()
        .map(line -> Arrays.asList(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
        .filter(flags -> flags.contains("sse2") && flags.stream().noneMatch(FEATURES::contains))
        .isPresent();
  }
}
