package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.adaptivesoftmax.gradient.SparseCrossEntropyGradient;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.training.ClassifierLoss.Skipping;
import org.adaptivesoftmax.training.ClassifierStep.Place;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Steps of a classifier with an encoder against PyTorch's, and against one another. */
@Tag("slow")
class EncoderStepTest {
  private static final int CLASSES = 4;
  private static final int HALF = 4;
  private static final int FIFTY = 50;
  private static final double DELTA = 0.1;
  private static final double TOLERANCE = 1e-5;
  private static final EncoderOptimizer OPTIMIZER =
      new EncoderOptimizer(new WarmUp(2e-3, 0.25), 10, 0.05, 1);

  private static JsonNode golden() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(Files.readAllBytes(EncoderGolden.directory().resolve("training.json")));
  }

  private static double[] values(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  /** A classifier with an encoder in training, on two batches in turn. */
  private static final class Run implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Session session = new Session(graph);
    private final EncoderClassifier model;
    private final EncoderStep step;
    private final int steps;

    Run(EncoderTraining.Builder training, double dropout, int steps) throws IOException {
      this.steps = steps;
      PretrainedEncoder pretrained = PretrainedEncoder.read(EncoderGolden.directory());
      EncoderTraining built = training.optimizer(OPTIMIZER).build();
      SparseCrossEntropyGradient.register();
      Ops tf = Ops.create(graph);
      model =
          EncoderClassifier.create(
              tf,
              EncoderClassifierConfiguration.builder(pretrained.configuration())
                  .classes(CLASSES)
                  .dropout(dropout)
                  .build());
      session.initialize();
      pretrained.load(session, model.encoder());
      session.run(
          tf.withControlDependencies(
                  List.of(
                      assign(tf, model.outputVariables().get(0), "head_weights"),
                      assign(tf, model.outputVariables().get(1), "head_bias")))
              .noOp());
      step = EncoderStep.create(graph, model, built);
      session.initialize();
    }

    private static Op assign(Ops tf, Variable<TFloat32> variable, String name) throws IOException {
      double[] values = EncoderStepTest.values(golden().get(name));
      return tf.assign(variable, Tensors.float32(tf, values, variable.shape().asArray()));
    }

    /** Step {@code number}, from 1 on. */
    EncoderStep.Outcome step(int number, boolean... guessed) throws IOException {
      List<int[]> sequences = EncoderGolden.ids("sequences");
      int first = number % 2 == 1 ? 0 : HALF;
      int time =
          IntStream.range(first, first + HALF)
              .map(i -> sequences.get(i).length)
              .max()
              .orElseThrow();
      int[] ids = new int[HALF * time];
      for (int row = 0; row < HALF; row++) {
        int[] text = sequences.get(first + row);
        System.arraycopy(text, 0, ids, row * time, text.length);
      }
      try (EncoderFeeds.Batch batch =
          new EncoderFeeds.Batch(
              IntStream.range(first, first + HALF).toArray(),
              TInt32.tensorOf(Shape.of(HALF, time), DataBuffers.of(ids)),
              TInt32.vectorOf(0, 1, 2, 3))) {
        return step.run(
            session,
            batch,
            guessed.length > 0 ? guessed : new boolean[HALF],
            new Place(number, OPTIMIZER.rate().at(number, steps), DELTA));
      }
    }

    /** The values of all variables by name. */
    Map<String, double[]> all() {
      Session.Runner runner = session.runner();
      model.variables().forEach(runner::fetch);
      Map<String, double[]> all = new LinkedHashMap<>();
      try (Result result = runner.run()) {
        for (Variable<TFloat32> variable : model.variables()) {
          float[] values = new float[(int) variable.shape().size()];
          result.get(all.size()).asRawTensor().data().asFloats().read(values);
          all.put(
              variable.op().name(),
              IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
        }
      }
      return all;
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static void assertGolden(EncoderTraining.Builder training, String name)
      throws IOException {
    JsonNode expected = golden().get(name);
    double[] losses = values(expected.get("losses"));
    double[] finished = values(expected.get("finished"));
    try (Run run = new Run(training, 0, losses.length)) {
      for (int number = 1; number <= losses.length; number++) {
        EncoderStep.Outcome outcome = run.step(number);
        assertThat(outcome.loss()).isCloseTo(losses[number - 1], within(TOLERANCE));
        if (finished.length > 0) {
          assertThat(outcome.finished()).isEqualTo((long) finished[number - 1]);
        }
      }
      Map<String, double[]> trained = run.all();
      expected
          .get("values")
          .properties()
          .forEach(entry -> assertStart(trained, entry.getKey(), 0, values(entry.getValue())));
      double[] word = values(expected.get("words"));
      int id = EncoderGolden.ids("sequences").get(0)[1];
      assertStart(trained, "embeddings.word_embeddings.weight", id * word.length, word);
    }
  }

  private static void assertStart(
      Map<String, double[]> trained, String name, int from, double[] expected) {
    double[] values = Objects.requireNonNull(trained.get(name), name);
    assertThat(Arrays.copyOfRange(values, from, from + expected.length))
        .as(name)
        .containsExactly(expected, within(TOLERANCE));
  }

  @Test
  void stepsOfSoftmaxAreThoseOfPyTorch() throws IOException {
    assertGolden(EncoderTraining.builder(), "softmax");
  }

  @Test
  void frozenLayersStayAndTheOthersLearnAsInPyTorch() throws IOException {
    assertGolden(EncoderTraining.builder().frozenLayers(1), "frozen");
  }

  @ParameterizedTest
  @EnumSource(Skipping.class)
  void stepsOfAsSoftmaxAreThoseOfPyTorch(Skipping skipping) throws IOException {
    assertGolden(
        EncoderTraining.builder()
            .loss(ClassifierLoss.asSoftmax().delta(DELTA).skipping(skipping).build()),
        "as_softmax");
  }

  @Test
  void everythingFrozenLeavesTheOutputLayerToLearn() throws IOException {
    try (Run run = new Run(EncoderTraining.builder().frozenLayers(3), 0.1, 4)) {
      Map<String, double[]> before = run.all();
      for (int number = 1; number <= 4; number++) {
        run.step(number);
      }
      Map<String, double[]> after = run.all();
      before.forEach(
          (name, values) ->
              assertThat(Arrays.equals(after.get(name), values))
                  .as(name)
                  .isEqualTo(!name.startsWith("output/")));
    }
  }

  /** Fifty steps with dropout, whatever is guessed. */
  @Test
  void fiftySpeculativeStepsAreThePlainOnes(@TempDir Path directory) throws IOException {
    Map<String, double[]> expected;
    try (Run plain = run(Skipping.NONE)) {
      long finished = 0;
      for (int number = 1; number <= FIFTY; number++) {
        finished += plain.step(number).finished();
      }
      assertThat(finished).isBetween(40L, 180L);
      expected = plain.all();
    }
    try (Run run = run(Skipping.SPECULATIVE)) {
      String start = directory.resolve("start").toString();
      run.session.save(start);
      List<boolean[]> right = new ArrayList<>();
      for (int number = 1; number <= FIFTY; number++) {
        right.add(unfinished(run.step(number, new boolean[HALF]).margins()));
      }
      assertClose(run.all(), expected);
      Random random = new Random(1);
      for (Guess guess : Guess.values()) {
        run.session.restore(start);
        long missed = 0;
        for (int number = 1; number <= FIFTY; number++) {
          missed += run.step(number, guess.of(right.get(number - 1), random)).missed();
        }
        assertThat(missed > 0).isEqualTo(guess != Guess.RIGHT);
        assertClose(run.all(), expected);
      }
    }
  }

  /** What is guessed of rows that are unfinished or not. */
  private enum Guess {
    RIGHT,
    WRONG,
    RANDOM;

    boolean[] of(boolean[] unfinished, Random random) {
      boolean[] guessed = unfinished.clone();
      for (int i = 0; i < guessed.length; i++) {
        guessed[i] =
            switch (this) {
              case RIGHT -> unfinished[i];
              case WRONG -> !unfinished[i];
              case RANDOM -> random.nextBoolean();
            };
      }
      return guessed;
    }
  }

  private static boolean[] unfinished(float[] margins) {
    boolean[] unfinished = new boolean[margins.length];
    for (int i = 0; i < margins.length; i++) {
      unfinished[i] = margins[i] <= (float) DELTA;
    }
    return unfinished;
  }

  private static Run run(Skipping skipping) throws IOException {
    return new Run(
        EncoderTraining.builder()
            .loss(ClassifierLoss.asSoftmax().delta(DELTA).skipping(skipping).build()),
        0.1,
        FIFTY);
  }

  /** All but the biases of keys: attention does not depend on them, and Adam makes steps of the rounding of no gradient. */
  private static void assertClose(Map<String, double[]> actual, Map<String, double[]> expected) {
    expected.forEach(
        (name, values) -> {
          if (!name.endsWith(".key.bias")) {
            assertThat(actual.get(name)).as(name).containsExactly(values, within(TOLERANCE));
          }
        });
  }

  /** AS-Speed's window of two batches is a step of both together. */
  @Test
  void aWindowOfBatchesIsOneStep() throws IOException {
    ClassifierLoss loss =
        ClassifierLoss.asSoftmax().delta(DELTA).accumulate(2).accumulateLambda(50).build();
    try (Run run = new Run(EncoderTraining.builder().loss(loss), 0, 8)) {
      Map<String, double[]> before = run.all();
      int steps = run.step(1).steps();
      assertThat(steps).isEqualTo(2);
      run.all().forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
      assertThat(run.step.mayPause()).isFalse();
      run.step(2);
      assertThat(run.step.mayPause()).isTrue();
      assertThat(run.step.updates()).isEqualTo(1);
      Map<String, double[]> after = run.all();
      before.forEach((name, values) -> assertThat(after.get(name)).as(name).isNotEqualTo(values));
      run.step(3);
      run.step.finishEpoch(run.session);
      assertThat(run.step.updates()).isEqualTo(2);
    }
  }
}
