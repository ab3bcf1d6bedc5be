package org.adaptivesoftmax.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.adaptivesoftmax.NumericGradient;
import org.adaptivesoftmax.TestGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.losses.SparseCategoricalCrossentropy;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;

class SparseCrossEntropyGradientTest {
  private static final double[] LOGITS = {
    0.3, -1.2, 2.5, 0, 1e4, -1e4, 9_999, 9_998, -2, -2, -2, -2.5
  };

  private static final double[] LABELS = {2, 3, 0};

  @BeforeAll
  static void register() {
    SparseCrossEntropyGradient.register();
  }

  @ParameterizedTest
  @ValueSource(classes = {TInt32.class, TInt64.class})
  void equalsCentralDifferences(Class<? extends TNumber> labelType) {
    try (TestGraph graph = new TestGraph()) {
      Variable<TFloat64> logits = logits(graph);
      Operand<TFloat64> loss = entropy(graph, logits, labelType).loss();
      Operand<TFloat64> weights = graph.tf.constant(new double[] {1, -0.5, 3});
      check(graph, graph.tf.reduceSum(graph.tf.math.mul(loss, weights), zero(graph)), logits);
    }
  }

  @Test
  void differentiatesTheSecondOutputToo() {
    try (TestGraph graph = new TestGraph()) {
      Variable<TFloat64> logits = logits(graph);
      var entropy = entropy(graph, logits, TInt64.class);
      Operand<TFloat64> squares =
          graph.tf.reduceSum(
              graph.tf.math.square(entropy.backprop()), graph.tf.constant(new int[] {0, 1}));
      check(graph, squares, logits);
      Operand<TFloat64> loss = graph.tf.reduceSum(entropy.loss(), zero(graph));
      check(graph, graph.tf.math.add(loss, squares), logits);
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void givesSecondDerivatives() {
    try (TestGraph graph = new TestGraph()) {
      Variable<TFloat64> logits = logits(graph);
      Operand<TFloat64> loss = entropy(graph, logits, TInt64.class).loss();
      // Ones of our own: TensorFlow cannot differentiate the ones that it would start from.
      Output<?>[] gradients =
          graph
              .graph()
              .addGradients(
                  "first",
                  new Output<?>[] {loss.asOutput()},
                  new Output<?>[] {logits.asOutput()},
                  new Output<?>[] {graph.tf.constant(new double[] {1, 1, 1}).asOutput()});
      Output<TFloat64> gradient = (Output<TFloat64>) gradients[0];
      Operand<TFloat64> squares =
          graph.tf.reduceSum(graph.tf.math.square(gradient), graph.tf.constant(new int[] {0, 1}));
      check(graph, squares, logits);
    }
  }

  private static Variable<TFloat64> logits(TestGraph graph) {
    Variable<TFloat64> logits = graph.tf.variable(Shape.of(3, 4), TFloat64.class);
    graph.assign(logits, LOGITS);
    return logits;
  }

  private static SparseSoftmaxCrossEntropyWithLogits<TFloat64> entropy(
      TestGraph graph, Operand<TFloat64> logits, Class<? extends TNumber> labelType) {
    return graph.tf.nn.sparseSoftmaxCrossEntropyWithLogits(
        logits, graph.constant(labelType, LABELS, 3));
  }

  private static Operand<TInt32> zero(TestGraph graph) {
    return graph.tf.constant(0);
  }

  private static void check(TestGraph graph, Operand<TFloat64> y, Variable<TFloat64> x) {
    double[] gradient = graph.run(graph.gradients(y, List.of(x)).get(0));
    assertThat(gradient).containsExactly(NumericGradient.of(graph, y, x), within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat32.class, TFloat16.class})
  <T extends TFloating> void narrowTypesToo(Class<T> type) {
    try (TestGraph graph = new TestGraph()) {
      Operand<T> logits = graph.constant(type, new double[] {0, Math.log(3)}, 1, 2);
      Operand<T> loss =
          graph
              .tf
              .nn
              .sparseSoftmaxCrossEntropyWithLogits(logits, graph.tf.constant(new int[] {0}))
              .loss();
      assertThat(graph.run(graph.gradients(loss, List.of(logits)).get(0)))
          .containsExactly(new double[] {-0.75, 0.75}, within(1e-3));
    }
  }

  @Test
  void noRowsNoGradient() {
    try (TestGraph graph = new TestGraph()) {
      Operand<TFloat64> logits = graph.constant(TFloat64.class, new double[0], 0, 3);
      Operand<TFloat64> loss =
          graph
              .tf
              .nn
              .sparseSoftmaxCrossEntropyWithLogits(logits, graph.tf.constant(new int[0]))
              .loss();
      assertThat(graph.run(graph.gradients(loss, List.of(logits)).get(0))).isEmpty();
    }
  }

  /** The framework's own loss and optimizer learn which of four inputs is which class. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theFrameworksLossTrains(boolean fromLogits) {
    try (TestGraph graph = new TestGraph()) {
      var tf = graph.tf;
      Operand<TFloat32> inputs =
          graph.constant(TFloat32.class, new double[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
      Variable<TFloat32> weight =
          tf.withName("weight").variable(tf.constant(new float[][] {{.1f, 0, 0}, {0, .1f, 0}}));
      Variable<TFloat32> bias = tf.withName("bias").variable(tf.constant(new float[3]));
      Operand<TFloat32> logits = tf.math.add(tf.linalg.matMul(inputs, weight), bias);
      Operand<TFloat32> loss =
          new SparseCategoricalCrossentropy(fromLogits)
              .call(
                  tf,
                  tf.constant(new long[] {2, 1, 0, 0}),
                  fromLogits ? logits : tf.nn.softmax(logits));
      Op step = new Adam(graph.graph(), 0.1f).minimize(loss);
      graph.initialize();
      assertThat(graph.run(loss)[0]).isBetween(0.9, 1.3);
      for (int i = 0; i < 150; i++) {
        graph.session().run(step);
      }
      assertThat(graph.run(loss)[0]).isLessThan(0.1);
    }
  }

  @Test
  void withoutItTensorFlowHasNone() throws Exception {
    assertThat(run(RegistrationScenario.NOTHING_REGISTERED))
        .singleElement()
        .asString()
        .contains("No gradient defined for op: SparseSoftmaxCrossEntropyWithLogits");
  }

  @Test
  void manyThreadsRegisterOnce() throws Exception {
    List<String> seen = run(RegistrationScenario.SIXTEEN_THREADS);
    assertThat(seen.subList(0, 16)).isEqualTo(Collections.nCopies(16, "0.5 -0.5"));
    assertThat(seen.get(16)).as("whether another registration found none").isEqualTo("false");
  }

  @Test
  void aRightGradientOfOtherCodeIsUsed() throws Exception {
    assertThat(run(RegistrationScenario.RIGHT_GRADIENT_OF_OTHERS)).containsExactly("0.5 -0.5", "1");
  }

  @Test
  void aWrongGradientOfOtherCodeIsRefused() throws Exception {
    String refusal =
        "IllegalStateException: the gradient that other code in this process registered for"
            + " SparseSoftmaxCrossEntropyWithLogits ";
    assertThat(run(RegistrationScenario.WRONG_GRADIENT_OF_OTHERS))
        .isEqualTo(Collections.nCopies(2, refusal + "is wrong: -2.0, 2.0 instead of -1, 1"));
    assertThat(run(RegistrationScenario.FAILING_GRADIENT_OF_OTHERS))
        .containsExactly(refusal + "fails: not yet");
  }

  @Test
  void anEleventhGradientIsRefused() throws Exception {
    assertThat(run(RegistrationScenario.TEN_GRADIENTS_OF_OTHERS))
        .containsExactly(noRoom("SparseSoftmaxCrossEntropyWithLogits"), noRoom("IdentityN"));
  }

  private static String noRoom(String op) {
    return "IllegalStateException: no room for the gradient of "
        + op
        + ": other code has registered ten gradients in this process, all that TensorFlow Java can"
        + " call";
  }

  private static List<String> run(RegistrationScenario scenario) throws Exception {
    return ChildJvm.run(RegistrationScenario.class, scenario.name());
  }
}
