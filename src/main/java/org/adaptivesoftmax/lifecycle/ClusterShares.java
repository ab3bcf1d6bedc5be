package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * The shares of tokens in the clusters of a model: the head's shortlist first, then each tail cluster.
 *
 * @param then in the text that the model was built on
 * @param now in live text
 */
public record ClusterShares(List<Figure> then, List<Figure> now) {
  /**
   * Copies the lists.
   *
   * @param then in the text that the model was built on
   * @param now in live text
   */
  public ClusterShares {
    then = List.copyOf(then);
    now = List.copyOf(now);
  }

  static ClusterShares of(DriftCounts counts) {
    return new ClusterShares(of(counts.plan(), counts.then()), of(counts.plan(), counts.now()));
  }

  private static List<Figure> of(ClusterPlan plan, long[] counts) {
    double tokens = sum(counts, 0, counts.length);
    List<Figure> shares = new ArrayList<>();
    shares.add(Figure.share(sum(counts, 0, plan.shortlistSize()), tokens));
    for (int tail = 0; tail < plan.nTails(); tail++) {
      shares.add(Figure.share(sum(counts, plan.tailStart(tail), plan.tailEnd(tail)), tokens));
    }
    return shares;
  }

  private static double sum(long[] counts, int start, int end) {
    double sum = 0;
    for (int rank = start; rank < end; rank++) {
      sum += counts[rank];
    }
    return sum;
  }

  static double[] values(List<Figure> shares) {
    return shares.stream().mapToDouble(Figure::value).toArray();
  }
}
