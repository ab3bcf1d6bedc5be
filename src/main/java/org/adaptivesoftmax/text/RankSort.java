package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts counts of distinct tokens into the order of rank, in bounded memory. */
final class RankSort implements CountAction {
  private final long maxBytes;
  private final SortedRuns runs;
  private final List<TokenCount> buffer = new ArrayList<>();
  private long bytes;

  /**
   * @param maxBytes of counts in memory; more go to disk
   * @param directory for what goes to disk
   */
  RankSort(long maxBytes, Path directory) {
    this.maxBytes = maxBytes;
    runs = new SortedRuns(directory, TokenCount.BY_RANK);
  }

  @Override
  public void accept(TokenCount count) throws IOException {
    buffer.add(count);
    bytes += TokenCount.bytes(count.token());
    if (bytes > maxBytes) {
      spill();
    }
  }

  /** Passes all counts to an action, in order. */
  void forEach(CountAction action) throws IOException {
    if (!runs.isEmpty()) {
      spill();
      runs.merge(action);
      return;
    }
    buffer.sort(TokenCount.BY_RANK);
    for (TokenCount count : buffer) {
      action.accept(count);
    }
  }

  private void spill() throws IOException {
    buffer.sort(TokenCount.BY_RANK);
    runs.add(buffer);
    buffer.clear();
    bytes = 0;
  }
}
