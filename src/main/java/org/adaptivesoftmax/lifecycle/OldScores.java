package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.ModelWeights;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What an output layer says of hidden states, on the scale of its head: the score of class c is log p(c | h) + log Z(h), with Z
 * the head's normaliser. In the shortlist that is the head's own score; in tail cluster i it is w T h + shift<sub>i</sub>(h), with
 * shift<sub>i</sub>(h) = the score of the cluster entry − the log-sum-exp of the cluster's own scores.
 */
final class OldScores {
  /** Rows that are scored at once: [rows, classes] stays small. */
  private static final int CHUNK = 256;

  private final double[][] shifts;
  private final double[][] groups;

  private OldScores(double[][] shifts, double[][] groups) {
    this.shifts = shifts;
    this.groups = groups;
  }

  /**
   * Scores hidden states.
   *
   * @param hidden [n, inFeatures]
   * @param membership [classes, groups]: the share of each class in each group
   * @param groupCount number of groups
   */
  static OldScores of(ModelWeights weights, float[] hidden, float[] membership, int groupCount) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LanguageModel model = LanguageModel.create(tf, weights.configuration());
      weights.assign(session, model);
      return new Scoring(tf, model, new OutputRows(weights), membership, groupCount)
          .score(session, hidden);
    }
  }

  /** shift<sub>i</sub>(h) by row and cluster; 0 for the shortlist. */
  double[][] shifts() {
    return shifts;
  }

  /** The score of each group as a whole, the log of the sum of its classes' shares of probability, by row and group. */
  double[][] groups() {
    return groups;
  }

  /** The graph that scores. */
  private static final class Scoring {
    private final int inFeatures;
    private final int clusters;
    private final int groupCount;
    private final Placeholder<TFloat32> input;
    private final Placeholder<TFloat32> membership;
    private final float[] shares;
    private final List<Operand<TFloat32>> fetched = new ArrayList<>();

    @SuppressWarnings("unchecked") // The model is float32, and so is what its output layer gives.
    Scoring(Ops tf, LanguageModel model, OutputRows rows, float[] shares, int groupCount) {
      inFeatures = rows.plan().inFeatures();
      clusters = rows.clusters();
      this.groupCount = groupCount;
      this.shares = shares;
      input = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, inFeatures)));
      membership =
          tf.placeholder(
              TFloat32.class, Placeholder.shape(Shape.of(rows.plan().nClasses(), groupCount)));
      Operand<TFloat32> head = product(tf, input, model, clusters == 1 ? "weight" : "head.weight");
      Operand<TFloat32> normaliser = logSumExp(tf, head);
      Operand<TFloat32> probabilities =
          tf.math.exp((Operand<TFloat32>) model.output().logProb(tf, input));
      fetched.add(
          tf.math.add(tf.math.log(tf.linalg.matMul(probabilities, membership)), normaliser));
      for (int tail = 0; tail < clusters - 1; tail++) {
        Operand<TFloat32> entry =
            tf.slice(
                head,
                tf.constant(new int[] {0, rows.plan().shortlistSize() + tail}),
                tf.constant(new int[] {-1, 1}));
        Operand<TFloat32> projected = product(tf, input, model, "tail." + tail + ".0.weight");
        Operand<TFloat32> own = product(tf, projected, model, "tail." + tail + ".1.weight");
        fetched.add(tf.math.sub(entry, logSumExp(tf, own)));
      }
    }

    private static Operand<TFloat32> product(
        Ops tf, Operand<TFloat32> rows, LanguageModel model, String weight) {
      Variable<TFloat32> variable = model.output().parameters().get(weight);
      return tf.linalg.matMul(
          rows, Objects.requireNonNull(variable, weight), MatMul.transposeB(true));
    }

    /** max(z) − log max(softmax(z)), [n, 1]. */
    private static Operand<TFloat32> logSumExp(Ops tf, Operand<TFloat32> scores) {
      Operand<TInt32> last = tf.constant(new int[] {1});
      return tf.math.sub(
          tf.reduceMax(scores, last, ReduceMax.keepDims(true)),
          tf.reduceMax(tf.nn.logSoftmax(scores), last, ReduceMax.keepDims(true)));
    }

    OldScores score(Session session, float[] hidden) {
      int rows = hidden.length / inFeatures;
      double[][] shifts = new double[rows][clusters];
      double[][] groups = new double[rows][groupCount];
      try (TFloat32 shared =
          TFloat32.tensorOf(
              Shape.of(shares.length / groupCount, groupCount), DataBuffers.of(shares))) {
        for (int start = 0; start < rows; start += CHUNK) {
          int end = Math.min(rows, start + CHUNK);
          float[] chunk = Arrays.copyOfRange(hidden, start * inFeatures, end * inFeatures);
          try (TFloat32 fed =
              TFloat32.tensorOf(Shape.of(end - start, inFeatures), DataBuffers.of(chunk))) {
            Session.Runner runner = session.runner().feed(input, fed).feed(membership, shared);
            fetched.forEach(runner::fetch);
            try (Result result = runner.run()) {
              read(result.get(0), groups, start, 0, groupCount);
              for (int cluster = 1; cluster < clusters; cluster++) {
                read(result.get(cluster), shifts, start, cluster, 1);
              }
            }
          }
        }
      }
      return new OldScores(shifts, groups);
    }

    private static void read(Tensor tensor, double[][] to, int start, int column, int columns) {
      float[] values = new float[Math.toIntExact(tensor.shape().size())];
      tensor.asRawTensor().data().asFloats().read(values);
      for (int i = 0; i < values.length; i++) {
        to[start + i / columns][column + i % columns] = values[i];
      }
    }
  }
}
