package org.adaptivesoftmax;

import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.core.Assign;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat64;

/** The derivative of a scalar by each entry of a variable, from central differences. */
public final class NumericGradient {
  private static final double STEP = 1e-5;

  private NumericGradient() {}

  public static double[] of(TestGraph graph, Operand<TFloat64> y, Variable<TFloat64> x) {
    Placeholder<TFloat64> value =
        graph.tf.placeholder(TFloat64.class, Placeholder.shape(x.shape()));
    Assign<TFloat64> assign = graph.tf.assign(x, value);
    double[] at = graph.run(x);
    double[] gradient = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double middle = at[i];
      at[i] = middle + STEP;
      double above = valueAt(graph, y, value, assign, at);
      at[i] = middle - STEP;
      double below = valueAt(graph, y, value, assign, at);
      at[i] = middle;
      gradient[i] = (above - below) / (2 * STEP);
    }
    valueAt(graph, y, value, assign, at);
    return gradient;
  }

  private static double valueAt(
      TestGraph graph,
      Operand<TFloat64> y,
      Placeholder<TFloat64> value,
      Assign<TFloat64> assign,
      double[] at) {
    try (TFloat64 tensor = TFloat64.tensorOf(value.shape(), DataBuffers.of(at))) {
      graph.session().runner().feed(value, tensor).addTarget(assign.op()).run().close();
    }
    try (Result result = graph.session().runner().fetch(y).run()) {
      return ((TFloat64) result.get(0)).getDouble();
    }
  }
}
