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
 * with W of shape [inputs + hidden, 4 · hidden] and b of shape [4 · hidden]. The forward pass is TensorFlow's fused
 * {@code BlockLSTMV2}; package {@code training} has its backward pass.
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
   * One forward pass.
   *
   * @param input [time, batch, inputs]
   * @param initial the states before the first time step
   * @param gates what the fused op returns, for the gradient
   */
  public record Pass(Operand<TFloat32> input, State initial, BlockLSTM<TFloat32> gates) {
    /** The hidden states, [time, batch, hidden]. */
    public Operand<TFloat32> output() {
      return gates.h();
    }

    /** The states after the last time step. */
    public State last(Ops tf) {
      return new State(
          tf.stridedSlice(gates.h(), Indices.at(-1)), tf.stridedSlice(gates.cs(), Indices.at(-1)));
    }
  }

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
   * Runs the layer over a window of any length.
   *
   * @param input [time, batch, inputs]
   * @param initial the states before the first time step
   */
  public Pass call(Ops tf, Operand<TFloat32> input, State initial) {
    Ops scope = tf.withSubScope("lstm");
    Operand<TInt64> time = scope.stridedSlice(scope.shape(input, TInt64.class), Indices.at(0));
    Operand<TFloat32> noPeephole =
        scope.fill(scope.constant(new int[] {hidden}), scope.constant(0f));
    BlockLSTM<TFloat32> gates =
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
    return new Pass(input, initial, gates);
  }

  private static void requireWidth(String name, int width) {
    if (width < 1) {
      throw new IllegalArgumentException(name + " must be at least 1: " + width);
    }
  }
}
