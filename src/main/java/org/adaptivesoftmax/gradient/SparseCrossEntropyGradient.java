package org.adaptivesoftmax.gradient;

import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.family.TNumber;

/**
 * The gradient of {@code SparseSoftmaxCrossEntropyWithLogits}, which TensorFlow's C++ gradient registry lacks: without
 * it {@code Graph.addGradients} answers "No gradient defined for op", and TensorFlow Java cannot train its own {@code
 * tf.nn.sparseSoftmaxCrossEntropyWithLogits}.
 *
 * <p>With logits z [rows, classes], p = softmax(z) and labels t [rows], the loss of a row is −log p<sub>t</sub> and its
 * derivative by z<sub>i</sub> is p<sub>i</sub> − [i = t]; the op returns it as its second output, so the gradient is that
 * output times the upstream gradient of the row. The labels have no gradient.
 *
 * <p>{@link #register()} makes the framework's own {@code org.tensorflow.framework.losses.SparseCategoricalCrossentropy}
 * trainable too.
 */
public final class SparseCrossEntropyGradient {
  private static boolean registered;

  private SparseCrossEntropyGradient() {}

  /**
   * Registers the gradient for this process. Calling it again does nothing; a gradient that other code registered for the
   * op is left in place and used. Safe to call from any thread.
   */
  public static synchronized void register() {
    if (!registered) {
      TensorFlow.registerCustomGradient(
          SparseSoftmaxCrossEntropyWithLogits.OP_NAME, SparseCrossEntropyGradient::gradient);
      registered = true;
    }
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> upstream) {
    Operand<TNumber> byRow = cast(upstream.get(0));
    Operand<TNumber> backprop = cast(op.output(1));
    return List.of(
        tf.math.mul(tf.expandDims(byRow, tf.constant(-1)), backprop), tf.zerosLike(op.input(1)));
  }

  @SuppressWarnings("unchecked")
  private static Operand<TNumber> cast(Output<?> output) {
    return (Output<TNumber>) output;
  }
}
