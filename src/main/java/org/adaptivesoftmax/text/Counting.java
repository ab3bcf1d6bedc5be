package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.adaptivesoftmax.internal.io.Require;

/** Counts that come from several threads, in tables in memory and, where these are full, in sorted runs on disk. */
final class Counting {
  private final long maxBytes;
  private final long maxTableBytes;
  private final Path scratch;
  private final SortedRuns runs;

  /** Those that no thread is adding to right now. */
  private final BlockingQueue<CountTable> tables = new LinkedBlockingQueue<>();

  /**
   * @param maxBytes of all counts in memory
   * @param threads that add at the same time
   * @param scratch where runs lie, which the caller deletes
   */
  Counting(long maxBytes, int threads, Path scratch) {
    this.maxBytes = maxBytes;
    this.maxTableBytes = maxBytes / threads;
    this.scratch = scratch;
    runs = new SortedRuns(scratch.resolve("by-token"), TokenCount.BY_TOKEN);
    for (int thread = 0; thread < threads; thread++) {
      tables.add(new CountTable());
    }
  }

  /** Adds to the count of a token. */
  void add(String token, long count) throws IOException {
    CountTable table = tables.remove();
    try {
      add(table, token, count);
    } finally {
      tables.add(table);
    }
  }

  /** Adds 1 to the count of each token. */
  void add(List<String> tokens) throws IOException {
    CountTable table = tables.remove();
    try {
      for (String token : tokens) {
        add(table, token, 1);
      }
    } finally {
      tables.add(table);
    }
  }

  private void add(CountTable table, String token, long count) throws IOException {
    table.add(token, count);
    if (table.bytes() > maxTableBytes) {
      runs.add(table.drain(TokenCount.BY_TOKEN));
    }
  }

  /**
   * Passes all counts on by rank, when no thread adds any more.
   *
   * @param minCount those below are left out
   * @return how often a token that is left out was seen at most
   * @throws IllegalArgumentException if every token is left out
   */
  long write(long minCount, CountAction action) throws IOException {
    RankSort ranked = new RankSort(maxBytes, scratch.resolve("by-rank"));
    MinCount frequent = new MinCount(minCount, ranked);
    if (runs.isEmpty()) {
      CountTable whole = tables.remove();
      for (CountTable table : tables) {
        table.drainTo(whole);
      }
      whole.forEach(frequent);
    } else {
      for (CountTable table : tables) {
        runs.add(table.drain(TokenCount.BY_TOKEN));
      }
      runs.merge(frequent);
    }
    Require.argument(frequent.passed > 0, "minCount leaves no token: %s", minCount);
    ranked.forEach(action);
    return frequent.leftOut;
  }

  /** Leaves out what is seen too rarely. */
  private static final class MinCount implements CountAction {
    private final long minCount;
    private final CountAction next;
    private long passed;
    private long leftOut;

    MinCount(long minCount, CountAction next) {
      this.minCount = minCount;
      this.next = next;
    }

    @Override
    public void accept(TokenCount count) throws IOException {
      if (count.count() >= minCount) {
        passed++;
        next.accept(count);
      } else {
        leftOut = Math.max(leftOut, count.count());
      }
    }
  }
}
