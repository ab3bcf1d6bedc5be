package org.adaptivesoftmax.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.adaptivesoftmax.client.Batch;
import org.adaptivesoftmax.client.TensorType;
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

  /** What requests must have in common to be joined. */
  private record Kind(String signature, Map<String, String> inputs) {
    static Kind of(String signature, Map<String, ? extends NdArray<?>> inputs) {
      Map<String, String> kinds = new TreeMap<>();
      inputs.forEach(
          (name, input) -> kinds.put(name, TensorType.of(input) + " " + input.shape().tail()));
      return new Kind(signature, kinds);
    }
  }

  /** The requests of a kind: at most one thread runs some of them, others wait for their turn or their answer. */
  private static final class Line {
    private final Queue<Request> waiting = new ArrayDeque<>();
    private boolean running;
  }

  private static final class Request {
    private final Map<String, ? extends NdArray<?>> inputs;
    private final long rows;
    private @Nullable Map<String, NdArray<?>> outputs;
    private @Nullable RuntimeException failure;

    Request(Map<String, ? extends NdArray<?>> inputs) {
      this.inputs = inputs;
      this.rows = Batch.rows(inputs);
    }

    boolean isDone() {
      return outputs != null || failure != null;
    }

    /** An error, such as too little memory, may have ended the thread that should have run it. */
    void requireDone() {
      if (!isDone()) {
        failure = new IllegalStateException("request was not run");
      }
    }

    Map<String, NdArray<?>> answer() {
      if (outputs == null) {
        throw Objects.requireNonNull(failure);
      }
      return outputs;
    }

    void run(Runner runner, String signature) {
      try {
        outputs = runner.run(signature, inputs);
      } catch (RuntimeException e) {
        failure = e;
      }
    }
  }

  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    Line line = lines.computeIfAbsent(Kind.of(signature, inputs), kind -> new Line());
    Request request = new Request(inputs);
    synchronized (line) {
      line.waiting.add(request);
    }
    while (true) {
      List<Request> batch;
      synchronized (line) {
        awaitTurn(line, request);
        if (request.isDone()) {
          return request.answer();
        }
        line.running = true;
        batch = take(line.waiting);
      }
      try {
        run(signature, batch);
      } finally {
        synchronized (line) {
          batch.forEach(Request::requireDone);
          line.running = false;
          line.notifyAll();
        }
      }
    }
  }

  private static void awaitTurn(Line line, Request request) {
    boolean interrupted = false;
    synchronized (line) {
      while (line.running && !request.isDone()) {
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

  private void run(String signature, List<Request> batch) {
    if (batch.size() > 1) {
      try {
        Map<String, NdArray<?>> outputs =
            runner.run(
                signature, BatchRows.join(batch.stream().map(request -> request.inputs).toList()));
        long row = 0;
        for (Request request : batch) {
          request.outputs = BatchRows.slice(outputs, row, row + request.rows);
          row += request.rows;
        }
        return;
      } catch (RuntimeException e) {
        // One request's fault is not the others': each gets an answer of its own.
        batch.forEach(request -> request.outputs = null);
      }
    }
    batch.forEach(request -> request.run(runner, signature));
  }
}
