package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * Costs of plans against their times.
 *
 * @param device that computed
 * @param threads that computed
 * @param layer its sizes, in words
 * @param plans at least three
 */
public record PlanBenchReport(String device, int threads, String layer, List<PlanTimes> plans) {
  /** A training step by the constants. */
  static final String TRAINING = "training";

  /** A batch's top k by the constants. */
  static final String SERVING = "serving";

  /** With the time of this machine's products. */
  static final String MEASURED = "_measured";

  private static final String ROW = "%-30s %5s %12s %12s %12s %12s%n";

  /** Spearman's rank correlation of each cost with the time that it stands for. */
  @JsonProperty
  public Map<String, Double> rankCorrelation() {
    Map<String, Double> correlations = new LinkedHashMap<>();
    for (String objective : List.of(TRAINING, SERVING)) {
      double[] times =
          plans.stream()
              .mapToDouble(p -> objective.equals(TRAINING) ? p.trainingMs() : p.servingMs())
              .toArray();
      for (String cost : List.of(objective, objective + MEASURED)) {
        double[] costs = plans.stream().mapToDouble(p -> p.costs().get(cost)).toArray();
        correlations.put(cost, new SpearmansCorrelation().correlation(times, costs));
      }
    }
    return correlations;
  }

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s, %d threads. %s%n%n".formatted(device, threads, layer));
    text.append(ROW.formatted("cutoffs", "/", "step ms", "expected", "top k ms", "expected"));
    for (PlanTimes plan : plans) {
      text.append(
          ROW.formatted(
              plan.cutoffs().toString(),
              plan.divValue(),
              "%.1f".formatted(plan.trainingMs()),
              "%.1f".formatted(plan.costs().get(TRAINING + MEASURED)),
              "%.2f".formatted(plan.servingMs()),
              "%.2f".formatted(plan.costs().get(SERVING + MEASURED))));
    }
    text.append("\nRank correlation with the times:");
    rankCorrelation().forEach((cost, r) -> text.append(" %s %.3f".formatted(cost, r)));
    return text.toString();
  }
}
