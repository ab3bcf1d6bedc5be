package org.adaptivesoftmax.loss;

import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.TestGraph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** Runs a compiled loss of two batch sizes, six batches each; XLA writes down what it compiles. */
final class CompilationCount {
  private CompilationCount() {}

  public static void main(String[] args) {
    try (TestGraph graph = new TestGraph()) {
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(8)
              .nClasses(40)
              .cutoffs(6, 15)
              .divValue(2)
              .compiled(true)
              .build(graph.tf);
      for (int rows : new int[] {5, 300}) {
        steps(graph, layer, rows);
      }
    }
  }

  private static void steps(TestGraph graph, AdaptiveSoftmax<TFloat32> layer, int rows) {
    Variable<TFloat32> input = graph.tf.variable(Shape.of(rows, 8), TFloat32.class);
    Variable<TInt64> target = graph.tf.variable(Shape.of(rows), TInt64.class);
    Operand<?> loss = layer.call(graph.tf, input, target).loss();
    List<Output<?>> gradient = graph.gradients(loss, List.of(input));
    graph.initialize();
    graph.assign(input, new Random(1).doubles(rows * 8L).toArray());
    for (int batch = 0; batch < 6; batch++) {
      int first = 6 * batch;
      graph.assign(target, new Random(batch).ints(rows, first, 40).asDoubleStream().toArray());
      graph.run(gradient);
    }
  }
}
