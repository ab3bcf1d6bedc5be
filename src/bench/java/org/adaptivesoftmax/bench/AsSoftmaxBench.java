package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cli.Progress;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.TensorFlow;

/**
 * Times AS-Softmax's step with the backward pass of all rows against the one that leaves out finished rows: an output
 * layer alone ({@link org.adaptivesoftmax.FullSoftmax} with a margin) and a whole network ({@link
 * org.adaptivesoftmax.sparse.RowSkipping}). Both steps have the same weights, inputs and labels, and run in turn.
 *
 * @param rounds number of timed steps of each, at least 1
 * @param threads number of threads, at least 1
 */
public record AsSoftmaxBench(int rounds, int threads) {
  private static final int WARM_UP_ROUNDS = 3;
  private static final List<Double> FINISHED = List.of(0.0, 0.5, 0.8);

  /**
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public AsSoftmaxBench {
    Require.argument(rounds >= 1, "rounds must be at least 1: %s", rounds);
    Require.argument(threads >= 1, "threads must be at least 1: %s", threads);
  }

  /**
   * Measures, and writes the result to {@code target/bench/as-softmax.json}.
   *
   * @throws IOException if the result cannot be written
   */
  public AsSoftmaxReport run() throws IOException, InterruptedException {
    List<SparseTimes> results = new ArrayList<>();
    for (SparseShape shape : SparseShape.ALL) {
      SparseBatch.Leaders leaders = SparseBatch.Leaders.of(shape);
      for (double finished : FINISHED) {
        results.add(measure(SparseBatch.of(shape, finished, leaders)));
      }
    }
    List<String> environment =
        List.of("TensorFlow " + TensorFlow.version(), StepEnvironment.oneDnn());
    AsSoftmaxReport report =
        new AsSoftmaxReport(StepEnvironment.device(), threads, environment, List.copyOf(results));
    BenchFiles.write("as-softmax.json", report);
    return report;
  }

  private SparseTimes measure(SparseBatch batch) throws InterruptedException {
    List<Double> plainMs = new ArrayList<>();
    List<Double> skippingMs = new ArrayList<>();
    int all = WARM_UP_ROUNDS + rounds;
    try (SparseStep plain = new SparseStep(SparseStep.Kind.PLAIN, batch, threads);
        SparseStep skipping = new SparseStep(SparseStep.Kind.SKIPPING, batch, threads);
        Progress progress = new Progress(batch.shape().name(), "rounds", all)) {
      for (int round = 0; round < all; round++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted in round " + (round + 1));
        }
        double first = plain.run();
        double second = skipping.run();
        if (round >= WARM_UP_ROUNDS) {
          plainMs.add(first);
          skippingMs.add(second);
        }
        progress.step();
      }
    }
    return new SparseTimes(batch, new Measured(plainMs, null), new Measured(skippingMs, null));
  }
}
