package examples.recommender;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.cluster.LabelOrder;

/**
 * The items that the model knows.
 *
 * @param order their ids by how often they were bought
 * @param plan how they are divided into a head and tail clusters
 */
record Catalog(LabelOrder order, ClusterPlan plan) {
  /** Stands where a history has no item, or one that the model does not know. */
  static final long NONE = -1;

  /** Counts the items of the sessions, and plans for them. */
  static Catalog of(List<long[]> sessions, int width, int batch) {
    Map<Long, Long> counts =
        sessions.stream()
            .flatMapToLong(Arrays::stream)
            .boxed()
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    // Rare items are what a shop wants to sell, too: no tail cluster narrower than 16.
    ClusterPlan plan =
        CutoffPlanner.builder(width, CostModel.ofBatch(batch))
            .minWidth(16)
            .build()
            .plan(counts.values().stream().mapToLong(Long::longValue).toArray());
    return new Catalog(LabelOrder.byCount(counts), plan);
  }

  boolean knows(long item) {
    return order.rank(item).isPresent();
  }

  /** Whether an item that is known is one of the frequent ones, in the head. */
  boolean isHead(long item) {
    return order.rank(item).orElseThrow() < plan.shortlistSize();
  }

  /** The last items before a place in a session, the latest last. */
  long[] history(long[] session, int place, int length) {
    long[] history = new long[length];
    for (int i = 0; i < length; i++) {
      int from = place - length + i;
      history[i] = from >= 0 && knows(session[from]) ? session[from] : NONE;
    }
    return history;
  }
}
