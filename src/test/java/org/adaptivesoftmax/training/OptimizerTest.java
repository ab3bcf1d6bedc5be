package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.adaptivesoftmax.model.EmbeddingTable;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

class OptimizerTest {
  private static final double TOLERANCE = 1e-6;

  /** Adam of one row in float64: the textbook, with ε̂. */
  private static void adam(
      double[] row, double[] first, double[] second, double[] gradient, double rate, int step) {
    double corrected = rate * Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(0.9, step));
    for (int i = 0; i < row.length; i++) {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
      row[i] -= corrected * first[i] / (Math.sqrt(second[i]) + 1e-8);
    }
  }

  @Test
  void lazyAdamEqualsTheDenseReferenceOnTouchedRowsAndLeavesTheOthers() {
    int words = 9;
    int width = 3;
    int[][] batches = {{4, 2, 4, 4, 0}, {2, 8, 2, 8, 2}, {0, 1, 2, 3, 4}};
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      EmbeddingTable table = EmbeddingTable.create(tf, words, width, 5);
      LazyAdam adam = LazyAdam.create(tf, table.rows());
      Placeholder<TInt32> ids = tf.placeholder(TInt32.class);
      Placeholder<TFloat32> gradients = tf.placeholder(TFloat32.class);
      Placeholder<TFloat32> rate = tf.placeholder(TFloat32.class);
      Placeholder<TInt64> number = tf.placeholder(TInt64.class);
      Op update =
          adam.update(
              tf, LazyAdam.sumDuplicates(tf, ids, gradients), AdamStep.of(tf, rate, number));
      session.initialize();

      double[] start = Tensors.fetch(session, table.rows());
      double[][] rows = new double[words][];
      double[][] first = new double[words][width];
      double[][] second = new double[words][width];
      for (int word = 0; word < words; word++) {
        rows[word] = Arrays.copyOfRange(start, word * width, (word + 1) * width);
      }
      for (int step = 1; step <= batches.length; step++) {
        int[] batch = batches[step - 1];
        double[] values = Tensors.normal(step, 1, batch.length * width);
        double[][] sums = new double[words][];
        for (int i = 0; i < batch.length; i++) {
          if (sums[batch[i]] == null) {
            sums[batch[i]] = new double[width];
          }
          for (int j = 0; j < width; j++) {
            sums[batch[i]][j] += values[i * width + j];
          }
        }
        for (int word = 0; word < words; word++) {
          if (sums[word] != null) {
            adam(rows[word], first[word], second[word], sums[word], 0.01 / step, step);
          }
        }
        try (TInt32 idsTensor = TInt32.vectorOf(batch);
            TFloat32 gradientTensor = TFloat32.tensorOf(Shape.of(batch.length, width));
            TFloat32 rateTensor = TFloat32.scalarOf(0.01f / step);
            TInt64 numberTensor = TInt64.scalarOf(step)) {
          for (int i = 0; i < values.length; i++) {
            gradientTensor.setFloat((float) values[i], i / width, i % width);
          }
          session
              .runner()
              .feed(ids, idsTensor)
              .feed(gradients, gradientTensor)
              .feed(rate, rateTensor)
              .feed(number, numberTensor)
              .addTarget(update)
              .run()
              .close();
        }
      }
      double[] trained = Tensors.fetch(session, table.rows());
      for (int word = 0; word < words; word++) {
        double[] row = Arrays.copyOfRange(trained, word * width, (word + 1) * width);
        assertThat(row).as("word %d", word).containsExactly(rows[word], within(TOLERANCE));
      }
      double[] untouched = Arrays.copyOfRange(trained, 5 * width, 8 * width);
      assertThat(untouched).containsExactly(Arrays.copyOfRange(start, 5 * width, 8 * width));
    }
  }

  @Test
  void denseAdamFollowsTheLearningRateThatIsFed() {
    double[] gradient = Tensors.normal(3, 1, 4);
    double[] expected = {1, 1, 1, 1};
    double[] first = new double[4];
    double[] second = new double[4];
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> rate = tf.placeholder(TFloat32.class);
      Placeholder<TInt64> number = tf.placeholder(TInt64.class);
      Variable<TFloat32> variable = ones(tf);
      Op update =
          DenseAdam.create(tf, List.of(variable))
              .update(tf, List.of(Tensors.float32(tf, gradient, 4)), AdamStep.of(tf, rate, number));
      session.initialize();
      for (int step = 1; step <= 5; step++) {
        adam(expected, first, second, gradient, 0.1 / step, step);
        try (TFloat32 rateTensor = TFloat32.scalarOf(0.1f / step);
            TInt64 numberTensor = TInt64.scalarOf(step)) {
          session
              .runner()
              .feed(rate, rateTensor)
              .feed(number, numberTensor)
              .addTarget(update)
              .run()
              .close();
        }
      }
      assertThat(Tensors.fetch(session, variable)).containsExactly(expected, within(TOLERANCE));
    }
  }

  private static Variable<TFloat32> ones(Ops tf) {
    Variable<TFloat32> variable =
        tf.withSubScope("scope").withName("v").variable(Shape.of(4), TFloat32.class);
    tf.withInitScope().assign(variable, tf.withInitScope().constant(new float[] {1, 1, 1, 1}));
    return variable;
  }

  @Test
  void clipsOnlyAboveTheLimit() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      List<Operand<TFloat32>> gradients =
          List.of(
              tf.constant(StdArrays.ndCopyOf(new float[][] {{3, 0}, {0, 4}})),
              tf.constant(new float[] {12}));
      GlobalNorm norm = GlobalNorm.of(tf, gradients);
      assertThat(Tensors.fetch(session, norm.norm())[0]).isCloseTo(13, within(1e-5));
      assertThat(Tensors.fetch(session, norm.scale(tf, 6.5f))[0]).isCloseTo(0.5, within(1e-6));
      assertThat(Tensors.fetch(session, norm.scale(tf, 14))[0]).isEqualTo(1);
    }
  }
}
