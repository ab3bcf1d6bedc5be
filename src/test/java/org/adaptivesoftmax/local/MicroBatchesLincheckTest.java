package org.adaptivesoftmax.local;

import java.util.Map;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/** Whatever threads do at once, each request gets the answer that it gets alone. */
public class MicroBatchesLincheckTest {
  private final MicroBatches batches = new MicroBatches(MicroBatchesLincheckTest::twice, 4);

  /** A joint answer lacks its last row, so that every joint batch is run again, one by one. */
  private static Map<String, NdArray<?>> twice(
      String signature, Map<String, ? extends NdArray<?>> inputs) {
    LongNdArray x = (LongNdArray) inputs.get("x");
    long rows = x.size() > 1 ? x.size() - 1 : 1;
    return Map.of(
        "y",
        NdArrays.vectorOf(x.streamOfObjects().limit(rows).mapToLong(value -> 2 * value).toArray()));
  }

  @Operation
  public long twice(long value) {
    return ((LongNdArray) batches.run("double", Map.of("x", NdArrays.vectorOf(value))).get("y"))
        .getLong(0);
  }

  @Test
  void requestsDoNotDisturbEachOther() {
    new StressOptions()
        .iterations(3)
        .invocationsPerIteration(1000)
        .threads(3)
        .actorsPerThread(2)
        .check(getClass());
  }
}
