package org.adaptivesoftmax.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.adaptivesoftmax.internal.tensors.BatchRows;
import org.adaptivesoftmax.internal.tensors.BatchSize;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.adaptivesoftmax.internal.tensors.TextLengths;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;

/**
 * Runs requests that come while another runs as one batch, when that one is done. A request that finds no other is run at
 * once: batches form by themselves under load, and cost no waiting without.
 */
final class MicroBatches implements Runner {
  private final Runner runner;
  private final long maxRows;
  private final Map<Kind, Line> lines = new ConcurrentHashMap<>();

  /**
   * @param maxRows of a joint batch; a larger request runs alone
   */
  MicroBatches(Runner runner, long maxRows) {
    this.runner = runner;
    this.maxRows = maxRows;
  }

  /**
   * What requests must have in common to be joined. Texts are of like length, so that nobody's are padded to another's.
   *
   * @param magnitude of the longest text's words, as a power of two
   */
  private record Kind(String signature, Map<String, String> inputs, int magnitude) {
    /** Texts of up to this power of two words are alike. */
    private static final int SHORT = 6;

    static Kind of(String signature, Map<String, ? extends NdArray<?>> inputs) {
      Map<String, String> kinds = new TreeMap<>();
      inputs.forEach(
          (name, input) -> kinds.put(name, TensorType.of(input) + " " + input.shape().tail()));
      int longest = Arrays.stream(TextLengths.ofRows(inputs)).max().orElse(0);
      int magnitude = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, longest - 1));
      return new Kind(signature, kinds, Math.max(SHORT, magnitude));
    }
  }

  /**
   * The requests of a kind: at most one thread runs some of them, others wait for their turn or their answer. Its lock
   * guards what its requests hold.
   */
  private static final class Line {
    private final Queue<Request> waiting = new ArrayDeque<>();
    private boolean running;

    /** Threads that hold this line, guarded by {@link #lines}. */
    private int users;
  }

  /** An answer or a failure. */
  private record Outcome(
      @Nullable Map<String, NdArray<?>> outputs, @Nullable RuntimeException failure) {
    static Outcome of(Runner runner, String signature, Map<String, ? extends NdArray<?>> inputs) {
      try {
        return new Outcome(runner.run(signature, inputs), null);
      } catch (RuntimeException e) {
        return new Outcome(null, e);
      }
    }

    Map<String, NdArray<?>> answer() {
      if (outputs == null) {
        throw Objects.requireNonNull(failure);
      }
      return outputs;
    }
  }

  private static final class Request {
    private final Map<String, ? extends NdArray<?>> inputs;
    private final long rows;
    private @Nullable Outcome outcome;

    Request(Map<String, ? extends NdArray<?>> inputs) {
      this.inputs = inputs;
      this.rows = BatchSize.of(inputs);
    }
  }

  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    Request request = new Request(inputs);
    Kind kind = Kind.of(signature, inputs);
    Line line = lines.compute(kind, (key, known) -> used(known == null ? new Line() : known));
    try {
      return run(signature, line, request).answer();
    } finally {
      // A line that nobody uses goes: signatures with variable shapes have no end of kinds.
      lines.compute(kind, (key, known) -> --line.users == 0 ? null : line);
    }
  }

  private static Line used(Line line) {
    line.users++;
    return line;
  }

  /** Number of kinds that requests are being run of. */
  int kinds() {
    return lines.size();
  }

  private Outcome run(String signature, Line line, Request request) {
    synchronized (line) {
      line.waiting.add(request);
    }
    while (true) {
      List<Request> batch;
      synchronized (line) {
        awaitTurn(line, request);
        if (request.outcome != null) {
          return request.outcome;
        }
        line.running = true;
        batch = take(line.waiting);
      }
      List<Outcome> outcomes = List.of();
      try {
        outcomes = outcomes(signature, batch);
      } finally {
        synchronized (line) {
          publish(batch, outcomes);
          line.running = false;
          line.notifyAll();
        }
      }
    }
  }

  /** Under the line's lock. Without outcomes an error, such as too little memory, has ended this thread. */
  private static void publish(List<Request> batch, List<Outcome> outcomes) {
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).outcome =
          outcomes.isEmpty()
              ? new Outcome(null, new IllegalStateException("request was not run"))
              : outcomes.get(i);
    }
  }

  private static void awaitTurn(Line line, Request request) {
    boolean interrupted = false;
    synchronized (line) {
      while (line.running && request.outcome == null) {
        try {
          line.wait();
        } catch (InterruptedException e) {
          // Others count on the answer that this thread may have to give: the caller learns of it
          // after that.
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Request> take(Queue<Request> waiting) {
    List<Request> batch = new ArrayList<>();
    long rows = 0;
    for (Request next = waiting.peek();
        next != null && (batch.isEmpty() || rows + next.rows <= maxRows);
        next = waiting.peek()) {
      batch.add(waiting.remove());
      rows += next.rows;
    }
    return batch;
  }

  private List<Outcome> outcomes(String signature, List<Request> batch) {
    if (batch.size() > 1) {
      try {
        return joint(signature, batch);
      } catch (RuntimeException e) {
        // One request's fault is not the others': each gets an answer of its own.
      }
    }
    return batch.stream().map(each -> Outcome.of(runner, signature, each.inputs)).toList();
  }

  private List<Outcome> joint(String signature, List<Request> batch) {
    Map<String, NdArray<?>> outputs =
        runner.run(
            signature, BatchRows.join(batch.stream().map(request -> request.inputs).toList()));
    // Of a model that is not of this library: its requests cannot be joined, and each runs by
    // itself.
    long rows = batch.stream().mapToLong(request -> request.rows).sum();
    outputs.values().forEach(output -> BatchSize.requireRows(output, rows));
    List<Outcome> outcomes = new ArrayList<>();
    long row = 0;
    for (Request request : batch) {
      outcomes.add(new Outcome(BatchRows.slice(outputs, row, row + request.rows), null));
      row += request.rows;
    }
    return outcomes;
  }
}
