package org.adaptivesoftmax.remote;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.client.ModelServerException;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;

/**
 * Calls a server within a deadline. A call that found the server unavailable is repeated after a pause that doubles each
 * time, one that found it busy until the deadline; every other failure is final.
 *
 * @param deadline of a call, its repetitions included
 * @param retries repetitions at most
 * @param backoff the longest first pause; chance shortens each by up to a half, so that clients do not come back together
 */
record Calls(Duration deadline, int retries, Duration backoff) {
  /** A busy server is asked until the deadline; the pauses do not grow for ever. */
  private static final int MAX_DOUBLINGS = 4;

  /** What a call is told that was in flight when its client was closed. */
  static final String CLOSED = "client was closed";

  /** What a failed attempt tells. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    private final Code code;
    private final boolean busy;

    Failure(Code code, String detail, Throwable cause) {
      super(detail, cause);
      this.code = code;
      this.busy = false;
    }

    Failure(Code code, String detail) {
      super(detail);
      this.code = code;
      this.busy = false;
    }

    private Failure(String detail, @Nullable Throwable cause) {
      super(detail, cause);
      this.code = Code.RESOURCE_EXHAUSTED;
      this.busy = true;
    }

    /** A server that is there and has as many calls in flight as it takes. */
    static Failure busy(String detail, @Nullable Throwable cause) {
      return new Failure(detail, cause);
    }
  }

  /** One attempt of a call. */
  @FunctionalInterface
  interface Attempt<T> {
    /**
     * @param nanosLeft until the deadline
     */
    T run(long nanosLeft) throws Failure, InterruptedException;
  }

  /**
   * @param target model, version and signature, for errors
   * @throws ModelServerException if all attempts failed
   */
  <T> T run(String target, Attempt<T> attempt) {
    long end = System.nanoTime() + deadline.toNanos();
    for (int failures = 0; ; ) {
      try {
        return attempt.run(Math.max(0, end - System.nanoTime()));
      } catch (Failure failure) {
        failures++;
        long pause = pauseNanos(failures);
        if (!mayRepeat(failure, failures) || pause >= end - System.nanoTime()) {
          throw new ModelServerException(failure.code, target, detail(failure, failures), failure);
        }
        pause(target, pause);
      } catch (InterruptedException e) {
        throw interrupted(target, e);
      }
    }
  }

  private boolean mayRepeat(Failure failure, int failures) {
    return failure.busy ? retries > 0 : failure.code == Code.UNAVAILABLE && failures <= retries;
  }

  /** What lies at the bottom of a failure: "io exception" or "General engine problem" do not help. */
  static String describe(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = failure.getMessage();
    String own = message == null ? failure.getClass().getSimpleName() : message;
    String deep = root.getMessage();
    return deep == null || own.contains(deep) ? own : own + ": " + deep;
  }

  private String detail(Failure failure, int attempts) {
    return switch (failure.code) {
      case UNAVAILABLE -> "%s (attempts: %d)".formatted(failure.getMessage(), attempts);
      case RESOURCE_EXHAUSTED ->
          failure.busy
              ? "%s (attempts: %d)".formatted(failure.getMessage(), attempts)
              : String.valueOf(failure.getMessage());
      case DEADLINE_EXCEEDED ->
          "no answer within %d ms: %s".formatted(deadline.toMillis(), failure.getMessage());
      default -> String.valueOf(failure.getMessage());
    };
  }

  private long pauseNanos(int failures) {
    double pause = Math.scalb((double) backoff.toNanos(), Math.min(failures - 1, MAX_DOUBLINGS));
    return (long) (pause * ThreadLocalRandom.current().nextDouble(0.5, 1));
  }

  private static void pause(String target, long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      throw interrupted(target, e);
    }
  }

  private static ModelServerException interrupted(String target, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ModelServerException(Code.CANCELLED, target, "thread was interrupted", e);
  }
}
