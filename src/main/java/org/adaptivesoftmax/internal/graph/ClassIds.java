package org.adaptivesoftmax.internal.graph;

import java.util.List;
import java.util.OptionalLong;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * Class ids that a caller hands to a layer.
 *
 * @param argument the name of the argument that holds them, for messages
 * @param order the class ids by rank
 * @param exception an id that is accepted although it may be no class
 * @param exceptionName the name of the setting that holds the exception, for messages
 */
public record ClassIds(
    String argument, LabelOrder order, OptionalLong exception, String exceptionName) {
  /**
   * The ids as a vector of int64; the run fails if one is neither a class nor the exception.
   *
   * @param ids [n]
   */
  public Operand<TInt64> checked(Ops tf, Operand<? extends TNumber> ids) {
    Operand<TInt64> id = Precision.cast(tf, ids, TInt64.class);
    Operand<TBool> valid = new ClassTable(order).contains(tf, id);
    String excepted = "";
    if (exception.isPresent()) {
      valid = tf.math.logicalOr(valid, isException(tf, id));
      excepted = " or %s %d".formatted(exceptionName, exception.getAsLong());
    }
    String message = "%s must be a class in %s%s:".formatted(argument, order.range(), excepted);
    Operand<TInt64> invalid = Rows.take(tf, id, Rows.where(tf, tf.math.logicalNot(valid)));
    var check =
        tf.assertThat(tf.reduceAll(valid, tf.constant(0)), List.of(tf.constant(message), invalid));
    return tf.withControlDependencies(List.of(check)).identity(id);
  }

  /** Which of the ids are the exception, of which there must be one. */
  public Operand<TBool> isException(Ops tf, Operand<TInt64> ids) {
    return tf.math.equal(ids, tf.constant(exception.getAsLong()));
  }
}
