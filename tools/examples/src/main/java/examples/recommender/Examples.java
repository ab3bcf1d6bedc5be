package examples.recommender;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What is learned from, and measured with: each item of the sessions but the first, and the items before it.
 *
 * @param histories the items before, of equal length
 * @param next the item that followed
 */
record Examples(List<long[]> histories, List<Long> next) {
  static Examples of(List<long[]> sessions, Catalog catalog) {
    List<long[]> histories = new ArrayList<>();
    List<Long> next = new ArrayList<>();
    for (long[] session : sessions) {
      for (int place = 1; place < session.length; place++) {
        if (catalog.knows(session[place])) {
          histories.add(catalog.history(session, place, NextItemModel.HISTORY));
          next.add(session[place]);
        }
      }
    }
    return new Examples(histories, next);
  }

  int size() {
    return next.size();
  }

  /** In another order; the same seed gives the same. */
  Examples shuffled(long seed) {
    List<long[]> shuffledHistories = new ArrayList<>(histories);
    List<Long> shuffledNext = new ArrayList<>(next);
    Collections.shuffle(shuffledHistories, new Random(seed));
    Collections.shuffle(shuffledNext, new Random(seed));
    return new Examples(shuffledHistories, shuffledNext);
  }

  /** Some of them, from one place on; fewer at the end. */
  Examples batch(int from, int size) {
    int end = Math.min(from + size, size());
    return new Examples(histories.subList(from, end), next.subList(from, end));
  }

  long[][] historyRows() {
    return histories.toArray(long[][]::new);
  }

  long[] nextItems() {
    return next.stream().mapToLong(Long::longValue).toArray();
  }
}
