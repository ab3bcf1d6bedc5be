package org.adaptivesoftmax.internal.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adaptivesoftmax.internal.graph.Precision;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.random.RandomStandardNormal;
import org.tensorflow.op.random.RandomUniform;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/** The variables of a layer under their names, each with an initializer that depends on the seed and its place alone. */
public final class Parameters<T extends TFloating> {
  private final Class<T> type;
  private final String layer;
  private final long seed;
  private final Map<String, Variable<T>> byName = new LinkedHashMap<>();

  /**
   * @param layer what the names of the variables begin with
   */
  public Parameters(Class<T> type, String layer, long seed) {
    this.type = type;
    this.layer = layer;
    this.seed = seed;
  }

  public Map<String, Variable<T>> byName() {
    return Collections.unmodifiableMap(byName);
  }

  /** A variable uniform in ±1/√fanIn, as PyTorch's {@code nn.Linear} starts its weight and its bias. */
  public Variable<T> uniform(Ops tf, String name, int fanIn, long... shape) {
    return add(tf, name, shape, 1 / Math.sqrt(fanIn), false);
  }

  /** A variable uniform in ±√(6 / (fanIn + fanOut)), after Glorot and Bengio (2010). */
  public Variable<T> xavierUniform(Ops tf, String name, int fanOut, int fanIn) {
    long[] shape = {fanOut, fanIn};
    return add(tf, name, shape, Math.sqrt(6.0 / ((double) fanIn + fanOut)), false);
  }

  /** A variable from the normal distribution, as PyTorch's {@code nn.Embedding} starts its rows. */
  public Variable<T> normal(Ops tf, String name, double deviation, long... shape) {
    return add(tf, name, shape, deviation, true);
  }

  private Variable<T> add(Ops tf, String name, long[] shape, double scale, boolean normal) {
    // No name scope: the framework's optimizers name their slots after the variable, and fail if it
    // has a slash.
    Variable<T> variable = tf.withName(layer + "." + name).variable(Shape.of(shape), type);
    Ops init = tf.withInitScope();
    Class<? extends TFloating> drawn = type == TFloat64.class ? TFloat64.class : TFloat32.class;
    init.assign(variable, Precision.cast(init, draw(init, drawn, shape, scale, normal), type));
    byName.put(name, variable);
    return variable;
  }

  private <R extends TFloating> Operand<R> draw(
      Ops tf, Class<R> drawn, long[] shape, double scale, boolean normal) {
    // Stateful draws: TensorFlow would draw a stateless one twice, since it tries to fold what
    // depends on constants alone. Seeds must not both be 0, which asks for chance.
    var size = tf.constant(shape);
    long place = byName.size() + 1L;
    Operand<R> factor = Precision.cast(tf, tf.constant(scale), drawn);
    if (normal) {
      Operand<R> standard =
          tf.random.randomStandardNormal(
              size, drawn, RandomStandardNormal.seed(seed), RandomStandardNormal.seed2(place));
      return tf.math.mul(standard, factor);
    }
    Operand<R> unit =
        tf.random.randomUniform(size, drawn, RandomUniform.seed(seed), RandomUniform.seed2(place));
    Operand<R> two = Precision.cast(tf, tf.constant(2.0), drawn);
    Operand<R> one = Precision.cast(tf, tf.constant(1.0), drawn);
    return tf.math.mul(tf.math.sub(tf.math.mul(unit, two), one), factor);
  }
}
