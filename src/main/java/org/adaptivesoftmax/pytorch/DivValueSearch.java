package org.adaptivesoftmax.pytorch;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * Finds a {@code divValue} that gives the widths of existing projections. Tail cluster i (from 1) of a plan has width
 * w<sub>i</sub> = ⌊inFeatures / divValue<sup>i</sup>⌋, so each width bounds the value: (inFeatures / (w<sub>i</sub> +
 * 1))<sup>1/i</sup> &lt; divValue ≤ (inFeatures / w<sub>i</sub>)<sup>1/i</sup>.
 */
final class DivValueSearch {
  private DivValueSearch() {}

  /**
   * The simplest value that gives all widths: PyTorch's default 4, else the least whole number, else the least half,
   * else the middle of the possible interval or its upper end.
   *
   * @param widths of the tail clusters, each at least 1
   * @throws IllegalArgumentException if no value gives these widths
   */
  static double find(int inFeatures, List<Integer> widths) {
    double above = 0;
    double upTo = Double.MAX_VALUE;
    for (int tail = 0; tail < widths.size(); tail++) {
      double root = 1.0 / (tail + 1);
      above = Math.max(above, Math.pow(inFeatures / (widths.get(tail) + 1.0), root));
      upTo = Math.min(upTo, Math.pow((double) inFeatures / widths.get(tail), root));
    }
    return DoubleStream.of(
            ClusterPlan.DEFAULT_DIV_VALUE,
            Math.floor(above) + 1,
            (Math.floor(above * 2) + 1) / 2,
            (above + upTo) / 2,
            upTo)
        .filter(divValue -> gives(inFeatures, divValue, widths))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no divValue gives the tail clusters' widths %s from inFeatures %d"
                        .formatted(widths, inFeatures)));
  }

  /** Asks the plan itself, as rounding may decide at the ends of the interval. */
  private static boolean gives(int inFeatures, double divValue, List<Integer> widths) {
    int nTails = widths.size();
    List<Integer> cutoffs = IntStream.rangeClosed(1, nTails).boxed().toList();
    try {
      ClusterPlan plan = new ClusterPlan(inFeatures, nTails + 1, cutoffs, divValue);
      return IntStream.range(0, nTails).mapToObj(plan::tailWidth).toList().equals(widths);
    } catch (IllegalArgumentException e) { // this value leaves a tail cluster no width
      return false;
    }
  }
}
