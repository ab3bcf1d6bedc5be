package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;

/**
 * Times a training step as {@link TrainStepBench} does, with more and more classes: 256 rows of 512 features, the same
 * head of 4,000 classes, and as many of the tail clusters from 4,000, 20,000, 100,000 and 400,000 as the classes reach.
 *
 * @param classes numbers of classes, each more than 4,000, in increasing order
 * @param python the command of a Python that has PyTorch; null leaves PyTorch out
 * @param rounds number of timed steps of each contender, at least 1
 * @param threads number of threads of each contender, at least 1
 */
public record GrowthBench(List<Integer> classes, @Nullable String python, int rounds, int threads) {
  private static final int ROWS = 256;
  private static final int IN_FEATURES = 512;
  private static final List<Integer> CUTOFFS = List.of(4_000, 20_000, 100_000, 400_000);

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public GrowthBench {
    classes = List.copyOf(classes);
    Require.argument(!classes.isEmpty(), "classes must hold a number");
    int previous = CUTOFFS.get(0);
    for (int number : classes) {
      Require.argument(
          number > previous, "classes must increase from %d: %s", CUTOFFS.get(0), classes);
      previous = number;
    }
  }

  /**
   * Measures, and writes the result to {@code target/bench/growth.json} and {@code target/bench/growth.png}.
   *
   * @throws IllegalArgumentException if PyTorch is wanted and cannot be had
   * @throws IOException if a contender fails, or the result cannot be written
   */
  public GrowthReport run() throws IOException, InterruptedException {
    OptionalLibrary.XCHART.require("the plot");
    List<StepShape> shapes = classes.stream().map(GrowthBench::shape).toList();
    TrainStepReport times = new TrainStepBench(shapes, false, python, rounds, threads).measure();
    Path plot = BenchFiles.results().resolve("growth.png");
    GrowthReport report = new GrowthReport(times, classes, plot.toString());
    BenchFiles.write("growth.json", report);
    GrowthPlot.write(report, plot);
    return report;
  }

  static StepShape shape(int nClasses) {
    Integer[] cutoffs =
        CUTOFFS.stream().filter(cutoff -> cutoff < nClasses).toArray(Integer[]::new);
    return new StepShape(
        "%,d".formatted(nClasses), ROWS, ClusterPlan.of(IN_FEATURES, nClasses, cutoffs));
  }
}
