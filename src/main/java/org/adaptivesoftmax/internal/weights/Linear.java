package org.adaptivesoftmax.internal.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.adaptivesoftmax.gradient.BackwardOps;
import org.adaptivesoftmax.gradient.FusedGradient;
import org.adaptivesoftmax.internal.graph.Precision;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TFloating;

/**
 * A linear layer's weight, [out, in] as PyTorch stores it, and perhaps its bias, [out].
 *
 * @param weight one row per output
 * @param bias one value per output, or null
 */
public record Linear<T extends TFloating>(Operand<T> weight, @Nullable Operand<T> bias) {
  private static final FusedGradient PROJECTION =
      FusedGradient.define("adaptive_softmax_projection", Linear::projectionGradient);
  private static final FusedGradient READERS =
      FusedGradient.define("adaptive_softmax_readers", Linear::sumOfReaders);
  private static final FusedGradient BACK_PROJECTION =
      FusedGradient.define("adaptive_softmax_back_projection", Linear::backProjectionGradient);

  /** The same layer in another type; gradients come back in this one. */
  public <C extends TFloating> Linear<C> in(Ops tf, Class<C> type) {
    return new Linear<>(
        Precision.cast(tf, weight, type), bias == null ? null : Precision.cast(tf, bias, type));
  }

  /**
   * The same layer for each of several readers, whose gradients are summed up on the layer's own device. TensorFlow would add
   * them wherever it likes, and so move whole weights.
   */
  public List<Linear<T>> forReaders(Ops tf, int readers) {
    List<Operand<T>> weights = forReaders(tf, weight, readers);
    List<Operand<T>> biases = bias == null ? null : forReaders(tf, bias, readers);
    List<Linear<T>> linears = new ArrayList<>();
    for (int reader = 0; reader < readers; reader++) {
      linears.add(new Linear<>(weights.get(reader), biases == null ? null : biases.get(reader)));
    }
    return linears;
  }

  @SuppressWarnings("unchecked")
  private static <T extends TFloating> List<Operand<T>> forReaders(
      Ops tf, Operand<T> value, int readers) {
    return READERS
        .apply(tf, Collections.nCopies(readers, value), List.of(value), List.of())
        .stream()
        .map(copy -> (Operand<T>) copy)
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static List<Operand<?>> sumOfReaders(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    List<Operand<TFloating>> gradients = new ArrayList<>();
    upstream.forEach(gradient -> gradients.add((Output<TFloating>) gradient));
    return List.of(ops.tf().math.addN(gradients));
  }

  /** x Wᵀ + b, [rows, out]. */
  public Operand<T> apply(Ops tf, Operand<T> x) {
    Operand<T> product = tf.linalg.matMul(x, weight, MatMul.transposeB(true));
    return bias == null ? product : tf.math.add(product, bias);
  }

  /** {@link #apply} as fast as the number of rows allows, and perhaps without a gradient. */
  public Operand<T> score(Ops tf, Operand<T> x) {
    Operand<T> product = ScoringProduct.of(tf, x, weight);
    return bias == null ? product : tf.math.add(product, bias);
  }

  /**
   * x Wᵀ, [rows, out], whose two gradients leave together: TensorFlow's own gradient of a matmul lets an optimizer change
   * the weight while the input's gradient still reads it.
   */
  @SuppressWarnings("unchecked")
  public Operand<T> project(Ops tf, Operand<T> x) {
    Operand<T> product = tf.linalg.matMul(x, weight, MatMul.transposeB(true));
    return (Output<T>) PROJECTION.apply(tf, List.of(product), List.of(x, weight), List.of()).get(0);
  }

  @SuppressWarnings("unchecked")
  private static List<Operand<?>> projectionGradient(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Operand<TFloating> x = (Output<TFloating>) inputs.get(0);
    Operand<TFloating> weight = (Output<TFloating>) inputs.get(1);
    Operand<TFloating> gradient = (Output<TFloating>) upstream.get(0);
    return List.of(ops.matMul(gradient, weight, false), ops.matMul(gradient, x, true));
  }

  /** x W, [rows, in]: the projection the other way round, as a tied embedding uses it; gradients as {@link #project}'s. */
  @SuppressWarnings("unchecked")
  public Operand<T> projectBack(Ops tf, Operand<T> x) {
    Operand<T> product = tf.linalg.matMul(x, weight);
    return (Output<T>)
        BACK_PROJECTION.apply(tf, List.of(product), List.of(x, weight), List.of()).get(0);
  }

  @SuppressWarnings("unchecked")
  private static List<Operand<?>> backProjectionGradient(
      BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream) {
    Operand<TFloating> x = (Output<TFloating>) inputs.get(0);
    Operand<TFloating> weight = (Output<TFloating>) inputs.get(1);
    Operand<TFloating> gradient = (Output<TFloating>) upstream.get(0);
    return List.of(ops.matMul(gradient, weight, false, true), ops.matMul(x, gradient, true, false));
  }
}
