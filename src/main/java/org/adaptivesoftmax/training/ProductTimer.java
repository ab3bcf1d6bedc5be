package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.internal.io.Processor;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Times this machine's matrix products, so that cutoffs can be chosen by {@link ProductTimes} instead of constants. It is
 * done once: the times are kept in a file by processor and number of threads.
 *
 * @param threads that TensorFlow computes with, at least 1. TensorFlow's threads are those that the first session of the
 *     process asked for: a process times products on one number of threads alone
 * @param grid the shapes
 */
public record ProductTimer(int threads, Grid grid) {
  /**
   * The shapes that are timed: every combination.
   *
   * @param rows increasing
   * @param features increasing
   * @param classes increasing
   */
  public record Grid(List<Integer> rows, List<Integer> features, List<Integer> classes) {
    /** From one row of a narrow cluster to a thousand of a head. */
    public static final Grid DEFAULT =
        new Grid(
            List.of(1, 4, 16, 64, 256, 1024),
            List.of(8, 32, 128, 512),
            List.of(64, 512, 4096, 32_768));

    /** Copies the lists. */
    public Grid {
      rows = List.copyOf(rows);
      features = List.copyOf(features);
      classes = List.copyOf(classes);
    }

    /** {@return the number of shapes} */
    public int size() {
      return rows.size() * features.size() * classes.size();
    }
  }

  /** Runs are timed together until they took so long: the median of fewer would be one of noise. */
  private static final long BLOCK_NANOS = 30_000_000;

  private static final int LEAST_RUNS = 3;
  private static final double NANOS_PER_MS = 1e6;

  /** No product takes less, whatever the clock says. */
  private static final double LEAST_MS = 1e-4;

  /**
   * Checks the number of threads.
   *
   * @param threads that TensorFlow computes with, at least 1
   * @param grid the shapes
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public ProductTimer {
    Require.argument(threads >= 1, "threads must be at least 1: %d", threads);
  }

  /**
   * A timer of {@link Grid#DEFAULT}.
   *
   * @param threads that TensorFlow computes with, at least 1
   * @return the timer
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public static ProductTimer of(int threads) {
    return new ProductTimer(threads, Grid.DEFAULT);
  }

  /**
   * Where the times of this machine are kept: below {@code $XDG_CACHE_HOME}, or {@code ~/.cache} if it is not set.
   *
   * @return {@code adaptive-softmax/products-PROCESSOR-THREADS.json} there
   * @throws IOException if the processor's name cannot be read
   */
  public Path defaultFile() throws IOException {
    String chosen = System.getenv("XDG_CACHE_HOME");
    Path cache =
        chosen == null || chosen.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(chosen);
    String processor = Processor.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return cache
        .resolve("adaptive-softmax")
        .resolve("products-" + processor + "-" + threads + ".json");
  }

  /**
   * The times that a file holds; if there is none, products are timed and the file is written. A file of another machine is
   * read as well: so plans for it can be made here.
   *
   * @param file where the times are kept
   * @param progress takes the number of shapes timed so far, after each
   * @return the times
   * @throws IllegalArgumentException if the file holds something else
   * @throws IOException if it cannot be read or written
   * @throws InterruptedException if the thread is interrupted, between two shapes
   */
  public ProductTimes kept(Path file, IntConsumer progress)
      throws IOException, InterruptedException {
    if (Files.exists(file)) {
      return ProductTimes.read(file);
    }
    ProductTimes times = measure(progress);
    times.write(file);
    return times;
  }

  /**
   * Times the products.
   *
   * @param progress takes the number of shapes timed so far, after each
   * @return the times
   * @throws IOException if the processor's name cannot be read
   * @throws InterruptedException if the thread is interrupted, between two shapes
   */
  public ProductTimes measure(IntConsumer progress) throws IOException, InterruptedException {
    List<Double> scores = new ArrayList<>();
    List<Double> steps = new ArrayList<>();
    for (int rows : grid.rows) {
      for (int features : grid.features) {
        for (int classes : grid.classes) {
          if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while products are timed");
          }
          try (Product product = new Product(rows, features, classes, threads)) {
            double none = median(product::nothing);
            scores.add(Math.max(LEAST_MS, median(product::scores) - none));
            steps.add(Math.max(LEAST_MS, median(product::step) - none));
          }
          progress.accept(scores.size());
        }
      }
    }
    return new ProductTimes(
        new ProductTimes.Machine(Processor.name(), threads),
        grid.rows,
        grid.features,
        grid.classes,
        scores,
        steps);
  }

  /**
   * A quick look at this machine.
   *
   * @return milliseconds of one multiply-add in a product of 256 rows of 512 features with 4,096 classes
   */
  public double perMultiplyAddMs() {
    try (Product product = new Product(256, 512, 4096, threads)) {
      return median(product::scores) / product.multiplyAdds();
    }
  }

  /** The median of several runs in milliseconds, after one that TensorFlow needs to prepare itself. */
  private static double median(Runnable run) {
    run.run();
    List<Long> nanos = new ArrayList<>();
    long start = System.nanoTime();
    do {
      long before = System.nanoTime();
      run.run();
      nanos.add(System.nanoTime() - before);
    } while (nanos.size() < LEAST_RUNS || System.nanoTime() - start < BLOCK_NANOS);
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / NANOS_PER_MS;
  }
}
