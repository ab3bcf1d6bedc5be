package org.adaptivesoftmax.gradient;

import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.core.ZerosLike;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * The gradient of {@code SparseSoftmaxCrossEntropyWithLogits}, which TensorFlow's C++ gradient registry lacks: without
 * it {@code Graph.addGradients} answers "No gradient defined for op", and TensorFlow Java cannot train its own {@code
 * tf.nn.sparseSoftmaxCrossEntropyWithLogits}.
 *
 * <p>With logits z [rows, classes], p = softmax(z) and labels t [rows], the loss of a row is −log p<sub>t</sub> and its
 * derivative by z<sub>i</sub> is b<sub>i</sub> = p<sub>i</sub> − [i = t]; the op returns b as its second output. With
 * upstream gradients l [rows] of the loss and g [rows, classes] of b,
 *
 * <pre>
 * dz = l b + p (g − Σ g p)
 * </pre>
 *
 * <p>The second term is there only if b itself is differentiated, as second derivatives of the loss do. The labels have no
 * gradient.
 *
 * <p>{@link #register()} makes the framework's own {@code org.tensorflow.framework.losses.SparseCategoricalCrossentropy}
 * trainable too.
 */
public final class SparseCrossEntropyGradient {
  private static final double ERROR = 1e-6;

  private static boolean registered;

  private SparseCrossEntropyGradient() {}

  /**
   * Registers the gradient for this process. Calling it again does nothing. A gradient that other code registered for the
   * op before is left in place and used, once it has been seen to be right. Safe to call from any thread.
   *
   * @throws IllegalStateException if other code registered a gradient for the op that fails or is wrong, or ten gradients
   *     for other ops, which is all that TensorFlow Java can call
   * @throws UnsupportedOperationException on Windows, where TensorFlow Java cannot register gradients
   */
  public static synchronized void register() {
    if (registered) {
      return;
    }
    boolean ours =
        GradientRegistry.registerIfAbsent(
            SparseSoftmaxCrossEntropyWithLogits.OP_NAME, SparseCrossEntropyGradient::gradient);
    if (!ours) {
      requireRightGradient();
    }
    registered = true;
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> upstream) {
    Operand<TNumber> logits = typed(op.input(0));
    Operand<TNumber> backprop = typed(op.output(1));
    Operand<TNumber> byLoss = typed(upstream.get(0));
    Operand<TNumber> byBackprop = typed(upstream.get(1));
    Operand<TNumber> gradient = tf.math.mul(tf.expandDims(byLoss, tf.constant(-1)), backprop);
    // TensorFlow fills in zeros for an output that nothing differentiates.
    if (!byBackprop.op().type().equals(ZerosLike.OP_NAME)) {
      gradient = tf.math.add(gradient, ofBackprop(tf, logits, byBackprop));
    }
    return List.of(gradient, tf.zerosLike(op.input(1)));
  }

  /** p (g − Σ g p). */
  private static Operand<TNumber> ofBackprop(
      Ops tf, Operand<TNumber> logits, Operand<TNumber> upstream) {
    Operand<TNumber> p = tf.nn.softmax(logits);
    Operand<TNumber> expected =
        tf.reduceSum(tf.math.mul(upstream, p), tf.constant(-1), ReduceSum.keepDims(true));
    return tf.math.mul(p, tf.math.sub(upstream, expected));
  }

  /** Differentiates a loss of log 2: logits 0, 0, label 0, doubled. */
  private static void requireRightGradient() {
    double[] gradient;
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat64> logits = tf.constant(new double[][] {{0, 0}});
      Operand<TFloat64> loss =
          tf.nn.sparseSoftmaxCrossEntropyWithLogits(logits, tf.constant(new int[] {0})).loss();
      Output<?>[] gradients =
          graph.addGradients(
              tf.math.mul(loss, tf.constant(2.0)).asOutput(), new Output<?>[] {logits.asOutput()});
      try (Result result = session.runner().fetch(gradients[0]).run()) {
        TFloat64 tensor = (TFloat64) result.get(0);
        gradient = new double[] {tensor.getDouble(0, 0), tensor.getDouble(0, 1)};
      }
    } catch (RuntimeException e) {
      throw new IllegalStateException(foreign("fails: " + e.getMessage()), e);
    }
    if (Math.abs(gradient[0] + 1) > ERROR || Math.abs(gradient[1] - 1) > ERROR) {
      throw new IllegalStateException(
          foreign("is wrong: %s, %s instead of -1, 1".formatted(gradient[0], gradient[1])));
    }
  }

  private static String foreign(String what) {
    return "the gradient that other code in this process registered for %s %s"
        .formatted(SparseSoftmaxCrossEntropyWithLogits.OP_NAME, what);
  }

  @SuppressWarnings("unchecked")
  private static Operand<TNumber> typed(Output<?> output) {
    return (Output<TNumber>) output;
  }
}
