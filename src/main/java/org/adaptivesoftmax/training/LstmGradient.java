package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.Lstm;
import org.adaptivesoftmax.model.LstmGates;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.math.SigmoidGrad;
import org.tensorflow.op.math.TanhGrad;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Backpropagation through the time steps of an {@link Lstm} window, in plain ops.
 *
 * <p>TensorFlow has a fused op for this, {@code BlockLSTMGradV2}, but it multiplies by a transposed matrix and
 * accumulates the weight gradient at every time step. Here everything that does not depend on a later time step is done
 * for all of them at once: the gates' derivatives before the loop, both weight gradients and the input's gradient after
 * it. Forward and backward for 20 steps × 32 rows, 256 inputs, 256 hidden, on 2 cores: 20 ms (the fused op 57 to 67 ms,
 * an unrolled graph differentiated by {@code addGradients} 24 to 44 ms, PyTorch 16 ms).
 *
 * @param input [time, batch, inputs]
 * @param weights [inputs + hidden, 4 · hidden]
 * @param bias [4 · hidden]
 */
record LstmGradient(Operand<TFloat32> input, Operand<TFloat32> weights, Operand<TFloat32> bias) {
  /**
   * Adds the backward pass. The initial states are constants of the window (truncated backpropagation) and get no
   * gradient.
   *
   * @param steps the window's length; what runs must have just that
   * @param upstream gradient with respect to the hidden states, [steps, batch, hidden]
   * @param precision of the products of matrices
   */
  static LstmGradient of(
      Ops tf,
      Lstm lstm,
      Lstm.Pass pass,
      int steps,
      Operand<TFloat32> upstream,
      ComputePrecision precision) {
    Ops scope = tf.withSubScope("lstm_gradient");
    Lstm.WeightHalves halves = lstm.halves(scope);
    Recurrence recurrence =
        new Recurrence(
            scope, precision, precision.operand(scope, transposed(scope, halves.recurrent())));
    Operand<TFloat32> preActivations = recurrence.backward(pass, steps, upstream);
    Operand<? extends TFloating> factor = precision.operand(scope, preActivations);
    Operand<TFloat32> input =
        precision.product(
            scope, factor, precision.operand(scope, halves.input()), MatMul.transposeB(true));
    Operand<TFloat32> operands =
        scope.concat(
            List.of(
                flat(scope, pass.input(), lstm.inputs()),
                flat(
                    scope,
                    delayed(scope, pass.initial().hidden(), pass.gates().hidden(), steps),
                    lstm.hidden())),
            scope.constant(1));
    return new LstmGradient(
        scope.reshape(input, scope.shape(pass.input())),
        precision.product(
            scope, precision.operand(scope, operands), factor, MatMul.transposeA(true)),
        scope.sum(preActivations, scope.constant(0)));
  }

  /**
   * The part that goes from time step to time step.
   *
   * @param weights the recurrent weights, transposed, [4 · hidden, hidden]
   */
  private record Recurrence(
      Ops tf, ComputePrecision precision, Operand<? extends TFloating> weights) {
    /** The gradient with respect to the gates before their activation, [steps · batch, 4 · hidden]. */
    Operand<TFloat32> backward(Lstm.Pass pass, int steps, Operand<TFloat32> upstream) {
      LstmGates gates = pass.gates();
      Operand<TFloat32> before = delayed(tf, pass.initial().cell(), gates.cell(), steps);
      // Each factor turns the gradient of c_t or h_t into that of one pre-activation, all steps at
      // once.
      List<Output<TFloat32>> cellOfHidden =
          steps(tf, tanhGrad(tf, gates.cellOutput(), gates.output()), steps);
      List<Output<TFloat32>> inputGate =
          steps(tf, sigmoidGrad(tf, gates.input(), gates.candidate()), steps);
      List<Output<TFloat32>> forgetGate = steps(tf, sigmoidGrad(tf, gates.forget(), before), steps);
      List<Output<TFloat32>> candidate =
          steps(tf, tanhGrad(tf, gates.candidate(), gates.input()), steps);
      List<Output<TFloat32>> outputGate =
          steps(tf, sigmoidGrad(tf, gates.output(), gates.cellOutput()), steps);
      List<Output<TFloat32>> forget = steps(tf, gates.forget(), steps);
      List<Output<TFloat32>> outer = steps(tf, upstream, steps);

      List<Operand<TFloat32>> preActivations = new ArrayList<>();
      Operand<TFloat32> hidden = outer.get(steps - 1);
      Operand<TFloat32> cell = tf.math.mul(hidden, cellOfHidden.get(steps - 1));
      for (int t = steps - 1; ; t--) {
        Operand<TFloat32> step =
            tf.concat(
                List.of(
                    tf.math.mul(cell, inputGate.get(t)),
                    tf.math.mul(cell, forgetGate.get(t)),
                    tf.math.mul(cell, candidate.get(t)),
                    tf.math.mul(hidden, outputGate.get(t))),
                tf.constant(1));
        preActivations.add(step);
        if (t == 0) {
          Collections.reverse(preActivations);
          return steps == 1 ? step : tf.concat(preActivations, tf.constant(0));
        }
        hidden =
            tf.math.add(
                outer.get(t - 1), precision.product(tf, precision.operand(tf, step), weights));
        cell =
            tf.math.add(
                tf.math.mul(cell, forget.get(t)), tf.math.mul(hidden, cellOfHidden.get(t - 1)));
      }
    }
  }

  /** The states one step earlier: {@code initial}, then all but the last of {@code states}. */
  private static Operand<TFloat32> delayed(
      Ops tf, Operand<TFloat32> initial, Operand<TFloat32> states, int steps) {
    return tf.concat(
        List.of(
            tf.expandDims(initial, tf.constant(0)),
            tf.slice(
                states,
                tf.constant(new int[] {0, 0, 0}),
                tf.constant(new int[] {steps - 1, -1, -1}))),
        tf.constant(0));
  }

  /**
   * A transposed copy. Without the snapshot TensorFlow's optimizer would fold the transposition into each of the
   * matmuls, where Eigen's kernel takes four times as long with it.
   */
  private static Operand<TFloat32> transposed(Ops tf, Operand<TFloat32> matrix) {
    return tf.scope()
        .opBuilder("Snapshot", "TransposedCopy")
        .addInput(tf.linalg.transpose(matrix, tf.constant(new int[] {1, 0})).asOutput())
        .build()
        .output(0);
  }

  private static Operand<TFloat32> flat(Ops tf, Operand<TFloat32> states, int width) {
    return tf.reshape(states, tf.constant(new int[] {-1, width}));
  }

  private static List<Output<TFloat32>> steps(Ops tf, Operand<TFloat32> all, int steps) {
    return tf.unstack(all, (long) steps).output();
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
