package org.adaptivesoftmax.local;

import java.util.Map;
import org.tensorflow.ndarray.NdArray;

/** Runs a signature for a batch that is not empty. */
@FunctionalInterface
interface Runner {
  /**
   * @param inputs each with the batch as dimension 0
   * @return outputs with as many rows
   */
  Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs);
}
