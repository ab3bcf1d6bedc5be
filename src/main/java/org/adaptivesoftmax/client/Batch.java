package org.adaptivesoftmax.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.tensorflow.ndarray.NdArray;

/** Rows that are asked for together. */
public final class Batch {
  private Batch() {}

  /**
   * Counts the rows.
   *
   * @throws IllegalArgumentException if there is no input, or they have different numbers of rows
   */
  public static long rows(Map<String, ? extends NdArray<?>> inputs) {
    Map<String, Long> rows = new TreeMap<>();
    inputs.forEach(
        (name, input) -> {
          require(input.rank() > 0, "input must have a batch dimension: " + name);
          rows.put(name, input.shape().get(0));
        });
    require(!rows.isEmpty(), "inputs must not be empty");
    require(
        rows.values().stream().distinct().count() == 1,
        "inputs must have the same number of rows: " + rows);
    return rows.values().iterator().next();
  }

  /**
   * Checks an output.
   *
   * @return the output
   * @throws IllegalArgumentException if it has another number of rows than were asked for
   */
  public static NdArray<?> requireRows(NdArray<?> output, long rows) {
    require(
        output.rank() > 0 && output.shape().get(0) == rows,
        "must have %d rows: %s".formatted(rows, output.shape()));
    return output;
  }

  /** Asks for at most {@code size} rows at a time. */
  static <T, R> List<R> divide(List<T> rows, int size, Function<List<T>, List<R>> ask) {
    List<R> answers = new ArrayList<>();
    for (int start = 0; start < rows.size(); start += size) {
      answers.addAll(ask.apply(rows.subList(start, Math.min(rows.size(), start + size))));
    }
    return answers;
  }

  public static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
