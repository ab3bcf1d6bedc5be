package org.adaptivesoftmax;

/** Class rows rounded as {@link TailWeights} say, in Java. */
public final class RoundedRows {
  private RoundedRows() {}

  /** Rows of the given width, one after the other. */
  public static float[] of(float[] rows, int width, TailWeights form) {
    float[] result = rows.clone();
    for (int start = 0; start < result.length; start += width) {
      float largest = 0;
      for (int i = start; i < start + width; i++) {
        largest = Math.max(largest, Math.abs(rows[i]));
      }
      float step = largest / 127;
      for (int i = start; i < start + width; i++) {
        result[i] =
            switch (form) {
              case FLOAT32 -> rows[i];
              case BFLOAT16 -> bfloat16(rows[i]);
              case INT8 -> step == 0 ? 0 : (float) Math.rint(rows[i] / step) * step;
            };
      }
    }
    return result;
  }

  private static float bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    int toEven = 0x7fff + (bits >>> 16 & 1);
    return Float.intBitsToFloat(bits + toEven & 0xffff0000);
  }
}
