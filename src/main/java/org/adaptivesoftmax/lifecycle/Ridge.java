package org.adaptivesoftmax.lifecycle;

import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatrixSolveLs;
import org.tensorflow.types.TFloat64;

/**
 * Ridge regression: the matrix A with the least ‖X A − Y‖² + λ ‖A‖². λ is relative to the features: a constant times the mean of
 * X's squares, times the rows.
 */
final class Ridge {
  private static final double LAMBDA = 1e-3;

  private Ridge() {}

  /**
   * Solves for all targets at once.
   *
   * @param features X, [n, width]
   * @param targets Y, [n, columns]
   * @return A, [width][columns]
   */
  static double[][] solve(double[][] features, double[][] targets) {
    int width = features[0].length;
    int columns = targets[0].length;
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TFloat64 x = tensor(features);
        TFloat64 y = tensor(targets);
        TFloat64 lambda = TFloat64.scalarOf(lambda(features))) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat64> fedX = tf.placeholder(TFloat64.class);
      Placeholder<TFloat64> fedY = tf.placeholder(TFloat64.class);
      Placeholder<TFloat64> fedLambda = tf.placeholder(TFloat64.class);
      MatrixSolveLs<TFloat64> solution =
          tf.linalg.matrixSolveLs(fedX, fedY, fedLambda, MatrixSolveLs.fast(true));
      try (Result result =
          session
              .runner()
              .feed(fedX, x)
              .feed(fedY, y)
              .feed(fedLambda, lambda)
              .fetch(solution)
              .run()) {
        double[] values = new double[width * columns];
        result.get(0).asRawTensor().data().asDoubles().read(values);
        double[][] solved = new double[width][columns];
        for (int row = 0; row < width; row++) {
          System.arraycopy(values, row * columns, solved[row], 0, columns);
        }
        return solved;
      }
    }
  }

  private static double lambda(double[][] features) {
    double squares = 0;
    for (double[] row : features) {
      for (double value : row) {
        squares += value * value;
      }
    }
    return LAMBDA * squares / features[0].length;
  }

  private static TFloat64 tensor(double[][] values) {
    int columns = values[0].length;
    double[] flat = new double[values.length * columns];
    for (int row = 0; row < values.length; row++) {
      System.arraycopy(values[row], 0, flat, row * columns, columns);
    }
    return TFloat64.tensorOf(Shape.of(values.length, columns), DataBuffers.of(flat));
  }
}
