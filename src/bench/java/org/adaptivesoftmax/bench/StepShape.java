package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.stream.LongStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;

/**
 * The sizes of one training step.
 *
 * @param name by which the command knows it
 * @param rows of the batch
 * @param plan inFeatures, nClasses and cutoffs
 */
public record StepShape(String name, int rows, ClusterPlan plan) {
  /** Count of the commonest class where cutoffs are planned: many enough that the rarest occurs. */
  private static final long COMMONEST = 1_000_000_000;

  /** The shapes that are measured, the smallest first. */
  public static final List<StepShape> ALL =
      List.of(
          new StepShape("default-corpus", 640, ClusterPlan.of(256, 63_138, 2_000, 12_000)),
          new StepShape("default-corpus-planned", 640, planned(256, 63_138, 640)),
          new StepShape("small", 256, ClusterPlan.of(512, 100_000, 4_000, 20_000)),
          new StepShape(
              "wikitext-103", 1_024, ClusterPlan.of(512, 267_735, 20_000, 40_000, 200_000)),
          new StepShape(
              "billion-word", 512, ClusterPlan.of(1_024, 793_471, 4_000, 40_000, 200_000)));

  /**
   * The cheapest plan with PyTorch's divValue, however narrow, for classes that occur as {@link StepBatch#zipf} draws
   * them.
   */
  private static ClusterPlan planned(int inFeatures, int nClasses, int rows) {
    long[] counts = LongStream.rangeClosed(1, nClasses).map(rank -> COMMONEST / rank).toArray();
    return CutoffPlanner.builder(inFeatures, CostModel.ofBatch(rows))
        .divValue(ClusterPlan.DEFAULT_DIV_VALUE)
        .minWidth(1)
        .minTailSize(1)
        .build()
        .plan(counts);
  }

  /**
   * The shapes of that name.
   *
   * @param name a shape's, or {@code all}
   * @throws IllegalArgumentException if there is none
   */
  public static List<StepShape> named(String name) {
    List<StepShape> found =
        ALL.stream().filter(s -> name.equals("all") || name.equals(s.name)).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "shape must be all or one of %s: %s"
              .formatted(ALL.stream().map(StepShape::name).toList(), name));
    }
    return found;
  }
}
