package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.training.ProductTimer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say how long this machine's products take. */
final class ProductOptions {
  @Option(
      names = "--measure",
      description =
          "Weigh the times of this machine's matrix products instead of constants. They are measured"
              + " once, in some 20 seconds, and kept by processor and number of threads below"
              + " $XDG_CACHE_HOME or ~/.cache.")
  private boolean measure;

  @Option(
      names = "--products",
      paramLabel = "FILE",
      description =
          "With --measure: the file that keeps the times; one of another machine plans for that"
              + " machine.")
  private @Nullable Path file;

  @Mixin private final ThreadsOption threads = new ThreadsOption();

  /** The number of threads; 0 for as many as there are processors. */
  int threads() {
    return threads.threads();
  }

  /** The times of products; null if none are wanted. */
  @Nullable ProductTimes measured() throws IOException, InterruptedException {
    Require.argument(
        measure || file == null, "--products needs --measure: %s", String.valueOf(file));
    if (!measure) {
      return null;
    }
    ProductTimer timer = timer();
    Path kept = file == null ? timer.defaultFile() : file;
    if (Files.exists(kept)) {
      return ProductTimes.read(kept);
    }
    OutputDirectory.ofFile(kept);
    try (Progress progress = new Progress("timing products", "shapes", timer.grid().size())) {
      return timer.kept(kept, done -> progress.step());
    }
  }

  /** The time of one multiply-add, from one quick product. */
  double perMultiplyAddMs() {
    return timer().perMultiplyAddMs();
  }

  private ProductTimer timer() {
    return ProductTimer.of(threads() == 0 ? Runtime.getRuntime().availableProcessors() : threads());
  }
}
