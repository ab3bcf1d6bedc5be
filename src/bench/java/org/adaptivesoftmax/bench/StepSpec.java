package org.adaptivesoftmax.bench;

import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * What a worker computes, step after step. It is the first line that a worker reads, as JSON with keys in snake case.
 *
 * @param contender whose step
 * @param inFeatures width of the input
 * @param nClasses number of classes
 * @param cutoffs of the adaptive softmax
 * @param targets one class per row
 * @param threads on which the step runs
 */
record StepSpec(
    Contender contender,
    int inFeatures,
    int nClasses,
    List<Integer> cutoffs,
    List<Integer> targets,
    int threads) {
  static StepSpec of(Contender contender, StepBatch batch, int threads) {
    ClusterPlan plan = batch.shape().plan();
    return new StepSpec(
        contender, plan.inFeatures(), plan.nClasses(), plan.cutoffs(), batch.targets(), threads);
  }

  /** A step of the same contender, so small that it shows what its runtime alone needs. */
  static StepSpec smallest(StepSpec of) {
    return new StepSpec(of.contender, 64, 100, List.of(10, 40), List.of(0, 20, 60), of.threads);
  }

  /** The batch; its shape has no name here. */
  StepBatch batch() {
    ClusterPlan plan =
        new ClusterPlan(inFeatures, nClasses, cutoffs, ClusterPlan.DEFAULT_DIV_VALUE);
    return new StepBatch(new StepShape("", targets.size(), plan), targets);
  }
}
