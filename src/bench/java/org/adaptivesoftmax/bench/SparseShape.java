package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * A model whose AS-Softmax step is timed: layers without biases, with ReLU between them.
 *
 * @param name in the results
 * @param rows of a batch
 * @param inputs width of the input
 * @param hidden widths of the hidden layers; none for an output layer alone, whose input gets a gradient
 * @param classes number of classes
 */
record SparseShape(String name, int rows, int inputs, List<Integer> hidden, int classes) {
  /** The margin. */
  static final double DELTA = 0.1;

  /** Logits so far apart that the most probable class nearly always leads by more than the margin. */
  private static final double LOGIT_DEVIATION = 30;

  private static final long SEED = 100;

  static final List<SparseShape> ALL =
      List.of(
          new SparseShape("output-layer", 2_048, 512, List.of(), 10_000),
          new SparseShape("network", 4_096, 512, List.of(1_024, 1_024, 1_024, 1_024), 1_000));

  /** The weights, one matrix [out, in] per layer; the same in every graph. */
  List<Operand<TFloat32>> weights(Ops tf) {
    Variables variables = new Variables(tf, SEED);
    List<Integer> widths = new ArrayList<>(List.of(inputs));
    widths.addAll(hidden);
    List<Operand<TFloat32>> weights = new ArrayList<>();
    for (int i = 0; i + 1 < widths.size(); i++) {
      weights.add(variables.normal(widths.get(i + 1), widths.get(i), deviation(widths.get(i), 2)));
    }
    int last = widths.get(widths.size() - 1);
    weights.add(
        variables.normal(
            classes, last, deviation(last, hidden.isEmpty() ? 1 : 2) * LOGIT_DEVIATION));
    return weights;
  }

  /** Keeps the spread of values, of which a ReLU has cut off half if gain is 2 (He et al., 2015). */
  private static double deviation(int fanIn, double gain) {
    return Math.sqrt(gain / fanIn);
  }

  /** [rows, classes]. */
  static Operand<TFloat32> logits(
      Ops tf, Operand<TFloat32> input, List<Operand<TFloat32>> weights) {
    Operand<TFloat32> values = input;
    for (int i = 0; i < weights.size(); i++) {
      values = tf.linalg.matMul(values, weights.get(i), MatMul.transposeB(true));
      values = i + 1 < weights.size() ? tf.nn.relu(values) : values;
    }
    return values;
  }
}
