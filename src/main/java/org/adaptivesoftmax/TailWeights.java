package org.adaptivesoftmax;

/**
 * How a served layer stores the class rows of its tail clusters, most of its weights. A cluster's rows are turned into
 * float32 only in a run that scores the cluster. Head, projections and biases stay float32: the head decides on most answers,
 * and the projections are small.
 */
public enum TailWeights {
  /** As trained. */
  FLOAT32,

  /** Rounded to the nearest bfloat16: half the size, a relative error of at most 2<sup>−8</sup> in each weight. */
  BFLOAT16,

  /**
   * Each class row w as int8 and one float32, about a quarter of the size: q = round(w / s) with s = max |w| / 127, read as
   * w ≈ q s, so that a weight's error is at most s / 2. A row of zeros has s = 0.
   */
  INT8
}
