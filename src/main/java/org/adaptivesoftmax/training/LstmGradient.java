package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LstmGates;
import org.adaptivesoftmax.model.LstmWindow;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.math.SigmoidGrad;
import org.tensorflow.op.math.TanhGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Backpropagation through the time steps of an {@link LstmWindow}, in plain ops.
 *
 * <p>TensorFlow has a fused op for this, {@code BlockLSTMGradV2}, but it multiplies by a transposed matrix and
 * accumulates the weight gradient at every time step. Here everything that does not depend on a later time step is done
 * beside the loop or, for all time steps at once, after it, and every gate has a product of its own, for the reason that
 * {@link LstmWindow} gives.
 *
 * @param input by the rows of the window's input, [n, inputs]
 * @param weights [inputs + hidden, 4 · hidden]
 * @param bias [4 · hidden]
 */
record LstmGradient(Operand<TFloat32> input, Operand<TFloat32> weights, Operand<TFloat32> bias) {
  /**
   * Adds the backward pass. The initial states are constants of the window (truncated backpropagation) and get no
   * gradient.
   *
   * @param upstream gradient with respect to the hidden states, time-major, [steps · batch, hidden]
   * @param precision of the products of matrices
   */
  static LstmGradient of(
      Ops tf, LstmWindow window, Operand<TFloat32> upstream, ComputePrecision precision) {
    Ops scope = tf.withSubScope("lstm_gradient");
    List<Operand<TFloat32>> gates = new Recurrence(scope, precision, window).backward(upstream);
    Operand<? extends TFloating> atPlaces =
        precision.operand(scope, scope.concat(gates, scope.constant(1)));
    Operand<TFloat32> ofRows =
        scope.concat(
            gates.stream().map(gate -> window.input().sums(scope, gate)).toList(),
            scope.constant(1));
    Operand<? extends TFloating> factor = precision.operand(scope, ofRows);
    // One after the other: two products that share all threads take longer than one by one.
    Operand<TFloat32> input =
        precision.product(scope, factor, window.weights().input(), MatMul.transposeB(true));
    Operand<TFloat32> read =
        scope.concat(
            List.of(
                window.input().atPlaces(scope, window.input().rows()), window.rowsBefore(scope)),
            scope.constant(1));
    Operand<TFloat32> weights =
        precision.product(
            scope.withControlDependencies(List.of(input)),
            precision.operand(scope, read),
            atPlaces,
            MatMul.transposeA(true));
    return new LstmGradient(input, weights, scope.sum(ofRows, scope.constant(0)));
  }

  /** The part that goes from time step to time step. */
  private record Recurrence(Ops tf, ComputePrecision precision, LstmWindow window) {
    /** The gradient with respect to each gate before its activation, [steps · batch, hidden]. */
    List<Operand<TFloat32>> backward(Operand<TFloat32> upstream) {
      int steps = window.steps().size();
      List<Output<TFloat32>> outer = tf.split(tf.constant(0), upstream, (long) steps).output();
      List<List<Operand<TFloat32>>> byStep = new ArrayList<>();
      Derivatives at = derivatives(steps - 1);
      Operand<TFloat32> hidden = outer.get(steps - 1);
      Operand<TFloat32> cell = tf.math.mul(hidden, at.cellOfHidden);
      for (int t = steps - 1; ; t--) {
        List<Operand<TFloat32>> gates = at.gates(tf, hidden, cell);
        byStep.add(0, gates);
        if (t == 0) {
          return IntStream.range(0, gates.size())
              .mapToObj(gate -> joined(byStep.stream().map(step -> step.get(gate)).toList()))
              .toList();
        }
        Operand<TFloat32> carried = tf.math.mul(cell, window.steps().get(t).forget());
        at = derivatives(t - 1);
        hidden = before(gates, outer.get(t - 1));
        cell = tf.math.add(carried, tf.math.mul(hidden, at.cellOfHidden));
      }
    }

    private Operand<TFloat32> joined(List<Operand<TFloat32>> steps) {
      return steps.size() == 1 ? steps.get(0) : tf.concat(steps, tf.constant(0));
    }

    /** The gradient of the hidden state that a time step began with. */
    private Operand<TFloat32> before(List<Operand<TFloat32>> gates, Operand<TFloat32> upstream) {
      List<Operand<TFloat32>> terms = new ArrayList<>(List.of(upstream));
      for (int gate = 0; gate < gates.size(); gate++) {
        terms.add(
            precision.product(
                tf,
                precision.operand(tf, gates.get(gate)),
                window.weights().recurrent().get(gate),
                MatMul.transposeB(true)));
      }
      return tf.math.addN(terms);
    }

    /** What turns the gradient of c_t or h_t into that of a pre-activation. */
    private record Derivatives(
        Operand<TFloat32> cellOfHidden,
        Operand<TFloat32> input,
        Operand<TFloat32> forget,
        Operand<TFloat32> candidate,
        Operand<TFloat32> output) {
      List<Operand<TFloat32>> gates(Ops tf, Operand<TFloat32> hidden, Operand<TFloat32> cell) {
        return List.of(
            tf.math.mul(cell, input),
            tf.math.mul(cell, forget),
            tf.math.mul(cell, candidate),
            tf.math.mul(hidden, output));
      }
    }

    private Derivatives derivatives(int t) {
      LstmGates gates = window.steps().get(t);
      Operand<TFloat32> before =
          t == 0 ? window.initial().cell() : window.steps().get(t - 1).cell();
      return new Derivatives(
          tanhGrad(tf, gates.cellOutput(), gates.output()),
          sigmoidGrad(tf, gates.input(), gates.candidate()),
          sigmoidGrad(tf, gates.forget(), before),
          tanhGrad(tf, gates.candidate(), gates.input()),
          sigmoidGrad(tf, gates.output(), gates.cellOutput()));
    }
  }

  private static Operand<TFloat32> sigmoidGrad(
      Ops tf, Operand<TFloat32> activation, Operand<TFloat32> upstream) {
    return SigmoidGrad.create(tf.scope(), activation, upstream);
  }

  private static Operand<TFloat32> tanhGrad(
      Ops tf, Operand<TFloat32> activation, Operand<TFloat32> upstream) {
    return TanhGrad.create(tf.scope(), activation, upstream);
  }
}
