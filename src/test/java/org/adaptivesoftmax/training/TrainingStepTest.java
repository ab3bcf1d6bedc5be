package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.training.Feeds.CarriedState;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class TrainingStepTest {
  private static final int[] INPUTS = {0, 5, 3, 9, 3, 3, 7, 0};
  private static final int[] TARGETS = {5, 3, 9, 3, 1, 7, 0, 2};
  private static final int BATCH = 2;
  private static final int STEPS = 4;
  private static final int HIDDEN = 8;

  /** The gradients' norm and the loss, held against a graph that TensorFlow differentiates whole. */
  @ParameterizedTest
  @CsvSource({"ADAPTIVE, FLOAT32", "FULL, FLOAT32", "ADAPTIVE, BFLOAT16", "FULL, BFLOAT16"})
  void lossAndGradientNormEqualThoseOfAPlainGraph(Softmax softmax, ComputePrecision precision) {
    double tolerance = precision == ComputePrecision.FLOAT32 ? 1e-5 : 5e-3;
    LanguageModelConfiguration configuration = configuration(softmax);
    TrainingConfiguration training =
        TrainingConfiguration.builder().batch(BATCH).steps(STEPS).precision(precision).build();
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        CarriedState zero = CarriedState.zero(BATCH, HIDDEN)) {
      Ops tf = Ops.create(graph);
      LanguageModel model = LanguageModel.create(tf, configuration);
      TrainingStep step =
          new TrainingStep(
              graph, model, training, Learning.WHOLE_MODEL, new Exchange(Replica.ALONE));
      Operand<TFloat32> loss = plainLoss(tf, model);
      Operand<TFloat32> norm = plainNorm(graph, tf, model, loss);
      session.initialize();
      double expectedLoss = Tensors.fetch(session, loss)[0];
      double expectedNorm = Tensors.fetch(session, norm)[0];
      TrainingStep.Outcome outcome =
          step.run(session, new Window(INPUTS, TARGETS, STEPS), zero, 0.05, 1);
      outcome.state().close();
      assertThat(outcome.loss()).isCloseTo(expectedLoss, within(tolerance));
      assertThat(outcome.gradientNorm()).isCloseTo(expectedNorm, within(tolerance * expectedNorm));
      assertThat(Tensors.fetch(session, loss)[0]).isLessThan(expectedLoss);
    }
  }

  private static LanguageModelConfiguration configuration(Softmax softmax) {
    return LanguageModelConfiguration.builder()
        .softmax(softmax)
        .vocabulary(10)
        .cutoffs(List.of(3, 6))
        .divValue(2)
        .embedding(6)
        .hidden(HIDDEN)
        .build();
  }

  /** What bfloat16 weights would round away, every step anew. */
  @ParameterizedTest
  @EnumSource
  void mixedPrecisionAddsStepsBelowBfloat16sRoundingToTheWeights(Softmax softmax) {
    double rate = 1e-6;
    int updates = 40;
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .batch(BATCH)
            .steps(STEPS)
            .precision(ComputePrecision.BFLOAT16)
            .build();
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        CarriedState zero = CarriedState.zero(BATCH, HIDDEN)) {
      LanguageModel model = LanguageModel.create(Ops.create(graph), configuration(softmax));
      TrainingStep step =
          new TrainingStep(
              graph, model, training, Learning.WHOLE_MODEL, new Exchange(Replica.ALONE));
      session.initialize();
      List<double[]> before = values(session, model);
      for (int number = 1; number <= updates; number++) {
        step.run(session, new Window(INPUTS, TARGETS, STEPS), zero, rate, number).state().close();
      }
      List<double[]> after = values(session, model);
      for (int i = 0; i < before.size(); i++) {
        String name = model.denseVariables().get(i).op().name();
        int moved = 0;
        for (int j = 0; j < before.get(i).length; j++) {
          double change = Math.abs(after.get(i)[j] - before.get(i)[j]);
          assertThat(change).as(name).isLessThan(1.05 * updates * rate);
          moved += change > 0.5 * updates * rate ? 1 : 0;
        }
        assertThat(moved).as(name).isGreaterThan(before.get(i).length / 4);
      }
    }
    double lstmWeight = 1 / Math.sqrt(HIDDEN) / 2;
    assertThat(updates * rate).isLessThan(lstmWeight / 256);
  }

  private static List<double[]> values(Session session, LanguageModel model) {
    return model.denseVariables().stream()
        .map(variable -> Tensors.fetch(session, variable))
        .toList();
  }

  private static Operand<TFloat32> plainLoss(Ops tf, LanguageModel model) {
    Operand<TFloat32> words = model.embed(tf, tf.constant(INPUTS));
    Operand<TFloat32> zeros = Tensors.float32(tf, new double[BATCH * HIDDEN], BATCH, HIDDEN);
    Operand<TFloat32> h = zeros;
    Operand<TFloat32> c = zeros;
    List<Operand<TFloat32>> outputs = new ArrayList<>();
    for (Output<TFloat32> x : tf.split(tf.constant(0), words, (long) STEPS).output()) {
      List<Output<TFloat32>> gates =
          tf.split(
                  tf.constant(1),
                  tf.math.add(
                      tf.linalg.matMul(
                          tf.concat(List.of(x, h), tf.constant(1)), model.lstm().weights()),
                      model.lstm().bias()),
                  4L)
              .output();
      c =
          tf.math.add(
              tf.math.mul(tf.math.sigmoid(gates.get(1)), c),
              tf.math.mul(tf.math.sigmoid(gates.get(0)), tf.math.tanh(gates.get(2))));
      h = tf.math.mul(tf.math.sigmoid(gates.get(3)), tf.math.tanh(c));
      outputs.add(h);
    }
    @SuppressWarnings("unchecked")
    Operand<TFloat32> loss =
        (Operand<TFloat32>)
            model
                .output()
                .call(tf, tf.concat(outputs, tf.constant(0)), tf.constant(TARGETS))
                .loss();
    return loss;
  }

  @SuppressWarnings("unchecked")
  private static Operand<TFloat32> plainNorm(
      Graph graph, Ops tf, LanguageModel model, Operand<TFloat32> loss) {
    List<Variable<TFloat32>> variables = new ArrayList<>(model.denseVariables());
    variables.add(model.embedding().rows());
    Output<?>[] sources = variables.stream().map(Variable::asOutput).toArray(Output<?>[]::new);
    List<Operand<TFloat32>> squares = new ArrayList<>();
    for (Output<?> gradient : graph.addGradients(loss.asOutput(), sources)) {
      Operand<TFloat32> flat = tf.reshape((Output<TFloat32>) gradient, tf.constant(new int[] {-1}));
      squares.add(tf.sum(tf.math.square(flat), tf.constant(0)));
    }
    return tf.math.sqrt(tf.math.addN(squares));
  }
}
