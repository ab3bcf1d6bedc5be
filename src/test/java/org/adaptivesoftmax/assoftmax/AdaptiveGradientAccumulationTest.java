package org.adaptivesoftmax.assoftmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.adaptivesoftmax.TestGraph;
import org.adaptivesoftmax.internal.graph.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Momentum;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

class AdaptiveGradientAccumulationTest {
  private static final int FEATURES = 3;
  private static final int CLASSES = 4;

  /** A linear classifier that is fed micro-batches. */
  private static final class Net<T extends TFloating> implements AutoCloseable {
    final TestGraph graph = new TestGraph();
    final Placeholder<TFloat64> x =
        graph.tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(-1, FEATURES)));
    final Placeholder<TInt64> y =
        graph.tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1)));
    final Variable<T> weight;
    final AdaptiveSparseLoss<T> loss;
    final AdaptiveGradientAccumulation accumulation;
    final Op update;

    Net(
        Class<T> type,
        AccumulationSchedule schedule,
        double delta,
        Function<Graph, Optimizer> newOptimizer) {
      weight = graph.tf.withName("weight").variable(Shape.of(FEATURES, CLASSES), type);
      Operand<T> logits = graph.tf.linalg.matMul(Precision.cast(graph.tf, x, type), weight);
      loss =
          AdaptiveSparseSoftmax.builder()
              .delta(delta)
              .build()
              .lossAndRows(graph.tf, y, logits, null);
      Optimizer optimizer = newOptimizer.apply(graph.graph());
      accumulation =
          AdaptiveGradientAccumulation.create(
              graph.tf, schedule, loss.rows(), optimizer.computeGradients(loss.loss()));
      update = accumulation.update(graph.tf, mean -> optimizer.applyGradients(mean, "apply"));
      graph.initialize();
      graph.assign(weight, new Random(5).doubles(FEATURES * CLASSES, -1, 1).toArray());
    }

    /** Runs a micro-batch and gives the steps of its window; negative if it was the last one. */
    long microBatch(double[] features, long... labels) {
      try (TFloat64 fed =
              TFloat64.tensorOf(Shape.of(labels.length, FEATURES), DataBuffers.of(features));
          TInt64 fedLabels = TInt64.tensorOf(Shape.of(labels.length), DataBuffers.of(labels));
          var result =
              graph
                  .session()
                  .runner()
                  .feed(x, fed)
                  .feed(y, fedLabels)
                  .fetch(accumulation.windowComplete())
                  .fetch(accumulation.steps())
                  .run()) {
        long steps = ((TInt64) result.get(1)).getLong();
        return ((TBool) result.get(0)).getBoolean() ? -steps : steps;
      }
    }

    void update() {
      graph.session().runner().addTarget(update).run().close();
    }

    double[] weights() {
      return graph.run(weight);
    }

    @Override
    public void close() {
      graph.close();
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {TFloat32.class, TFloat64.class, TBfloat16.class, TFloat16.class})
  <T extends TFloating> void accumulatedMicroBatchesEqualOneBigBatch(Class<T> type) {
    double error = type == TFloat32.class || type == TFloat64.class ? 1e-6 : 1e-2;
    // λ 4 wants 4 steps of every window: 2, 3, then 4.
    AccumulationSchedule four = new AccumulationSchedule(4, 4);
    AccumulationSchedule one = new AccumulationSchedule(1, 1);
    Random random = new Random(3);
    try (Net<T> small = net(type, four);
        Net<T> big = net(type, one)) {
      for (int expected : new int[] {2, 3, 4, 4}) {
        int count = 5 * expected;
        double[] features = random.doubles((long) count * FEATURES, -1, 1).toArray();
        long[] labels = random.longs(count, 0, CLASSES).toArray();
        for (int i = 0; i < expected; i++) {
          long steps =
              small.microBatch(
                  Arrays.copyOfRange(features, 5 * FEATURES * i, 5 * FEATURES * (i + 1)),
                  Arrays.copyOfRange(labels, 5 * i, 5 * (i + 1)));
          assertThat(steps).isEqualTo(i == expected - 1 ? -expected : expected);
        }
        small.update();
        assertThat(big.microBatch(features, labels)).isEqualTo(-1);
        big.update();
        assertThat(small.weights()).containsExactly(big.weights(), within(error));
      }
    }
  }

  /** A framework optimizer with state sees one gradient per window. */
  @Test
  void momentumMovesOncePerWindow() {
    double[] features = new Random(4).doubles(4 * FEATURES, -1, 1).toArray();
    try (Net<TFloat64> twice =
            new Net<>(
                TFloat64.class,
                new AccumulationSchedule(2, 2),
                1,
                graph -> new Momentum(graph, 0.5f, 0.9f));
        Net<TFloat64> once =
            new Net<>(
                TFloat64.class,
                new AccumulationSchedule(1, 1),
                1,
                graph -> new Momentum(graph, 0.5f, 0.9f))) {
      for (int window = 0; window < 3; window++) {
        twice.microBatch(features, 0, 1, 2, 3);
        assertThat(twice.microBatch(features, 0, 1, 2, 3)).isEqualTo(-2);
        twice.update();
        once.microBatch(features, 0, 1, 2, 3);
        once.update();
        assertThat(twice.weights()).containsExactly(once.weights(), within(1e-12));
      }
    }
  }

  /** One feature per class, so that a row's logits are its features times ten. */
  @Test
  void aWindowsStepsComeFromItsFirstMicroBatchAlone() {
    try (Net<TFloat64> net =
        new Net<>(
            TFloat64.class,
            new AccumulationSchedule(1, 3),
            0.1,
            AdaptiveGradientAccumulationTest::frozen)) {
      double[] identity = new double[FEATURES * CLASSES];
      for (int i = 0; i < FEATURES; i++) {
        identity[i * CLASSES + i] = 10;
      }
      net.graph.assign(net.weight, identity);
      double[] finished = {1, 0, 0, /**/ 0, 1, 0};
      double[] half = {1, 0, 0, /**/ 0, 0, 0};
      double[] none = {0, 0, 0, /**/ 0, 0, 0};
      long[] labels = {0, 1};
      List<Long> steps = new ArrayList<>();
      for (double[] batch : List.of(none, half, finished, finished, none, half, none, none)) {
        steps.add(net.microBatch(batch, labels));
        if (steps.get(steps.size() - 1) < 0) {
          net.update();
        }
      }
      assertThat(steps).containsExactly(-1L, 2L, -2L, 3L, 3L, -3L, 3L, 3L);
    }
  }

  /** In the reference a row without a label counts as one that is not finished. */
  @Test
  void rowsWithoutALabelCountNowhere() {
    try (Net<TFloat64> net =
        new Net<>(
            TFloat64.class,
            new AccumulationSchedule(1, 9),
            0.1,
            AdaptiveGradientAccumulationTest::frozen)) {
      double[] identity = new double[FEATURES * CLASSES];
      identity[0] = 10;
      net.graph.assign(net.weight, identity);
      double[] features = {1, 0, 0, /**/ 0, 0, 0, /**/ 0, 0, 0, /**/ 0, 0, 0, /**/ 0, 0, 0};
      // Two labelled rows, one of them finished: 2. With the others it would be 5/4, so 1.
      assertThat(net.microBatch(features, 0, 0, -100, -100, -100)).isEqualTo(2);
    }
  }

  @Test
  void anEarlyUpdateTakesTheMeanOfWhatThereIs() {
    double[] features = new Random(4).doubles(4 * FEATURES, -1, 1).toArray();
    try (Net<TFloat64> net = net(TFloat64.class, new AccumulationSchedule(4, 4));
        Net<TFloat64> plain = net(TFloat64.class, new AccumulationSchedule(1, 1))) {
      assertThat(net.microBatch(features, 0, 1, 2, 3)).isEqualTo(2);
      net.update();
      plain.microBatch(features, 0, 1, 2, 3);
      plain.update();
      assertThat(net.weights()).containsExactly(plain.weights(), within(1e-12));
      assertThatThrownBy(net::update)
          .hasMessageContaining("no micro-batch has been accumulated since the last update");
    }
  }

  static List<Function<Graph, Optimizer>> optimizers() {
    return List.of(
        graph -> new GradientDescent(graph, 0.5f), graph -> new Momentum(graph, 0.2f, 0.9f));
  }

  /** The loss where a framework's loss goes, without any accumulation. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void trainsWithTheFrameworksOptimizers(Function<Graph, Optimizer> newOptimizer) {
    try (TestGraph graph = new TestGraph()) {
      Random random = new Random(6);
      double[] features = new double[30 * 5];
      long[] labels = new long[30];
      for (int row = 0; row < 30; row++) {
        labels[row] = random.nextInt(5);
        for (int i = 0; i < 5; i++) {
          features[row * 5 + i] = 0.3 * random.nextGaussian() + (labels[row] == i ? 1 : 0);
        }
      }
      Operand<TFloat32> x = graph.constant(TFloat32.class, features, 30, 5);
      Operand<TInt64> y = graph.tf.constant(Shape.of(30), DataBuffers.of(labels));
      Variable<TFloat32> weight =
          graph.tf.withName("weight").variable(Shape.of(5, 5), TFloat32.class);
      Operand<TFloat32> logits = graph.tf.linalg.matMul(x, weight);
      AdaptiveSparseSoftmax softmax = AdaptiveSparseSoftmax.builder().delta(0.3).build();
      Operand<TFloat32> loss = softmax.call(graph.tf, y, logits, null);
      Op step = newOptimizer.apply(graph.graph()).minimize(loss);
      UnfinishedRows rows = softmax.unfinishedRows(graph.tf, y, logits);
      graph.initialize();
      graph.assign(weight, new double[25]);
      assertThat(graph.run(loss)[0]).isCloseTo(Math.log(5), within(1e-6));
      for (int i = 0; i < 100; i++) {
        graph.session().runner().addTarget(step).run().close();
      }
      assertThat(graph.run(loss)[0]).isLessThan(0.2);
      assertThat(graph.run(rows.finished())[0]).isGreaterThan(20);
    }
  }

  private static <T extends TFloating> Net<T> net(Class<T> type, AccumulationSchedule schedule) {
    return new Net<>(type, schedule, 1, graph -> new GradientDescent(graph, 0.5f));
  }

  private static Optimizer frozen(Graph graph) {
    return new GradientDescent(graph, 0f);
  }
}
