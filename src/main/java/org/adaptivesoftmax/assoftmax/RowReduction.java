package org.adaptivesoftmax.assoftmax;

import org.adaptivesoftmax.internal.graph.Precision;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.framework.losses.Reduction;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

/**
 * How the losses of the rows become the loss.
 *
 * @param kind of the framework; its mean is over the labelled rows
 * @param known the shape of the rows, as far as it is known when the graph is built
 * @param shape the shape of the rows, [rank]
 * @param labelled which rows count, [rows]
 */
record RowReduction(Reduction kind, Shape known, Operand<TInt64> shape, Operand<TBool> labelled) {

  /**
   * @param losses 0 for rows that do not count, [rows]
   * @param sampleWeights null, a scalar that scales the result, or weights for the leading dimensions of the rows
   * @throws IllegalArgumentException if the weights' shape is known not to go with the rows'
   */
  <R extends TFloating> Operand<R> of(
      Ops tf, Operand<R> losses, @Nullable Operand<? extends TNumber> sampleWeights) {
    Operand<R> ones = Precision.cast(tf, labelled, losses.type());
    if (sampleWeights == null) {
      return reduced(tf, losses, ones);
    }
    Operand<R> weights = Precision.cast(tf, sampleWeights, losses.type());
    if (sampleWeights.shape().isScalar()) {
      return tf.math.mul(weights, reduced(tf, losses, ones));
    }
    Operand<R> zero = Precision.cast(tf, tf.constant(0.0), losses.type());
    Operand<R> byRow = tf.select(labelled, byRow(tf, weights), zero);
    return reduced(tf, tf.math.mul(losses, byRow), byRow);
  }

  /** The weights, one for each row, [rows]. */
  private <R extends TFloating> Operand<R> byRow(Ops tf, Operand<R> weights) {
    Shape own = weights.shape();
    Operand<R> aligned = weights;
    if (!own.isUnknown() && !known.isUnknown()) {
      int missing = known.numDimensions() - own.numDimensions();
      Require.argument(
          missing >= 0 && own.isCompatibleWith(known.take(own.numDimensions())),
          "sampleWeights must be a scalar or have the leading dimensions of the rows: shapes %s and %s",
          own,
          known);
      for (int i = 0; i < missing; i++) {
        aligned = tf.expandDims(aligned, tf.constant(-1));
      }
    }
    // The gradient of a broadcast wants its shape in int32.
    Operand<R> each = tf.broadcastTo(aligned, tf.dtypes.cast(shape, TInt32.class));
    return tf.reshape(each, tf.constant(new int[] {-1}));
  }

  private <R extends TFloating> Operand<R> reduced(Ops tf, Operand<R> losses, Operand<R> weights) {
    if (kind == Reduction.NONE) {
      return tf.reshape(losses, shape);
    }
    Operand<R> sum = tf.reduceSum(losses, tf.constant(0));
    if (kind == Reduction.SUM) {
      return sum;
    }
    Operand<R> total = tf.reduceSum(weights, tf.constant(0));
    Operand<R> zero = Precision.cast(tf, tf.constant(0.0), losses.type());
    Operand<R> one = Precision.cast(tf, tf.constant(1.0), losses.type());
    Operand<R> divisor = tf.select(tf.math.equal(tf.stopGradient(total), zero), one, total);
    return tf.math.div(sum, divisor);
  }
}
