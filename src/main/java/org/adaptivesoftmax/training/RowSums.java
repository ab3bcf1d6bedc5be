package org.adaptivesoftmax.training;

import java.util.BitSet;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Gradients of a table's rows, summed over the batches of a window. Only rows that the window looked up are read, and only
 * these are reset.
 *
 * @param rows the table
 * @param sums of their gradients, of the table's shape
 * @param ids of the rows that a window looked up, distinct; fed
 */
record RowSums(Variable<TFloat32> rows, Variable<TFloat32> sums, Placeholder<TInt32> ids) {
  /** Adds the sums, all zero. */
  static RowSums create(Ops tf, Variable<TFloat32> rows) {
    String name = rows.op().name().replace('/', '.') + ".sum";
    Variable<TFloat32> sums = tf.withName(name).variable(rows.shape(), TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(sums, init.fill(init.constant(rows.shape().asArray()), init.constant(0f)));
    return new RowSums(rows, sums, tf.placeholder(TInt32.class));
  }

  /** Adds a batch's gradients. */
  Op add(Ops tf, LazyAdam.RowGradients gradients) {
    return tf.scatterAdd(sums, gradients.ids(), gradients.values());
  }

  /**
   * The mean gradients of a window.
   *
   * @param batches of the window, a scalar
   */
  LazyAdam.RowGradients means(Ops tf, Operand<TFloat32> batches) {
    return new LazyAdam.RowGradients(
        ids, tf.math.div(tf.gather(sums, ids, tf.constant(0)), batches));
  }

  /** Begins a new window, once the means are known. */
  Op reset(Ops tf, LazyAdam.RowGradients means) {
    Operand<TFloat32> known = means.values();
    return tf.withControlDependencyOps(known.op()).scatterUpdate(sums, ids, tf.zerosLike(known));
  }

  /** Notes ids that a batch looked up. */
  static void note(BitSet seen, TInt32 ids) {
    int[] values = new int[(int) ids.size()];
    ids.asRawTensor().data().asInts().read(values);
    for (int id : values) {
      seen.set(id);
    }
  }
}
