package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts of distinct tokens in memory, with an estimate of what they take. For one thread at a time. */
final class CountTable {
  private final Map<String, Tally> tallies = new HashMap<>();
  private long bytes;

  private static final class Tally {
    private long count;
  }

  void add(String token, long count) {
    Tally tally = tallies.get(token);
    if (tally == null) {
      tally = new Tally();
      tallies.put(token, tally);
      bytes += TokenCount.bytes(token);
    }
    tally.count = Math.addExact(tally.count, count);
  }

  /** About the heap that the table takes. */
  long bytes() {
    return bytes;
  }

  /** Passes every count to an action, in no order. */
  void forEach(CountAction action) throws IOException {
    for (Map.Entry<String, Tally> entry : tallies.entrySet()) {
      action.accept(new TokenCount(entry.getKey(), entry.getValue().count));
    }
  }

  /** Takes everything out, in an order. */
  List<TokenCount> drain(Comparator<TokenCount> order) {
    List<TokenCount> counts = new ArrayList<>(tallies.size());
    tallies.forEach((token, tally) -> counts.add(new TokenCount(token, tally.count)));
    tallies.clear();
    bytes = 0;
    counts.sort(order);
    return counts;
  }

  /** Takes everything out and adds it to another table. */
  void drainTo(CountTable other) {
    tallies.forEach((token, tally) -> other.add(token, tally.count));
    tallies.clear();
    bytes = 0;
  }
}
