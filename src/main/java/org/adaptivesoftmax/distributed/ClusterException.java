package org.adaptivesoftmax.distributed;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * A training on several processes lost one of them. None of those that are left can go on: end them all and resume from the
 * last checkpoint.
 */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What happened, as far as TensorFlow tells. */
  public enum Kind {
    /** A task cannot be reached: it has not started, or it has ended. */
    UNAVAILABLE("a task is unavailable"),
    /** Another task failed, and this one's step was given up. */
    ABORTED("another task failed"),
    /** A task did not answer in time. */
    TIMED_OUT("a task did not answer in time");

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  /** Words of TensorFlow 2.18, in which all its errors are one Java type. The first that fits counts. */
  private record Words(Kind kind, List<String> any) {
    boolean in(String message) {
      return any.stream().anyMatch(message::contains);
    }
  }

  private static final List<Words> WORDS =
      List.of(
          new Words(
              Kind.TIMED_OUT,
              List.of(
                  "Operation timed out",
                  "Timed out waiting",
                  "Deadline Exceeded",
                  "DEADLINE_EXCEEDED",
                  "Collective has timed out")),
          new Words(
              Kind.UNAVAILABLE,
              List.of(
                  "Socket closed",
                  "failed to connect",
                  "Connection refused",
                  "Connection reset",
                  "UNAVAILABLE",
                  "Unavailable",
                  "has changed its incarnation")),
          new Words(
              Kind.ABORTED,
              List.of(
                  "aborted",
                  "Aborted",
                  "ABORTED",
                  "Step was cancelled",
                  "RecvAsync is cancelled",
                  "CANCELLED")));

  private final Kind kind;

  private ClusterException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  static ClusterException unavailable(String message) {
    return new ClusterException(Kind.UNAVAILABLE, message, null);
  }

  static ClusterException timedOut(String message, Throwable cause) {
    return new ClusterException(Kind.TIMED_OUT, message, cause);
  }

  /**
   * What an error of TensorFlow's means for a cluster.
   *
   * @return a {@code ClusterException} with the first line of TensorFlow's text, or the error itself if it is about
   *     something else
   */
  public static RuntimeException of(TensorFlowException error) {
    String message = String.valueOf(error.getMessage());
    for (Words words : WORDS) {
      if (words.in(message)) {
        String first = message.lines().findFirst().orElse("");
        return new ClusterException(words.kind, words.kind.text + ": " + first, error);
      }
    }
    return error;
  }

  /** What happened. */
  public Kind kind() {
    return kind;
  }
}
