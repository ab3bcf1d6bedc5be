package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.descriptive.Quantile;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one contender.
 *
 * @param ms of each timed step, at least one
 * @param mb peak of the resident set above weights and inputs in MB; null where the system does not tell
 */
record Measured(List<Double> ms, @Nullable Double mb) {
  /** Half of the steps took less. */
  double medianMs() {
    return quantile(ms, 0.5);
  }

  /** A quarter of the steps took less than the first value, a quarter more than the second. */
  List<Double> quartilesMs() {
    return List.of(quantile(ms, 0.25), quantile(ms, 0.75));
  }

  /** How many times as long as the other it took in the same round, the median over the rounds. */
  double ratioTo(Measured other) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < ms.size(); round++) {
      ratios.add(ms.get(round) / other.ms.get(round));
    }
    return quantile(ratios, 0.5);
  }

  /** Between two neighbours the quantile is interpolated. */
  private static double quantile(List<Double> values, double share) {
    return Quantile.withDefaults()
        .with(Quantile.EstimationMethod.HF7)
        .evaluate(values.stream().mapToDouble(Double::doubleValue).toArray(), share);
  }
}
