package org.adaptivesoftmax.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.nn.BlockLSTM;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * A layer of long short-term memory (Hochreiter and Schmidhuber, 1997; forget gates of Gers et al., 2000):
 *
 * <pre>
 * i, f, g, o = split([x_t, h_{t−1}] · W + b)
 * c_t = σ(f) ∘ c_{t−1} + σ(i) ∘ tanh(g)
 * h_t = σ(o) ∘ tanh(c_t)
 * </pre>
 *
 * with W of shape [inputs + hidden, 4 · hidden] and b of shape [4 · hidden]. Package {@code training} has the
 * backward pass of an {@link LstmWindow}.
 *
 * @param inputs width of an input
 * @param hidden width of the hidden state and of the cell state
 * @param weights W, input rows before hidden rows, gate columns in the order input, forget, candidate, output
 * @param bias b, gates in the same order
 */
public record Lstm(int inputs, int hidden, Variable<TFloat32> weights, Variable<TFloat32> bias) {
  /** Starting value of the forget gate's bias: remember by default (Jozefowicz et al., 2015). */
  private static final float FORGET_BIAS = 1;

  /** The states that a window starts from or ends with, each [batch, hidden]. */
  public record State(Operand<TFloat32> hidden, Operand<TFloat32> cell) {}

  /**
   * What a forward pass gives.
   *
   * @param output the hidden states, [time, batch, hidden]
   * @param last the states after the last time step
   */
  public record Pass(Operand<TFloat32> output, State last) {}

  /**
   * Adds the layer's variables, with weights uniform in ±1/√hidden, as PyTorch starts them.
   *
   * @throws IllegalArgumentException if a width is below 1
   */
  public static Lstm create(Ops tf, int inputs, int hidden, long seed) {
    requireWidth("inputs", inputs);
    requireWidth("hidden", hidden);
    Ops scope = tf.withSubScope("lstm");
    long rows = (long) inputs + hidden;
    Variable<TFloat32> weights =
        scope.withName("weights").variable(Shape.of(rows, 4L * hidden), TFloat32.class);
    Variable<TFloat32> bias =
        scope.withName("bias").variable(Shape.of(4L * hidden), TFloat32.class);
    Ops init = scope.withInitScope();
    init.assign(
        weights,
        Initializers.uniform(init, Shape.of(rows, 4L * hidden), 1 / Math.sqrt(hidden), seed));
    init.assign(bias, initialBias(init, hidden));
    return new Lstm(inputs, hidden, weights, bias);
  }

  private static Operand<TFloat32> initialBias(Ops init, int hidden) {
    Operand<TFloat32> zeros = init.fill(init.constant(new int[] {hidden}), init.constant(0f));
    Operand<TFloat32> forget =
        init.fill(init.constant(new int[] {hidden}), init.constant(FORGET_BIAS));
    return init.concat(List.of(zeros, forget, zeros, zeros), init.constant(0));
  }

  /**
   * Runs the layer over a window of any length, by TensorFlow's fused op {@code BlockLSTMV2}.
   *
   * @param input [time, batch, inputs]
   * @param initial the states before the first time step
   */
  public Pass call(Ops tf, Operand<TFloat32> input, State initial) {
    Ops scope = tf.withSubScope("lstm");
    Operand<TInt64> time = scope.stridedSlice(scope.shape(input, TInt64.class), Indices.at(0));
    Operand<TFloat32> noPeephole =
        scope.fill(scope.constant(new int[] {hidden}), scope.constant(0f));
    BlockLSTM<TFloat32> fused =
        scope.nn.blockLSTM(
            time,
            input,
            initial.cell(),
            initial.hidden(),
            weights,
            noPeephole,
            noPeephole,
            noPeephole,
            bias);
    return new Pass(
        fused.h(),
        new State(
            scope.stridedSlice(fused.h(), Indices.at(-1)),
            scope.stridedSlice(fused.cs(), Indices.at(-1))));
  }

  /**
   * Runs the layer over a window of known length, so that it can be differentiated, in any precision.
   *
   * @param input of all time steps
   * @param initial the states before the first time step
   * @param steps the window's length
   * @param precision of the products of matrices
   */
  public LstmWindow window(
      Ops tf, LstmInput input, State initial, int steps, ComputePrecision precision) {
    return LstmWindow.of(tf.withSubScope("lstm"), this, input, initial, steps, precision);
  }

  private static void requireWidth(String name, int width) {
    if (width < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + width);
    }
  }
}
