package org.adaptivesoftmax.training;

import static org.adaptivesoftmax.model.ComputePrecision.BFLOAT16;
import static org.adaptivesoftmax.model.ComputePrecision.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.Lstm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.dtypes.Cast;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class LstmTest {
  private static final double TOLERANCE = 2e-6;

  /** A few roundings of 2⁻⁹ each. */
  private static final double BFLOAT16_TOLERANCE = 0.02;

  /** One window with random values for everything that goes into it. */
  private record Case(int steps, int batch, int inputs, int hidden) {
    double[] input() {
      return Tensors.normal(1, 1, steps * batch * inputs);
    }

    double[] weights() {
      return Tensors.normal(2, 0.4, (inputs + hidden) * 4 * hidden);
    }

    double[] bias() {
      return Tensors.normal(3, 0.4, 4 * hidden);
    }

    double[] initialHidden() {
      return Tensors.normal(4, 0.5, batch * hidden);
    }

    double[] initialCell() {
      return Tensors.normal(5, 0.5, batch * hidden);
    }

    double[] upstream() {
      return Tensors.normal(6, 1, steps * batch * hidden);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 1, 1", "1, 3, 6, 4", "2, 1, 2, 8", "6, 4, 5, 7"})
  void equalsAnUnrolledGraphInFloat64(int steps, int batch, int inputs, int hidden) {
    Case window = new Case(steps, batch, inputs, hidden);
    List<double[]> expected = reference(window);
    assertNear(run(window, Lstm::call, FLOAT32), expected, TOLERANCE);
    assertNear(run(window, unrolled(steps, FLOAT32), FLOAT32), expected, TOLERANCE);
    assertNear(run(window, unrolled(steps, BFLOAT16), BFLOAT16), expected, BFLOAT16_TOLERANCE);
  }

  @Test
  void multipliesInBfloat16AloneAndKeepsFloat32Elsewhere() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      run(new Case(3, 2, 5, 4), unrolled(3, BFLOAT16), BFLOAT16, tf, session);
      List<DataType> products = new ArrayList<>();
      graph
          .operations()
          .forEachRemaining(
              op -> {
                if (op.type().equals(MatMul.OP_NAME)) {
                  products.add(op.attributes().getAttrType("T"));
                } else if (!op.type().equals(Cast.OP_NAME)) {
                  for (int i = 0; i < op.numOutputs(); i++) {
                    assertThat(op.output(i).dataType())
                        .as(op.name())
                        .isNotEqualTo(DataType.DT_BFLOAT16);
                  }
                }
              });
      // One for all inputs and one per step; one per step but the first, and the two that follow.
      assertThat(products).hasSize(1 + 3 + 2 + 2).containsOnly(DataType.DT_BFLOAT16);
    }
  }

  private static void assertNear(List<double[]> actual, List<double[]> expected, double tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      double scale = 1 + max(expected.get(i));
      assertThat(actual.get(i))
          .as("result %d", i)
          .containsExactly(expected.get(i), within(tolerance * scale));
    }
  }

  /** One way to run the layer forward. */
  private interface Forward {
    Lstm.Pass pass(Lstm lstm, Ops tf, Operand<TFloat32> input, Lstm.State initial);
  }

  private static Forward unrolled(int steps, ComputePrecision precision) {
    return (lstm, tf, input, initial) -> lstm.unrolled(tf, input, initial, steps, precision);
  }

  private static double max(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  private static List<double[]> run(Case window, Forward forward, ComputePrecision precision) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      return run(window, forward, precision, Ops.create(graph), session);
    }
  }

  private static List<double[]> run(
      Case window, Forward forward, ComputePrecision precision, Ops tf, Session session) {
    Lstm lstm = Lstm.create(tf, window.inputs, window.hidden, 1);
    session.initialize();
    session.run(
        tf.assign(
            lstm.weights(),
            Tensors.float32(
                tf, window.weights(), window.inputs + window.hidden, 4L * window.hidden)));
    session.run(tf.assign(lstm.bias(), Tensors.float32(tf, window.bias(), 4L * window.hidden)));
    Operand<TFloat32> input =
        Tensors.float32(tf, window.input(), window.steps, window.batch, window.inputs);
    Lstm.State initial =
        new Lstm.State(
            Tensors.float32(tf, window.initialHidden(), window.batch, window.hidden),
            Tensors.float32(tf, window.initialCell(), window.batch, window.hidden));
    Lstm.Pass pass = forward.pass(lstm, tf, input, initial);
    LstmGradient gradient =
        LstmGradient.of(
            tf,
            lstm,
            pass,
            window.steps,
            Tensors.float32(tf, window.upstream(), window.steps, window.batch, window.hidden),
            precision);
    return List.of(
        Tensors.fetch(session, pass.output()),
        Tensors.fetch(session, pass.last(tf).hidden()),
        Tensors.fetch(session, pass.last(tf).cell()),
        Tensors.fetch(session, gradient.input()),
        Tensors.fetch(session, gradient.weights()),
        Tensors.fetch(session, gradient.bias()));
  }

  /** The equations of the class's documentation, differentiated by TensorFlow. */
  @SuppressWarnings("unchecked")
  private static List<double[]> reference(Case window) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      int hidden = window.hidden;
      Operand<TFloat64> input =
          Tensors.float64(tf, window.input(), window.steps, window.batch, window.inputs);
      Operand<TFloat64> weights =
          Tensors.float64(tf, window.weights(), window.inputs + hidden, 4L * hidden);
      Operand<TFloat64> bias = Tensors.float64(tf, window.bias(), 4L * hidden);
      Operand<TFloat64> h = Tensors.float64(tf, window.initialHidden(), window.batch, hidden);
      Operand<TFloat64> c = Tensors.float64(tf, window.initialCell(), window.batch, hidden);
      List<Operand<TFloat64>> outputs = new ArrayList<>();
      for (Output<TFloat64> x : tf.unstack(input, (long) window.steps).output()) {
        Operand<TFloat64> joined = tf.concat(List.of(x, h), tf.constant(1));
        List<Output<TFloat64>> gates =
            tf.split(tf.constant(1), tf.math.add(tf.linalg.matMul(joined, weights), bias), 4L)
                .output();
        c =
            tf.math.add(
                tf.math.mul(tf.math.sigmoid(gates.get(1)), c),
                tf.math.mul(tf.math.sigmoid(gates.get(0)), tf.math.tanh(gates.get(2))));
        h = tf.math.mul(tf.math.sigmoid(gates.get(3)), tf.math.tanh(c));
        outputs.add(h);
      }
      Operand<TFloat64> output = tf.stack(outputs);
      Operand<TFloat64> upstream =
          Tensors.float64(tf, window.upstream(), window.steps, window.batch, hidden);
      Output<?>[] gradients =
          graph.addGradients(
              "gradients",
              new Output<?>[] {output.asOutput()},
              new Output<?>[] {input.asOutput(), weights.asOutput(), bias.asOutput()},
              new Output<?>[] {upstream.asOutput()});
      return List.of(
          Tensors.fetch(session, output),
          Tensors.fetch(session, h),
          Tensors.fetch(session, c),
          Tensors.fetch(session, (Output<TFloat64>) gradients[0]),
          Tensors.fetch(session, (Output<TFloat64>) gradients[1]),
          Tensors.fetch(session, (Output<TFloat64>) gradients[2]));
    }
  }

  @Test
  void startsWithinTheRangeAndRemembers() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Lstm lstm = Lstm.create(tf, 3, 16, 7);
      session.initialize();
      double[] weights = Tensors.fetch(session, lstm.weights());
      assertThat(max(weights)).isBetween(0.9 / 4, 1.0 / 4);
      double[] bias = Tensors.fetch(session, lstm.bias());
      for (int i = 0; i < bias.length; i++) {
        assertThat(bias[i]).isEqualTo(i / 16 == 1 ? 1 : 0);
      }
    }
  }

  @Test
  void namesTheWidthThatIsWrong() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      assertThatThrownBy(() -> Lstm.create(tf, 3, 0, 7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("hidden must be at least 1: 0");
    }
  }
}
