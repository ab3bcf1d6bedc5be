package org.adaptivesoftmax.local;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.NdArray;

/**
 * What a version's signature {@code head_only} says of a request to {@code serving_default}: the best classes of the shortlist,
 * and which rows' answers are proven to be exact. {@link LocalVersion#complete} replaces the others.
 */
public final class HeadAnswer {
  private final long version;
  private final Map<String, ? extends NdArray<?>> inputs;
  private final Map<String, NdArray<?>> outputs;
  private final BooleanNdArray exact;

  private final long nanos;

  HeadAnswer(
      long version,
      Map<String, ? extends NdArray<?>> inputs,
      Map<String, NdArray<?>> outputs,
      long nanos) {
    this.version = version;
    this.inputs = inputs;
    this.outputs = outputs;
    this.nanos = nanos;
    this.exact = (BooleanNdArray) Objects.requireNonNull(outputs.get(TensorNames.EXACT));
  }

  long version() {
    return version;
  }

  Map<String, ? extends NdArray<?>> inputs() {
    return inputs;
  }

  long nanos() {
    return nanos;
  }

  /** {@return outputs by name: those of {@code serving_default}, and {@code exact} bool [batch]} */
  public Map<String, NdArray<?>> outputs() {
    return outputs;
  }

  /** {@return whether every row is proven, so that this is the answer of {@code serving_default}} */
  public boolean isExact() {
    return unproven().isEmpty();
  }

  List<Integer> unproven() {
    return IntStream.range(0, rows()).filter(row -> !exact.getBoolean(row)).boxed().toList();
  }

  int rows() {
    return Math.toIntExact(exact.size());
  }
}
