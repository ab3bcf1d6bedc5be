package org.adaptivesoftmax;

import org.adaptivesoftmax.internal.weights.StoredRows;
import org.tensorflow.op.Ops;

/**
 * How a served layer stores the class rows of its tail clusters, most of its weights. A cluster's rows are turned into
 * float32 only in a run that scores the cluster. Head, projections and biases stay float32: the head decides on most answers,
 * and the projections are small.
 */
public enum TailWeights {
  /** As trained. */
  FLOAT32 {
    @Override
    StoredRows<?> rows(Ops tf, String name, int size, int width) {
      return StoredRows.float32(tf, name, size, width);
    }
  },

  /** Rounded to the nearest bfloat16: half the size, a relative error of at most 2<sup>−8</sup> in each weight. */
  BFLOAT16 {
    @Override
    StoredRows<?> rows(Ops tf, String name, int size, int width) {
      return StoredRows.bfloat16(tf, name, size, width);
    }
  },

  /**
   * Each class row w as int8 and one float32, about a quarter of the size: q = round(w / s) with s = max |w| / 127, read as
   * w ≈ q s, so that a weight's error is at most s / 2. A row of zeros has s = 0.
   */
  INT8 {
    @Override
    StoredRows<?> rows(Ops tf, String name, int size, int width) {
      return StoredRows.int8(tf, name, size, width);
    }
  };

  /** Adds the variables of a cluster's class rows, [size, width]. */
  abstract StoredRows<?> rows(Ops tf, String name, int size, int width);
}
