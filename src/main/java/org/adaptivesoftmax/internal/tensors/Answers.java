package org.adaptivesoftmax.internal.tensors;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.NdArray;

/** Outputs as lists. */
public final class Answers {
  private Answers() {}

  /** An element of a vector. */
  @FunctionalInterface
  public interface Element<T> {
    T at(long... row);
  }

  /** An element of a matrix. */
  @FunctionalInterface
  public interface Cell<T> {
    T at(long row, long column);
  }

  public static <T> List<T> list(NdArray<?> vector, Element<T> element) {
    return LongStream.range(0, vector.shape().get(0)).mapToObj(element::at).toList();
  }

  public static <T> List<List<T>> lists(NdArray<?> matrix, Cell<T> cell) {
    int columns = (int) matrix.shape().get(1);
    return LongStream.range(0, matrix.shape().get(0))
        .mapToObj(row -> IntStream.range(0, columns).mapToObj(i -> cell.at(row, i)).toList())
        .toList();
  }
}
