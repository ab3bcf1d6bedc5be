package org.adaptivesoftmax.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets a task come to its end when a signal ends the process: its thread is interrupted, and Java waits until the task has
 * returned. Without that, Java would unload TensorFlow's library under a running step, which may crash the process.
 */
public final class OrderlyEnd {
  /** A task that takes longer is left to its fate: whoever sent the signal waits, and may send a harder one. */
  private static final int SECONDS = 20;

  private OrderlyEnd() {}

  /** What is run. */
  @FunctionalInterface
  public interface Task<T, E extends Exception> {
    /** Runs. */
    T run() throws E;
  }

  /** What is run and gives nothing. */
  @FunctionalInterface
  public interface Action<E extends Exception> {
    /** Runs. */
    void run() throws E;
  }

  /**
   * Runs a task in this thread. Once the process is ending, this does not return: the thread must not go on to use what is
   * being unloaded.
   *
   * @return what the task gives
   */
  public static <T, E extends Exception> T of(Task<T, E> task) throws E {
    CountDownLatch done = new CountDownLatch(1);
    Thread working = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              working.interrupt();
              await(done);
            });
    unlessEnding(() -> Runtime.getRuntime().addShutdownHook(hook));
    try {
      return task.run();
    } finally {
      done.countDown();
      unlessEnding(() -> Runtime.getRuntime().removeShutdownHook(hook));
    }
  }

  /** {@link #of} for what gives nothing. */
  public static <E extends Exception> void run(Action<E> action) throws E {
    of(
        () -> {
          action.run();
          return true;
        });
  }

  private static void await(CountDownLatch done) {
    try {
      done.await(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void unlessEnding(Runnable change) {
    try {
      change.run();
    } catch (IllegalStateException ending) {
      while (true) {
        LockSupport.park();
      }
    }
  }
}
