package org.adaptivesoftmax.cluster;

import java.util.List;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Several costs in one: the sum of their ratios to the cost of a full softmax of the same classes. For training and
 * serving together, half of a full softmax's step and a tenth of its top k are 0.6. A ratio has no unit, so that costs
 * with different ones can be added, and each counts as much as the others.
 *
 * <pre>{@code
 * PlanCosts both = JointCost.of(CostModel.ofBatch(640), ServingCost.of(16, 10));
 * }</pre>
 *
 * @param parts at least one
 */
public record JointCost(List<PlanCosts> parts) implements PlanCosts {
  /**
   * Copies the list.
   *
   * @param parts at least one
   * @throws IllegalArgumentException if there is none
   */
  public JointCost {
    parts = List.copyOf(parts);
    Require.argument(!parts.isEmpty(), "parts must hold at least one cost: %s", parts);
  }

  /**
   * Several costs in one.
   *
   * @param parts at least one
   * @return the sum of their ratios to a full softmax
   * @throws IllegalArgumentException if there is none
   */
  public static JointCost of(PlanCosts... parts) {
    return new JointCost(List.of(parts));
  }

  @Override
  public Clusters ofClasses(int inFeatures, long[] countsByRank) {
    List<Clusters> each =
        parts.stream().map(part -> part.ofClasses(inFeatures, countsByRank)).toList();
    double[] full =
        parts.stream()
            .mapToDouble(part -> part.fullSoftmaxCost(inFeatures, countsByRank.length))
            .toArray();
    return new Clusters() {
      @Override
      public double head(int shortlist, int tails) {
        double sum = 0;
        for (int i = 0; i < full.length; i++) {
          sum += each.get(i).head(shortlist, tails) / full[i];
        }
        return sum;
      }

      @Override
      public double tail(int start, int end, int width) {
        double sum = 0;
        for (int i = 0; i < full.length; i++) {
          sum += each.get(i).tail(start, end, width) / full[i];
        }
        return sum;
      }
    };
  }

  /** {@return the number of parts: of each a full softmax has the whole} */
  @Override
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    CostModel.requireLayer(inFeatures, nClasses);
    return parts.size();
  }
}
