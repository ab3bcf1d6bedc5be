package org.adaptivesoftmax.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.tensorflow.proto.error.Code;

/**
 * Requests that wait for a thread: no more than a bound, and none beyond its deadline. While many wait, those that come may have
 * an early answer from threads of their own, past those that wait.
 */
final class RequestQueue implements AutoCloseable {
  private final ThreadPoolExecutor threads;
  private final ThreadPoolExecutor early;
  private final Limits limits;

  /**
   * How much a queue takes.
   *
   * @param threads requests that are run at once, and as many early ones
   * @param maxWaiting requests that may wait
   * @param busy requests that wait when those that come are tried early
   */
  record Limits(int threads, int maxWaiting, int busy) {}

  /** What a request asks for. */
  interface Work<T> {
    /** {@return an answer before the request's turn, if there is one that may be given} */
    Optional<T> early();

    /** {@return the answer, when it is the request's turn} */
    T inTurn();

    /** Work that is never answered early. */
    static <T> Work<T> of(Supplier<T> answer) {
      return new Work<>() {
        @Override
        public Optional<T> early() {
          return Optional.empty();
        }

        @Override
        public T inTurn() {
          return answer.get();
        }
      };
    }
  }

  /** Where the outcome of a request goes: one call of one of both. */
  interface Reply<T> {
    void answer(T answer);

    void fail(RequestFailure failure);
  }

  RequestQueue(Limits limits) {
    this.limits = limits;
    threads = pool("model-server-", limits);
    early = pool("model-server-early-", limits);
  }

  private static ThreadPoolExecutor pool(String name, Limits limits) {
    AtomicInteger number = new AtomicInteger();
    return new ThreadPoolExecutor(
        limits.threads,
        limits.threads,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(limits.maxWaiting),
        task -> {
          Thread thread = new Thread(task, name + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Runs a request when a thread is free; refuses it at once if too many wait. */
  <T> void submit(Duration deadline, Work<T> work, Reply<T> reply) {
    long end = System.nanoTime() + deadline.toNanos();
    if (threads.getQueue().size() >= limits.busy) {
      execute(early, () -> tryEarly(end, work, reply), reply);
    } else {
      wait(end, work, reply);
    }
  }

  private <T> void wait(long end, Work<T> work, Reply<T> reply) {
    execute(threads, () -> run(end, () -> Optional.of(work.inTurn()), reply), reply);
  }

  private <T> void tryEarly(long end, Work<T> work, Reply<T> reply) {
    if (!run(end, work::early, reply)) {
      wait(end, work, reply);
    }
  }

  private void execute(ThreadPoolExecutor pool, Runnable task, Reply<?> reply) {
    try {
      pool.execute(task);
    } catch (RejectedExecutionException e) {
      reply.fail(
          pool.isShutdown()
              ? new RequestFailure(Code.UNAVAILABLE, "The server is stopping")
              : RequestFailure.busy(limits.maxWaiting));
    }
  }

  /** {@return whether there was an answer or a failure} */
  private static <T> boolean run(long end, Supplier<Optional<T>> request, Reply<T> reply) {
    Optional<T> answer;
    try {
      if (System.nanoTime() - end > 0) {
        throw new RequestFailure(
            Code.DEADLINE_EXCEEDED, "Deadline exceeded before the request was run");
      }
      answer = request.get();
    } catch (Throwable failure) { // Errors too: whoever asked must be told.
      reply.fail(RequestFailure.of(failure));
      return true;
    }
    answer.ifPresent(reply::answer);
    return answer.isPresent();
  }

  int waiting() {
    return threads.getQueue().size() + early.getQueue().size();
  }

  int running() {
    return threads.getActiveCount() + early.getActiveCount();
  }

  /** Ends what has begun and what waits, at most for a time. */
  void drain(Duration deadline) throws InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    early.shutdown();
    boolean ended = early.awaitTermination(deadline.toNanos(), TimeUnit.NANOSECONDS);
    threads.shutdown(); // Only now, as what is not answered early goes on to these.
    if (!ended || !threads.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      close();
    }
  }

  @Override
  public void close() {
    early.shutdownNow();
    threads.shutdownNow();
  }
}
