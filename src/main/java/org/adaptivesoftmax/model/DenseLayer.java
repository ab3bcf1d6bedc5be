package org.adaptivesoftmax.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * A linear layer, x Wᵀ + b.
 *
 * @param weights W, one row per output, [outputs, inputs]
 * @param bias b, [outputs]
 */
public record DenseLayer(Variable<TFloat32> weights, Variable<TFloat32> bias) {
  /** Adds the layer's variables: weights uniform in ±1/√inputs, as PyTorch starts them, a bias of 0. */
  static DenseLayer create(Ops tf, String name, int inputs, int outputs, long seed) {
    Ops scope = tf.withSubScope(name);
    Shape shape = Shape.of(outputs, inputs);
    Variable<TFloat32> weights = scope.withName("weights").variable(shape, TFloat32.class);
    Variable<TFloat32> bias = scope.withName("bias").variable(Shape.of(outputs), TFloat32.class);
    Ops init = scope.withInitScope();
    init.assign(weights, Initializers.uniform(init, shape, 1 / Math.sqrt(inputs), seed));
    init.assign(bias, init.fill(init.constant(new int[] {outputs}), init.constant(0f)));
    return new DenseLayer(weights, bias);
  }

  /** The outputs of rows x [n, inputs], [n, outputs]. */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
    return tf.math.add(tf.linalg.matMul(x, weights, MatMul.transposeB(true)), bias);
  }

  /** The outputs of rows x [n, inputs], [n, outputs], by products of a given precision. */
  Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x, ComputePrecision precision) {
    return tf.math.add(
        precision.product(
            tf, precision.operand(tf, x), precision.operand(tf, weights), MatMul.transposeB(true)),
        bias);
  }

  List<Variable<TFloat32>> variables() {
    return List.of(weights, bias);
  }
}
