package org.adaptivesoftmax.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * What an {@link Lstm} computes at a time step, each [batch, hidden].
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
  /** Gates of a cell, the candidate counted as one. */
  static final int COUNT = 4;

  /**
   * One time step.
   *
   * @param preActivations i, f, g and o, each [batch, hidden]
   * @param cellBefore the cell state of the time step before
   */
  static LstmGates of(
      Ops tf, List<Operand<TFloat32>> preActivations, Operand<TFloat32> cellBefore) {
    Operand<TFloat32> input = tf.math.sigmoid(preActivations.get(0));
    Operand<TFloat32> forget = tf.math.sigmoid(preActivations.get(1));
    Operand<TFloat32> candidate = tf.math.tanh(preActivations.get(2));
    Operand<TFloat32> output = tf.math.sigmoid(preActivations.get(3));
    Operand<TFloat32> cell =
        tf.math.add(tf.math.mul(forget, cellBefore), tf.math.mul(input, candidate));
    Operand<TFloat32> cellOutput = tf.math.tanh(cell);
    return new LstmGates(
        input, forget, candidate, output, cell, cellOutput, tf.math.mul(output, cellOutput));
  }
}
