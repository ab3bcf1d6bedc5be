package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processor that computes. */
public final class Processor {
  private Processor() {}

  /** The processor's name, or the architecture where the system does not tell. */
  public static String name() throws IOException {
    Path processors = Path.of("/proc/cpuinfo");
    String model = System.getProperty("os.arch");
    if (Files.exists(processors)) {
      model =
          Files.readAllLines(processors).stream()
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.replaceFirst("[^:]*:", "").strip())
              .findFirst()
              .orElse(model);
    }
    return model;
  }
}
