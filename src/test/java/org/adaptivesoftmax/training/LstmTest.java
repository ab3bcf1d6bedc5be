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
import org.adaptivesoftmax.model.LstmInput;
import org.adaptivesoftmax.model.LstmWindow;
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
import org.tensorflow.types.TInt32;

class LstmTest {
  private static final double TOLERANCE = 2e-6;

  /** A few roundings of 2⁻⁹ each. */
  private static final double BFLOAT16_TOLERANCE = 0.02;

  /** Place of the gradient by the input among the results. */
  private static final int INPUT_GRADIENT = 3;

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

    LstmInput rows(Ops tf) {
      return new LstmInput(Tensors.float32(tf, input(), (long) steps * batch, inputs), null);
    }

    Lstm.State initial(Ops tf) {
      return new Lstm.State(
          Tensors.float32(tf, initialHidden(), batch, hidden),
          Tensors.float32(tf, initialCell(), batch, hidden));
    }

    Lstm lstm(Ops tf, Session session) {
      Lstm lstm = Lstm.create(tf, inputs, hidden, 1);
      session.initialize();
      session.run(
          tf.assign(lstm.weights(), Tensors.float32(tf, weights(), inputs + hidden, 4L * hidden)));
      session.run(tf.assign(lstm.bias(), Tensors.float32(tf, bias(), 4L * hidden)));
      return lstm;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 1, 1", "1, 3, 6, 4", "2, 1, 2, 8", "6, 4, 5, 7"})
  void equalsAnUnrolledGraphInFloat64(int steps, int batch, int inputs, int hidden) {
    Case window = new Case(steps, batch, inputs, hidden);
    List<double[]> expected = reference(window);
    assertNear(fused(window), expected.subList(0, 3), TOLERANCE);
    assertNear(run(window, FLOAT32), expected, TOLERANCE);
    assertNear(run(window, BFLOAT16), expected, BFLOAT16_TOLERANCE);
  }

  @Test
  void aRowThatIsReadAtSeveralPlacesGetsTheSumOfTheirGradients() {
    int[] places = {2, 0, 0, 1, 2, 2, 0, 1};
    Case window = new Case(4, 2, 5, 3);
    Case rows = new Case(1, 3, 5, 3);
    List<double[]> spread;
    List<double[]> shared;
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> distinct = Tensors.float32(tf, rows.input(), 3, 5);
      Operand<TInt32> at = tf.constant(places);
      Operand<TFloat32> atPlaces = tf.gather(distinct, at, tf.constant(0));
      spread = run(window, new LstmInput(atPlaces, null), FLOAT32, tf, session);
      shared = run(window, new LstmInput(distinct, at), FLOAT32, tf, session);
    }
    double[] sums = new double[3 * 5];
    for (int place = 0; place < places.length; place++) {
      for (int i = 0; i < 5; i++) {
        sums[places[place] * 5 + i] += spread.get(INPUT_GRADIENT)[place * 5 + i];
      }
    }
    List<double[]> expected = new ArrayList<>(spread);
    expected.set(INPUT_GRADIENT, sums);
    assertNear(shared, expected, TOLERANCE);
  }

  @Test
  void multipliesInBfloat16AloneAndKeepsFloat32Elsewhere() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Case window = new Case(3, 2, 5, 4);
      run(window, window.rows(tf), BFLOAT16, tf, session);
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
      // One for all inputs and one per gate and step; one per gate and step but the first, and the
      // two
      // that follow.
      assertThat(products).hasSize(1 + 4 * 3 + 4 * 2 + 2).containsOnly(DataType.DT_BFLOAT16);
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

  private static double max(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  private static List<double[]> run(Case window, ComputePrecision precision) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      return run(window, window.rows(tf), precision, tf, session);
    }
  }

  private static List<double[]> run(
      Case window, LstmInput input, ComputePrecision precision, Ops tf, Session session) {
    Lstm lstm = window.lstm(tf, session);
    LstmWindow pass = lstm.window(tf, input, window.initial(tf), window.steps, precision);
    LstmGradient gradient =
        LstmGradient.of(
            tf,
            pass,
            Tensors.float32(
                tf, window.upstream(), (long) window.steps * window.batch, window.hidden),
            precision);
    return List.of(
        Tensors.fetch(session, pass.rows(tf)),
        Tensors.fetch(session, pass.last().hidden()),
        Tensors.fetch(session, pass.last().cell()),
        Tensors.fetch(session, gradient.input()),
        Tensors.fetch(session, gradient.weights()),
        Tensors.fetch(session, gradient.bias()));
  }

  /** The forward pass by TensorFlow's fused op. */
  private static List<double[]> fused(Case window) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Lstm lstm = window.lstm(tf, session);
      Operand<TFloat32> input =
          Tensors.float32(tf, window.input(), window.steps, window.batch, window.inputs);
      Lstm.Pass pass = lstm.call(tf, input, window.initial(tf));
      return List.of(
          Tensors.fetch(session, pass.output()),
          Tensors.fetch(session, pass.last().hidden()),
          Tensors.fetch(session, pass.last().cell()));
    }
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
