package org.adaptivesoftmax.assoftmax;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.TestGraph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;

/** Two layers and their input, with weights that are large enough for some rows to be finished. */
final class SkippedNetwork {
  static final int ROWS = 40;
  private static final int FEATURES = 6;
  private static final int CLASSES = 9;

  final TestGraph graph;
  final List<Variable<TFloat64>> variables = new ArrayList<>();

  SkippedNetwork(TestGraph graph) {
    this.graph = graph;
    for (long[] shape : new long[][] {{FEATURES, 8}, {8, CLASSES}, {ROWS, FEATURES}}) {
      variables.add(graph.tf.variable(Shape.of(shape), TFloat64.class));
    }
    graph.initialize();
    Random random = new Random(5);
    variables.forEach(v -> graph.assign(v, random.doubles(v.shape().size(), -2, 2).toArray()));
  }

  Operand<TFloat64> input() {
    return variables.get(2);
  }

  Operand<TFloat64> logits(Ops tf, List<Operand<?>> inputs) {
    @SuppressWarnings("unchecked")
    Operand<TFloat64> rows = (Operand<TFloat64>) inputs.get(0);
    Operand<TFloat64> hidden = tf.math.tanh(tf.linalg.matMul(rows, variables.get(0)));
    return tf.linalg.matMul(hidden, variables.get(1));
  }

  /** Three of four rows have the most probable class as label; some of the others have none. */
  double[] labels() {
    double[] logits = graph.run(logits(graph.tf, List.of(input())));
    return IntStream.range(0, ROWS)
        .mapToDouble(n -> n % 8 == 7 ? -100 : n % 4 == 3 ? n % CLASSES : argMax(logits, n))
        .toArray();
  }

  private static int argMax(double[] logits, int row) {
    int first = row * CLASSES;
    return IntStream.range(0, CLASSES)
        .reduce((a, b) -> logits[first + a] >= logits[first + b] ? a : b)
        .orElseThrow();
  }
}
