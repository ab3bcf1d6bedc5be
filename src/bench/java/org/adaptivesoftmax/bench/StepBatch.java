package org.adaptivesoftmax.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The targets of one training step.
 *
 * @param shape sizes
 * @param targets one class per row
 */
record StepBatch(StepShape shape, List<Integer> targets) {
  /**
   * Targets as text has them, by Zipf's law: the class of rank r, counted from 0, with a probability in proportion to 1 /
   * (r + 1).
   *
   * @param seed the same seed gives the same targets on every machine
   */
  static StepBatch zipf(StepShape shape, long seed) {
    double[] cumulative = new double[shape.plan().nClasses()];
    double total = 0;
    for (int rank = 0; rank < cumulative.length; rank++) {
      total += 1.0 / (rank + 1);
      cumulative[rank] = total;
    }
    double[] drawn = new Random(seed).doubles(shape.rows(), 0, total).toArray();
    List<Integer> targets =
        Arrays.stream(drawn).mapToObj(value -> firstAbove(cumulative, value)).toList();
    return new StepBatch(shape, targets);
  }

  /** Number of rows whose target is in a tail cluster, counted from 0. */
  int rowsInTail(int tail) {
    int start = shape.plan().tailStart(tail);
    int end = shape.plan().tailEnd(tail);
    return (int) targets.stream().filter(target -> start <= target && target < end).count();
  }

  /** The tail clusters that hold a target. */
  int[] usedTails() {
    return IntStream.range(0, shape.plan().nTails()).filter(t -> rowsInTail(t) > 0).toArray();
  }

  private static int firstAbove(double[] increasing, double value) {
    int found = Arrays.binarySearch(increasing, value);
    return found < 0 ? -found - 1 : found + 1;
  }
}
