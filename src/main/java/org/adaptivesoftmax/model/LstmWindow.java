package org.adaptivesoftmax.model;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.Lstm.State;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * A forward pass of an {@link Lstm} over a window of known length, in plain ops, with everything that its gradient needs.
 *
 * <p>The inputs of all time steps are multiplied at once, and every gate has a product of its own. With the few rows of
 * a time step one product for all four runs on one thread, while four of them keep the threads of TensorFlow's executor
 * busy.
 *
 * @param input of all time steps
 * @param initial the states before the first time step
 * @param weights as they were multiplied
 * @param steps what every time step computed
 */
public record LstmWindow(LstmInput input, State initial, Weights weights, List<LstmGates> steps) {
  /**
   * The weights by what they are multiplied with.
   *
   * @param input [inputs, 4 · hidden]
   * @param recurrent those of each gate, [hidden, hidden]
   */
  public record Weights(
      Operand<? extends TFloating> input, List<Operand<? extends TFloating>> recurrent) {
    static Weights of(Ops tf, Lstm lstm, ComputePrecision precision) {
      Operand<TInt64> heights = tf.constant(new long[] {lstm.inputs(), lstm.hidden()});
      List<Output<TFloat32>> halves =
          tf.splitV(lstm.weights(), heights, tf.constant(0), 2L).output();
      List<Operand<? extends TFloating>> recurrent = new ArrayList<>();
      for (Output<TFloat32> gate : byGate(tf, halves.get(1), 1)) {
        recurrent.add(precision.operand(tf, gate));
      }
      return new Weights(precision.operand(tf, halves.get(0)), recurrent);
    }
  }

  static LstmWindow of(
      Ops tf, Lstm lstm, LstmInput input, State initial, int steps, ComputePrecision precision) {
    Weights weights = Weights.of(tf, lstm, precision);
    List<List<Output<TFloat32>>> projected = projected(tf, lstm, weights, input, steps, precision);
    List<LstmGates> done = new ArrayList<>();
    State state = initial;
    for (int t = 0; t < steps; t++) {
      Operand<? extends TFloating> before = precision.operand(tf, state.hidden());
      List<Operand<TFloat32>> preActivations = new ArrayList<>();
      for (int gate = 0; gate < LstmGates.COUNT; gate++) {
        preActivations.add(
            tf.math.add(
                precision.product(tf, before, weights.recurrent.get(gate)),
                projected.get(gate).get(t)));
      }
      LstmGates gates = LstmGates.of(tf, preActivations, state.cell());
      done.add(gates);
      state = new State(gates.hidden(), gates.cell());
    }
    return new LstmWindow(input, initial, weights, List.copyOf(done));
  }

  /** What the inputs and the bias add to each gate, at every time step, [batch, hidden]. */
  private static List<List<Output<TFloat32>>> projected(
      Ops tf, Lstm lstm, Weights weights, LstmInput input, int steps, ComputePrecision precision) {
    Operand<TFloat32> all =
        tf.math.add(
            precision.product(tf, precision.operand(tf, input.rows()), weights.input), lstm.bias());
    List<List<Output<TFloat32>>> projected = new ArrayList<>();
    for (Output<TFloat32> gate : byGate(tf, all, 1)) {
      projected.add(tf.split(tf.constant(0), input.atPlaces(tf, gate), (long) steps).output());
    }
    return projected;
  }

  private static List<Output<TFloat32>> byGate(Ops tf, Operand<TFloat32> all, int axis) {
    return tf.split(tf.constant(axis), all, (long) LstmGates.COUNT).output();
  }

  /** The hidden states, time-major, [steps · batch, hidden]. */
  public Operand<TFloat32> rows(Ops tf) {
    return joined(tf, steps.stream().map(LstmGates::hidden).toList());
  }

  /** The hidden states one time step earlier: the initial one first, the last one left out. */
  public Operand<TFloat32> rowsBefore(Ops tf) {
    List<Operand<TFloat32>> before = new ArrayList<>(List.of(initial.hidden()));
    steps.subList(0, steps.size() - 1).forEach(gates -> before.add(gates.hidden()));
    return joined(tf, before);
  }

  /** The states after the last time step. */
  public State last() {
    LstmGates end = steps.get(steps.size() - 1);
    return new State(end.hidden(), end.cell());
  }

  private static Operand<TFloat32> joined(Ops tf, List<Operand<TFloat32>> parts) {
    return parts.size() == 1 ? parts.get(0) : tf.concat(parts, tf.constant(0));
  }
}
