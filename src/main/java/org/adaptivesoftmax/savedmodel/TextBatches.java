package org.adaptivesoftmax.savedmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.tensors.BatchRows;
import org.adaptivesoftmax.internal.tensors.TextLengths;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;

/**
 * Runs texts of like length together. A network reads a batch as long as its longest text, so that a thousand texts of a word
 * beside one of thousands would take gigabytes.
 */
final class TextBatches {
  /** Rows times words of the longest, of what is run at once. */
  static final int MAX_POSITIONS = 1 << 15;

  /** Texts of so many words are run together whatever their lengths. */
  private static final int SHORT = 64;

  private final Function<Map<String, ? extends NdArray<?>>, Map<String, NdArray<?>>> runner;

  /**
   * @param runner runs a batch as it is
   */
  TextBatches(Function<Map<String, ? extends NdArray<?>>, Map<String, NdArray<?>>> runner) {
    this.runner = runner;
  }

  Map<String, NdArray<?>> run(Map<String, ? extends NdArray<?>> inputs) {
    if (!isBatch(inputs)) {
      return runner.apply(inputs);
    }
    List<long[]> parts = parts(TextLengths.ofRows(inputs));
    Map<String, NdArray<?>> outputs = parts.size() > 1 ? inParts(inputs, parts) : null;
    return outputs == null ? runner.apply(inputs) : outputs;
  }

  /** Whether the inputs have rows, as many each, and a text is among them. */
  private static boolean isBatch(Map<String, ? extends NdArray<?>> inputs) {
    return inputs.values().stream().allMatch(input -> input.rank() > 0)
        && inputs.values().stream().anyMatch(TextLengths::isText)
        && inputs.values().stream().mapToLong(input -> input.shape().get(0)).distinct().count()
            == 1;
  }

  /** The rows of each part, from the shortest texts to the longest. */
  static List<long[]> parts(int[] lengths) {
    int[] rows =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted((a, b) -> Integer.compare(lengths[a], lengths[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    List<long[]> parts = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= rows.length; i++) {
      if (i == rows.length || !fits(i - start, lengths[rows[start]], lengths[rows[i]])) {
        parts.add(Arrays.stream(rows, start, i).asLongStream().toArray());
        start = i;
      }
    }
    return parts;
  }

  /** Whether a text may be run with so many that are not longer than it. */
  private static boolean fits(int others, int shortest, int length) {
    return (others + 1L) * (length + 1L) <= MAX_POSITIONS
        && length <= Math.max(SHORT, 2L * shortest);
  }

  /** Null if the model does not answer row by row: then it is no network of texts of this library. */
  private @Nullable Map<String, NdArray<?>> inParts(
      Map<String, ? extends NdArray<?>> inputs, List<long[]> parts) {
    List<Map<String, NdArray<?>>> answers = new ArrayList<>();
    Map<String, Shape> first = null;
    for (long[] rows : parts) {
      Map<String, NdArray<?>> answer = runner.apply(BatchRows.take(inputs, rows));
      Map<String, Shape> shapes = rowShapes(answer, rows.length);
      first = first == null ? shapes : first;
      if (shapes == null || !shapes.equals(first)) {
        return null;
      }
      answers.add(answer);
    }
    return BatchRows.take(BatchRows.join(answers), places(parts));
  }

  /** The shape of a row of each output; null if one does not have so many rows. */
  private static @Nullable Map<String, Shape> rowShapes(Map<String, NdArray<?>> outputs, int rows) {
    Map<String, Shape> shapes = new TreeMap<>();
    for (Map.Entry<String, NdArray<?>> output : outputs.entrySet()) {
      Shape shape = output.getValue().shape();
      if (shape.numDimensions() == 0 || shape.get(0) != rows) {
        return null;
      }
      shapes.put(output.getKey(), shape.tail());
    }
    return shapes;
  }

  /** Where each row stands when the parts are joined. */
  private static long[] places(List<long[]> parts) {
    long[] order = parts.stream().flatMapToLong(Arrays::stream).toArray();
    long[] places = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      places[(int) order[i]] = i;
    }
    return places;
  }
}
