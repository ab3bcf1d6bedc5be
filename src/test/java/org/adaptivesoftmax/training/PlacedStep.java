package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.Transfers;
import org.adaptivesoftmax.Transfers.Transfer;
import org.adaptivesoftmax.loss.LossOptions;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * A step of Adam, with clipped gradients, of a layer whose second tail cluster lives on a device of its own.
 *
 * @param update the step
 */
public record PlacedStep(Op update) {
  private static final int FEATURES = 32;
  private static final int CLASSES = 2_000;
  private static final int SECOND_START = 500;
  private static final long SECOND_WIDTH = FEATURES / 4;
  private static final long[] TARGETS = {0, 3, 700, 60, 1_999, 9, 700, 120, 501, 0, 900};
  private static final long IN_SECOND = 5;
  private static final List<Long> PROJECTION = List.of(SECOND_WIDTH, (long) FEATURES);
  private static final List<Long> CLASS_ROWS = List.of((long) CLASSES - SECOND_START, SECOND_WIDTH);

  /** Adds the layer and its step to a graph; the session has to initialize it. */
  public static PlacedStep of(Graph graph, DeviceSpec ofSecond, LossOptions options) {
    Ops tf = Ops.create(graph);
    AdaptiveSoftmax<TFloat32> layer =
        AdaptiveSoftmax.builder(TFloat32.class)
            .inFeatures(FEATURES)
            .nClasses(CLASSES)
            .cutoffs(50, SECOND_START)
            .divValue(2)
            .placement(cluster -> cluster == 2 ? Optional.of(ofSecond) : Optional.empty())
            .build(tf);
    Variable<TFloat32> input = tf.variable(Shape.of(TARGETS.length, FEATURES), TFloat32.class);
    Ops init = tf.withInitScope();
    float[] values = new float[TARGETS.length * FEATURES];
    IntStream.range(0, values.length).forEach(i -> values[i] = (float) Math.sin(i));
    init.assign(input, init.constant(input.shape(), DataBuffers.of(values)));
    Operand<TInt64> targets =
        tf.placeholderWithDefault(tf.constant(TARGETS), Shape.of(Shape.UNKNOWN_SIZE));
    return update(graph, layer, input, layer.call(tf, input, targets, options).loss());
  }

  @SuppressWarnings("unchecked") // addGradients gives each variable's gradient the variable's type.
  private static PlacedStep update(
      Graph graph, AdaptiveSoftmax<TFloat32> layer, Variable<TFloat32> input, Operand<?> loss) {
    Ops tf = Ops.create(graph);
    List<Variable<TFloat32>> variables = List.copyOf(layer.parameters().values());
    List<Output<?>> sources = new ArrayList<>();
    variables.forEach(variable -> sources.add(variable.asOutput()));
    sources.add(input.asOutput());
    List<Operand<TFloat32>> gradients = new ArrayList<>();
    for (Output<?> gradient :
        graph.addGradients(loss.asOutput(), sources.toArray(new Output<?>[0]))) {
      gradients.add((Output<TFloat32>) gradient);
    }
    Operand<TFloat32> scale = GlobalNorm.of(tf, gradients).scale(tf, 0.1f);
    List<Operand<TFloat32>> clipped =
        gradients.subList(0, variables.size()).stream()
            .map(gradient -> GlobalNorm.scaled(tf, gradient, scale))
            .toList();
    AdamStep step = AdamStep.of(tf, tf.constant(0.01f), tf.constant(1L));
    return new PlacedStep(DenseAdam.create(tf, variables).update(tf, clipped, step));
  }

  /** Runs the step: what TensorFlow tells of it. */
  public RunMetadata run(Session session) {
    try (Result result =
        session.runner().setOptions(Transfers.options()).addTarget(update).runAndFetchMetadata()) {
      return result.getMetadata().orElseThrow();
    }
  }

  /** The rows of the input and their gradients. */
  static long bytesOfAllRows() {
    return 8L * TARGETS.length * FEATURES;
  }

  /** Rows there and their gradient back, and a handful of numbers for each row; no weight and no gradient of one. */
  public static void requireRowsAlone(Transfers transfers) {
    assertThat(transfers.all()).isNotEmpty().allSatisfy(PlacedStep::isOfRows);
    assertThat(transfers.bytes()).isLessThan(IN_SECOND * 4 * (2 * FEATURES + 12));
  }

  private static void isOfRows(Transfer transfer) {
    long elements = transfer.shape().stream().reduce(1L, (a, b) -> a * b);
    assertThat(elements).isLessThanOrEqualTo(IN_SECOND * FEATURES);
    assertThat(transfer.shape()).isNotEqualTo(PROJECTION).isNotEqualTo(CLASS_ROWS);
  }
}
