package org.adaptivesoftmax.internal.tensors;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.Require;
import org.tensorflow.ndarray.NdArray;

/** The number of rows that are asked for together: dimension 0 of every array. */
public final class BatchSize {
  private BatchSize() {}

  /**
   * Counts the rows.
   *
   * @throws IllegalArgumentException if there is no input, they have different numbers of rows, or a text is null
   */
  public static long of(Map<String, ? extends NdArray<?>> inputs) {
    Map<String, Long> rows = new TreeMap<>();
    inputs.forEach(
        (name, input) -> {
          Require.argument(input.rank() > 0, "input must have a batch dimension: %s", name);
          requireNoNull(name, input);
          rows.put(name, input.shape().get(0));
        });
    Require.argument(!rows.isEmpty(), "inputs must not be empty");
    Require.argument(
        rows.values().stream().distinct().count() == 1,
        "inputs must have the same number of rows: %s",
        rows);
    return rows.values().iterator().next();
  }

  private static void requireNoNull(String name, NdArray<?> input) {
    if (TensorType.of(input) == TensorType.STRING) {
      long row = 0;
      for (NdArray<?> element : input.elements(0)) {
        boolean whole = element.streamOfObjects().allMatch(Objects::nonNull);
        Require.argument(whole, "%s must not be null in row %d", name, row++);
      }
    }
  }

  /**
   * Checks an output.
   *
   * @return the output
   * @throws IllegalArgumentException if it has another number of rows than were asked for
   */
  public static NdArray<?> requireRows(NdArray<?> output, long rows) {
    Require.argument(
        output.rank() > 0 && output.shape().get(0) == rows,
        "must have %d rows: %s",
        rows,
        output.shape());
    return output;
  }
}
