package org.adaptivesoftmax.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.math.Mean;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Layer normalization (Ba et al., 2016), (x − mean) / √(variance + ε) · g + b over each row.
 *
 * @param gain g, [width]
 * @param bias b, [width]
 * @param epsilon ε
 */
record LayerNorm(Variable<TFloat32> gain, Variable<TFloat32> bias, double epsilon) {
  /** Of rows [n, width]. */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
    Operand<TInt32> byRow = tf.constant(1);
    Operand<TFloat32> centred = tf.math.sub(x, tf.math.mean(x, byRow, Mean.keepDims(true)));
    Operand<TFloat32> variance = tf.math.mean(tf.math.square(centred), byRow, Mean.keepDims(true));
    Operand<TFloat32> scale = tf.math.rsqrt(tf.math.add(variance, tf.constant((float) epsilon)));
    return tf.math.add(tf.math.mul(tf.math.mul(centred, scale), gain), bias);
  }
}
