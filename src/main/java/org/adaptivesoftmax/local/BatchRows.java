package org.adaptivesoftmax.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;

/** Joins batches, and takes them apart. */
final class BatchRows {
  private BatchRows() {}

  /** Tensors of the same names and types; each name's shapes differ in dimension 0 alone. */
  static Map<String, NdArray<?>> join(List<? extends Map<String, ? extends NdArray<?>>> batches) {
    Map<String, NdArray<?>> joined = new LinkedHashMap<>();
    for (String name : batches.get(0).keySet()) {
      List<NdArray<?>> parts = new ArrayList<>();
      batches.forEach(batch -> parts.add(batch.get(name)));
      joined.put(name, joinOne(parts));
    }
    return joined;
  }

  private static NdArray<?> joinOne(List<NdArray<?>> parts) {
    long rows = parts.stream().mapToLong(part -> part.shape().get(0)).sum();
    NdArray<Object> joined = empty(parts.get(0), rows);
    long next = 0;
    for (NdArray<?> part : parts) {
      for (NdArray<?> row : part.elements(0)) {
        joined.set(untyped(row), next++);
      }
    }
    return joined;
  }

  /** Rows {@code from} (inclusive) to {@code to} (exclusive), copied. */
  static Map<String, NdArray<?>> slice(Map<String, NdArray<?>> batch, long from, long to) {
    Map<String, NdArray<?>> slice = new LinkedHashMap<>();
    batch.forEach(
        (name, values) -> {
          NdArray<Object> rows = empty(values, to - from);
          for (long row = from; row < to; row++) {
            rows.set(untyped(values.get(row)), row - from);
          }
          slice.put(name, rows);
        });
    return slice;
  }

  /** Some of the rows, copied, in the given order. */
  static Map<String, NdArray<?>> pick(
      Map<String, ? extends NdArray<?>> batch, List<Integer> picked) {
    Map<String, NdArray<?>> some = new LinkedHashMap<>();
    batch.forEach(
        (name, values) -> {
          NdArray<Object> rows = empty(values, picked.size());
          for (int i = 0; i < picked.size(); i++) {
            rows.set(untyped(values.get(picked.get(i))), i);
          }
          some.put(name, rows);
        });
    return some;
  }

  /** Puts rows into a batch: what {@link #pick} took out of it, or an answer to that. */
  static void put(
      Map<String, NdArray<?>> batch, Map<String, NdArray<?>> rows, List<Integer> places) {
    rows.forEach(
        (name, values) -> {
          NdArray<Object> all = untyped(Objects.requireNonNull(batch.get(name), name));
          for (int i = 0; i < places.size(); i++) {
            all.set(untyped(values.get(i)), places.get(i));
          }
        });
  }

  private static NdArray<Object> empty(NdArray<?> like, long rows) {
    long[] sizes = like.shape().asArray().clone();
    sizes[0] = rows;
    Shape shape = Shape.of(sizes);
    return untyped(
        switch (TensorType.of(like)) {
          case FLOAT -> NdArrays.ofFloats(shape);
          case DOUBLE -> NdArrays.ofDoubles(shape);
          case INT32 -> NdArrays.ofInts(shape);
          case INT64 -> NdArrays.ofLongs(shape);
          case BOOL -> NdArrays.ofBooleans(shape);
          case STRING -> NdArrays.ofObjects(elementType(like), shape);
        });
  }

  /** Strings, or bytes as serialized examples are. */
  private static Class<?> elementType(NdArray<?> like) {
    return like.size() > 0 && like.scalars().iterator().next().getObject() instanceof byte[]
        ? byte[].class
        : String.class;
  }

  @SuppressWarnings("unchecked") // Callers bring together what is of one type.
  private static NdArray<Object> untyped(NdArray<?> array) {
    return (NdArray<Object>) array;
  }
}
