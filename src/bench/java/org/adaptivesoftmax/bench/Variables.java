package org.adaptivesoftmax.bench;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** A step's inputs, in variables that are filled once, so that a step reads them where they lie. */
final class Variables {
  private final Ops tf;
  private long seed;

  Variables(Ops tf) {
    this(tf, 0);
  }

  /**
   * @param seed of the first variable; the next ones count on
   */
  Variables(Ops tf, long seed) {
    this.tf = tf;
    this.seed = seed;
  }

  /** Hidden states, from the standard normal distribution. */
  Operand<TFloat32> normal(long rows, long width) {
    return normal(rows, width, 1);
  }

  /** Weights of the same spread as a layer's. */
  Operand<TFloat32> weight(long rows, long width) {
    return normal(rows, width, 1 / Math.sqrt(3.0 * width));
  }

  /** One class per row. */
  Operand<TInt64> targets(List<Integer> classes) {
    Variable<TInt64> variable = tf.variable(Shape.of(classes.size()), TInt64.class);
    Ops init = tf.withInitScope();
    long[] values = classes.stream().mapToLong(Integer::longValue).toArray();
    init.assign(variable, init.constant(values));
    return variable;
  }

  /** Zeros, as an optimizer's moments start. */
  Variable<TFloat32> zeros(Shape shape) {
    Variable<TFloat32> variable = tf.variable(shape, TFloat32.class);
    Ops init = tf.withInitScope();
    init.assign(variable, init.fill(init.constant(shape), init.constant(0f)));
    return variable;
  }

  /** Normal with mean 0. */
  Operand<TFloat32> normal(long rows, long width, double deviation) {
    Variable<TFloat32> variable = tf.variable(Shape.of(rows, width), TFloat32.class);
    Ops init = tf.withInitScope();
    Operand<TFloat32> drawn =
        init.random.statelessRandomNormal(
            init.constant(new long[] {rows, width}),
            init.constant(new long[] {seed++, 0}),
            TFloat32.class);
    init.assign(variable, init.math.mul(drawn, init.constant((float) deviation)));
    return variable;
  }
}
