package org.adaptivesoftmax.server;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.tensorflow.proto.error.Code;

/** Requests that wait for a thread: no more than a bound, and none beyond its deadline. */
final class RequestQueue implements AutoCloseable {
  private final ThreadPoolExecutor threads;
  private final int maxWaiting;

  /** Where the outcome of a request goes: one call of one of both. */
  interface Reply<T> {
    void answer(T answer);

    void fail(RequestFailure failure);
  }

  RequestQueue(int threadCount, int maxWaiting) {
    this.maxWaiting = maxWaiting;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(maxWaiting),
            task -> {
              Thread thread = new Thread(task, "model-server-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Runs a request when a thread is free; refuses it at once if too many wait. */
  <T> void submit(Duration deadline, Supplier<T> request, Reply<T> reply) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      threads.execute(() -> run(end, request, reply));
    } catch (RejectedExecutionException e) {
      reply.fail(
          threads.isShutdown()
              ? new RequestFailure(Code.UNAVAILABLE, "The server is stopping")
              : RequestFailure.busy(maxWaiting));
    }
  }

  private static <T> void run(long end, Supplier<T> request, Reply<T> reply) {
    T answer;
    try {
      if (System.nanoTime() - end > 0) {
        throw new RequestFailure(
            Code.DEADLINE_EXCEEDED, "Deadline exceeded before the request was run");
      }
      answer = request.get();
    } catch (Throwable failure) { // Errors too: whoever asked must be told.
      reply.fail(RequestFailure.of(failure));
      return;
    }
    reply.answer(answer);
  }

  int waiting() {
    return threads.getQueue().size();
  }

  int running() {
    return threads.getActiveCount();
  }

  /** Ends what has begun and what waits, at most for a time. */
  void drain(Duration deadline) throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
      close();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
