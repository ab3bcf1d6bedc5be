package org.adaptivesoftmax.model;

import java.util.List;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * What an {@link Lstm} computes at a time step, each [batch, hidden], or at all of them, each [time, batch, hidden].
 *
 * @param input σ(i)
 * @param forget σ(f)
 * @param candidate tanh(g)
 * @param output σ(o)
 * @param cell c
 * @param cellOutput tanh(c)
 * @param hidden h
 */
public record LstmGates(
    Operand<TFloat32> input,
    Operand<TFloat32> forget,
    Operand<TFloat32> candidate,
    Operand<TFloat32> output,
    Operand<TFloat32> cell,
    Operand<TFloat32> cellOutput,
    Operand<TFloat32> hidden) {
  /**
   * One time step.
   *
   * @param preActivations i, f, g and o, [batch, 4 · hidden]
   * @param cellBefore the cell state of the time step before
   */
  static LstmGates of(Ops tf, Operand<TFloat32> preActivations, Operand<TFloat32> cellBefore) {
    List<Output<TFloat32>> parts = tf.split(tf.constant(1), preActivations, 4L).output();
    Operand<TFloat32> input = tf.math.sigmoid(parts.get(0));
    Operand<TFloat32> forget = tf.math.sigmoid(parts.get(1));
    Operand<TFloat32> candidate = tf.math.tanh(parts.get(2));
    Operand<TFloat32> output = tf.math.sigmoid(parts.get(3));
    Operand<TFloat32> cell =
        tf.math.add(tf.math.mul(forget, cellBefore), tf.math.mul(input, candidate));
    Operand<TFloat32> cellOutput = tf.math.tanh(cell);
    return new LstmGates(
        input, forget, candidate, output, cell, cellOutput, tf.math.mul(output, cellOutput));
  }

  /** All time steps from each. */
  static LstmGates stacked(Ops tf, List<LstmGates> steps) {
    return new LstmGates(
        stacked(tf, steps, LstmGates::input),
        stacked(tf, steps, LstmGates::forget),
        stacked(tf, steps, LstmGates::candidate),
        stacked(tf, steps, LstmGates::output),
        stacked(tf, steps, LstmGates::cell),
        stacked(tf, steps, LstmGates::cellOutput),
        stacked(tf, steps, LstmGates::hidden));
  }

  private static Operand<TFloat32> stacked(
      Ops tf, List<LstmGates> steps, Function<LstmGates, Operand<TFloat32>> part) {
    return tf.stack(steps.stream().map(part).toList());
  }
}
