package org.adaptivesoftmax.text;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * An external merge sort of counts: sorted runs on disk, which one pass merges (D. Knuth, The Art of Computer Programming 3,
 * section 5.4.1). Runs may be added by several threads.
 */
final class SortedRuns {
  /** So many files are open at once, with a buffer each. More runs than that are merged in several passes. */
  private static final int FAN_IN = 64;

  private static final int BUFFER = 1 << 16;

  private final Path directory;
  private final Comparator<TokenCount> order;
  private final Deque<Path> runs = new ArrayDeque<>();
  private int written;

  /**
   * @param directory where the runs lie, which the caller deletes
   * @param order of each run, and of what comes out
   */
  SortedRuns(Path directory, Comparator<TokenCount> order) {
    this.directory = directory;
    this.order = order;
  }

  /** Writes a run. */
  void add(List<TokenCount> sorted) throws IOException {
    Path run = newRun();
    try (RunWriter writer = new RunWriter(run)) {
      for (TokenCount count : sorted) {
        writer.accept(count);
      }
    }
    keep(run);
  }

  private synchronized Path newRun() throws IOException {
    Files.createDirectories(directory);
    return directory.resolve("run-" + written++);
  }

  private synchronized void keep(Path run) {
    runs.add(run);
  }

  synchronized boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Passes the counts of all runs to an action, in order, those of the same token added up, and deletes the runs. */
  synchronized void merge(CountAction action) throws IOException {
    while (runs.size() > FAN_IN) {
      Path run = newRun();
      try (RunWriter writer = new RunWriter(run)) {
        merge(FAN_IN, writer);
      }
      runs.add(run);
    }
    merge(runs.size(), action);
  }

  private void merge(int count, CountAction action) throws IOException {
    List<RunReader> readers = new ArrayList<>();
    try {
      PriorityQueue<RunReader> heads =
          new PriorityQueue<>(Comparator.comparing(RunReader::head, order));
      for (int i = 0; i < count; i++) {
        RunReader reader = new RunReader(runs.remove());
        readers.add(reader);
        if (reader.next()) {
          heads.add(reader);
        }
      }
      passOn(heads, action);
    } finally {
      for (RunReader reader : readers) {
        reader.close();
      }
    }
  }

  private static void passOn(PriorityQueue<RunReader> heads, CountAction action)
      throws IOException {
    TokenCount sum = null;
    while (!heads.isEmpty()) {
      RunReader first = heads.remove();
      TokenCount head = first.head();
      if (sum != null && sum.token().equals(head.token())) {
        sum = new TokenCount(sum.token(), Math.addExact(sum.count(), head.count()));
      } else {
        if (sum != null) {
          action.accept(sum);
        }
        sum = head;
      }
      if (first.next()) {
        heads.add(first);
      }
    }
    if (sum != null) {
      action.accept(sum);
    }
  }

  /** Each count as the length of its token in UTF-8, the token, and the count. */
  private static final class RunWriter implements CountAction, AutoCloseable {
    private final DataOutputStream out;

    RunWriter(Path run) throws IOException {
      out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(run), BUFFER));
    }

    @Override
    public void accept(TokenCount count) throws IOException {
      byte[] token = count.token().getBytes(StandardCharsets.UTF_8);
      out.writeInt(token.length);
      out.write(token);
      out.writeLong(count.count());
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  private static final class RunReader implements AutoCloseable {
    private final Path run;
    private final DataInputStream in;
    private long left;
    private @Nullable TokenCount head;

    RunReader(Path run) throws IOException {
      this.run = run;
      left = Files.size(run);
      in = new DataInputStream(new BufferedInputStream(Files.newInputStream(run), BUFFER));
    }

    /** Goes on to the next count, if there is one. */
    boolean next() throws IOException {
      if (left == 0) {
        return false;
      }
      byte[] token = new byte[in.readInt()];
      in.readFully(token);
      head = new TokenCount(new String(token, StandardCharsets.UTF_8), in.readLong());
      left -= Integer.BYTES + token.length + Long.BYTES;
      return true;
    }

    TokenCount head() {
      if (head == null) {
        throw new IllegalStateException("nothing read yet: " + run);
      }
      return head;
    }

    @Override
    public void close() throws IOException {
      in.close();
      Files.deleteIfExists(run);
    }
  }
}
