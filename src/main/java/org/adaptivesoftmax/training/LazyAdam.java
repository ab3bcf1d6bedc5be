package org.adaptivesoftmax.training;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Unique;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Adam for a table of rows of which a step uses a few, as PyTorch's {@code SparseAdam}: a row without a gradient keeps
 * its moments and its value. The gradient of a lookup that TensorFlow would give has the size of the whole table; here
 * gradients are taken with respect to the rows that were looked up.
 *
 * @param rows the table, [words, width]
 * @param moments those of every row
 */
record LazyAdam(Variable<TFloat32> rows, Moments moments) {
  /**
   * The gradient of the rows that one batch looked up, each row once.
   *
   * @param ids the rows, distinct
   * @param values their gradients, [ids, width]
   */
  record RowGradients(Operand<TInt32> ids, Operand<TFloat32> values) {
    RowGradients scaled(Ops tf, Operand<TFloat32> factor) {
      return new RowGradients(ids, tf.math.mul(values, factor));
    }

    /** Only the rows that have a gradient: others keep their moments and their value. */
    RowGradients withoutZeros(Ops tf) {
      Operand<TBool> any = tf.reduceAny(tf.math.notEqual(values, tf.constant(0f)), tf.constant(1));
      Operand<TInt64> rows = tf.reshape(tf.where(any), tf.constant(new int[] {-1}));
      return new RowGradients(
          tf.gather(ids, rows, tf.constant(0)), tf.gather(values, rows, tf.constant(0)));
    }
  }

  /** Adds the moments of {@code rows}, all zero. */
  static LazyAdam create(Ops tf, Variable<TFloat32> rows) {
    return new LazyAdam(rows, Moments.create(tf.withSubScope("lazy_adam"), rows));
  }

  /**
   * Sums gradients of the same row.
   *
   * @param ids the rows that were looked up, [n]
   * @param gradients their gradients, [n, width]
   */
  static RowGradients sumDuplicates(Ops tf, Operand<TInt32> ids, Operand<TFloat32> gradients) {
    Unique<TInt32, TInt32> unique = tf.unique(ids, tf.constant(new int[] {0}));
    Operand<TInt32> count = tf.stridedSlice(tf.shape(unique.y()), Indices.at(0));
    return new RowGradients(unique.y(), tf.math.unsortedSegmentSum(gradients, unique.idx(), count));
  }

  /** One step, to be run. */
  Op update(Ops tf, RowGradients gradients, AdamStep step) {
    Ops scope = tf.withSubScope("lazy_adam");
    Operand<TInt32> ids = gradients.ids();
    Operand<TFloat32> observed = gradients.values();
    Operand<TFloat32> first = decayed(scope, moments.first(), ids, AdamStep.FIRST_DECAY, observed);
    Operand<TFloat32> second =
        decayed(scope, moments.second(), ids, AdamStep.SECOND_DECAY, scope.math.square(observed));
    Operand<TFloat32> change =
        scope.math.mul(
            step.correctedRate(scope),
            scope.math.div(
                first, scope.math.add(scope.math.sqrt(second), scope.constant(AdamStep.EPSILON))));
    return scope
        .withControlDependencies(
            List.of(
                scope.scatterUpdate(moments.first(), ids, first),
                scope.scatterUpdate(moments.second(), ids, second),
                scope.scatterSub(rows, ids, change)))
        .noOp();
  }

  private static Operand<TFloat32> decayed(
      Ops tf,
      Variable<TFloat32> moment,
      Operand<TInt32> ids,
      float decay,
      Operand<TFloat32> observed) {
    return tf.math.add(
        tf.math.mul(tf.gather(moment, ids, tf.constant(0)), tf.constant(decay)),
        tf.math.mul(observed, tf.constant(1 - decay)));
  }
}
