package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.jspecify.annotations.Nullable;

/**
 * What a worker decodes, again and again. It is the first line that a worker reads, as one JSON object with keys in snake case.
 *
 * @param contender who decodes
 * @param layer what is decoded
 * @param rows of the batch
 * @param k how many classes are wanted
 * @param threads on which it runs
 */
record DecodeSpec(Contender contender, @JsonUnwrapped Layer layer, int rows, int k, int threads) {
  /**
   * The output layer.
   *
   * @param inFeatures width of the input
   * @param nClasses number of classes
   * @param cutoffs of the adaptive softmax
   * @param divValue of the adaptive softmax
   * @param model the version directory of a language model whose weights and hidden states the adaptive softmax has; null
   *     for random ones
   */
  record Layer(
      int inFeatures,
      int nClasses,
      List<Integer> cutoffs,
      double divValue,
      @Nullable String model) {
    ClusterPlan plan() {
      return new ClusterPlan(inFeatures, nClasses, cutoffs, divValue);
    }
  }

  static DecodeSpec of(Contender contender, DecodeShape shape, int rows, int k, int threads) {
    ClusterPlan plan = shape.plan();
    return new DecodeSpec(
        contender,
        new Layer(
            plan.inFeatures(),
            plan.nClasses(),
            plan.cutoffs(),
            plan.divValue(),
            shape.model() == null ? null : shape.model().toString()),
        rows,
        k,
        threads);
  }
}
