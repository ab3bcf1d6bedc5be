package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Gradient clipping by the global norm (Pascanu et al., 2013): all gradients together are scaled so that their Euclidean
 * norm is at most a limit, {@code g · limit / max(norm, limit)}. Each is summed up, and scaled, where it was computed.
 *
 * @param norm √Σ g² over every element of every gradient, a scalar
 */
record GlobalNorm(Operand<TFloat32> norm) {
  static GlobalNorm of(Ops tf, Iterable<Operand<TFloat32>> gradients) {
    return ofHalfSquares(tf, halfSquares(tf, gradients));
  }

  /** The norm of gradients whose {@link #halfSquares} these are. */
  static GlobalNorm ofHalfSquares(Ops tf, List<Operand<TFloat32>> halfSquares) {
    return new GlobalNorm(tf.math.sqrt(tf.math.mul(tf.math.addN(halfSquares), tf.constant(2f))));
  }

  /** Σ g² / 2 of each gradient, a scalar. */
  static List<Operand<TFloat32>> halfSquares(Ops tf, Iterable<Operand<TFloat32>> gradients) {
    List<Operand<TFloat32>> halfSquares = new ArrayList<>();
    for (Operand<TFloat32> gradient : gradients) {
      halfSquares.add(PlacedScope.beside(tf, gradient).nn.l2Loss(gradient));
    }
    return halfSquares;
  }

  /** A gradient times a factor. */
  static Operand<TFloat32> scaled(Ops tf, Operand<TFloat32> gradient, Operand<TFloat32> factor) {
    return PlacedScope.beside(tf, gradient).math.mul(gradient, factor);
  }

  /** The factor that each gradient has to be multiplied by. */
  Operand<TFloat32> scale(Ops tf, float limit) {
    Operand<TFloat32> bound = tf.constant(limit);
    return tf.math.div(bound, tf.math.maximum(norm, bound));
  }
}
