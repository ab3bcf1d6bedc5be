package org.adaptivesoftmax.cluster;

import java.util.Collections;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;

/**
 * The division of classes, ranked by decreasing frequency, into a head and tail clusters, as PyTorch's {@code
 * AdaptiveLogSoftmaxWithLoss} divides them.
 *
 * <p>The cutoffs are ranks. The classes below the first one are the shortlist: the head scores them at full width, and
 * beside them one <em>cluster entry</em> per tail cluster, which stands for all classes of that cluster. Tail cluster i,
 * counted from 0, holds the classes from {@code cutoffs[i]} up to before the next cutoff or, for the last, {@code
 * nClasses}. It scores them through a projection of the input to the width
 *
 * <pre>{@code
 * floor(inFeatures / divValue^(i + 1))
 * }</pre>
 *
 * <p>so that rarer classes have fewer weights. For example {@code ClusterPlan.of(64, 1000, 10, 100)}, whose divValue is
 * 4:
 *
 * <table>
 *   <caption>64 features, 1,000 classes, cutoffs 10 and 100</caption>
 *   <tr><th>cluster</th><th>ranks</th><th>classes</th><th>width</th></tr>
 *   <tr><td>head</td><td>0..9</td><td>10, and 2 cluster entries</td><td>64</td></tr>
 *   <tr><td>first tail cluster</td><td>10..99</td><td>90</td><td>16</td></tr>
 *   <tr><td>second tail cluster</td><td>100..999</td><td>900</td><td>4</td></tr>
 * </table>
 *
 * <p>{@link CutoffPlanner} chooses a plan from counts; {@link PlanReport} says what a plan gives each cluster.
 *
 * @param inFeatures width of the input, at least 1
 * @param nClasses number of classes, at least 2
 * @param cutoffs strictly increasing, each in 1..nClasses−1; none leaves all classes in the head, a full softmax
 * @param divValue factor by which the projections narrow from one tail cluster to the next, above 0
 */
public record ClusterPlan(int inFeatures, int nClasses, List<Integer> cutoffs, double divValue) {
  /** PyTorch's default for {@code div_value}. */
  public static final double DEFAULT_DIV_VALUE = 4.0;

  /**
   * Checks the plan.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @param cutoffs strictly increasing, each in 1..nClasses−1; none leaves all classes in the head, a full softmax
   * @param divValue factor by which the projections narrow from one tail cluster to the next, above 0
   * @throws IllegalArgumentException if an argument is out of its range, or a tail cluster's projection would have
   *     width 0
   */
  public ClusterPlan {
    Require.argument(inFeatures >= 1, "inFeatures must be at least 1: %s", inFeatures);
    Require.argument(nClasses >= 2, "nClasses must be at least 2: %s", nClasses);
    Require.argument(
        divValue > 0 && !Double.isInfinite(divValue),
        "divValue must be above 0 and finite: %s",
        divValue);
    cutoffs = List.copyOf(cutoffs);
    requireCutoffs(cutoffs, nClasses);
    for (int tail = 0; tail < cutoffs.size(); tail++) {
      double width = projectionWidth(inFeatures, divValue, tail);
      Require.argument(
          width >= 1,
          "divValue leaves tail cluster %d no width: floor(inFeatures %d / divValue %s ^ %d) = 0",
          tail + 1,
          inFeatures,
          divValue,
          tail + 1);
      Require.argument(
          width <= Integer.MAX_VALUE,
          "divValue makes tail cluster %d too wide: divValue %s",
          tail + 1,
          divValue);
    }
  }

  /**
   * A plan with {@link #DEFAULT_DIV_VALUE}.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @param cutoffs strictly increasing, each in 1..nClasses−1; none leaves all classes in the head, a full softmax
   * @return the plan
   * @throws IllegalArgumentException if an argument is out of its range, or a tail cluster's projection would have
   *     width 0
   */
  public static ClusterPlan of(int inFeatures, int nClasses, Integer... cutoffs) {
    return new ClusterPlan(inFeatures, nClasses, List.of(cutoffs), DEFAULT_DIV_VALUE);
  }

  /**
   * A full softmax: all classes in the head, no tail cluster.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @return the plan
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public static ClusterPlan headAlone(int inFeatures, int nClasses) {
    return new ClusterPlan(inFeatures, nClasses, List.of(), DEFAULT_DIV_VALUE);
  }

  private static void requireCutoffs(List<Integer> cutoffs, int nClasses) {
    int previous = 0;
    for (int cutoff : cutoffs) {
      Require.argument(
          cutoff >= 1 && cutoff < nClasses,
          "cutoffs must be in 1..%d (nClasses - 1): %d",
          nClasses - 1,
          cutoff);
      Require.argument(cutoff > previous, "cutoffs must increase: %d after %d", cutoff, previous);
      previous = cutoff;
    }
  }

  /** {@return the number of classes that the head scores itself: the first cutoff} */
  public int shortlistSize() {
    return cutoffs.isEmpty() ? nClasses : cutoffs.get(0);
  }

  /** {@return the number of tail clusters} */
  public int nTails() {
    return cutoffs.size();
  }

  /** {@return the number of outputs of the head: the shortlist and one cluster entry per tail cluster} */
  public int headSize() {
    return shortlistSize() + nTails();
  }

  /**
   * {@return the first rank in a tail cluster}
   *
   * @param tail counted from 0
   */
  public int tailStart(int tail) {
    return cutoffs.get(tail);
  }

  /**
   * {@return the first rank after a tail cluster}
   *
   * @param tail counted from 0
   */
  public int tailEnd(int tail) {
    return tail + 1 < nTails() ? cutoffs.get(tail + 1) : nClasses;
  }

  /**
   * {@return the number of classes in a tail cluster}
   *
   * @param tail counted from 0
   */
  public int tailSize(int tail) {
    return tailEnd(tail) - tailStart(tail);
  }

  /**
   * {@return the width of a tail cluster's projection, ⌊inFeatures / divValue<sup>tail+1</sup>⌋}
   *
   * @param tail counted from 0
   */
  public int tailWidth(int tail) {
    return (int) projectionWidth(inFeatures, divValue, tail);
  }

  /**
   * The cluster of a rank.
   *
   * @param rank in 0..nClasses−1
   * @return 0 for the shortlist, i for tail cluster i, counted from 1
   */
  public int cluster(int rank) {
    int found = Collections.binarySearch(cutoffs, rank);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** Width of a tail cluster's projection, which may be 0 or above the largest int. */
  static double projectionWidth(int inFeatures, double divValue, int tail) {
    return floorDivide(inFeatures, Math.pow(divValue, tail + 1));
  }

  /** Floor division as Python defines it for floats: 1 // 0.1 is 9, although ⌊1 / 0.1⌋ is 10. */
  private static double floorDivide(double dividend, double divisor) {
    return Math.rint((dividend - dividend % divisor) / divisor);
  }
}
