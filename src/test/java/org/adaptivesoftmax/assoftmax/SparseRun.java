package org.adaptivesoftmax.assoftmax;

import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/** A batch of single-label rows in a graph. */
record SparseRun<T extends TNumber>(TestGraph graph, Operand<T> logits, Operand<TInt64> labels) {

  static <T extends TNumber> SparseRun<T> of(
      TestGraph graph, Class<T> type, double[] logits, long[] labels, long classes) {
    return new SparseRun<>(
        graph,
        graph.constant(type, logits, labels.length, classes),
        graph.tf.constant(Shape.of(labels.length), DataBuffers.of(labels)));
  }

  /** The loss and its gradient by the logits. */
  List<double[]> lossAndGradient(Loss kind) {
    return lossAndGradient(kind, null);
  }

  List<double[]> lossAndGradient(Loss kind, Operand<T> sampleWeights) {
    Operand<T> loss = kind.call(graph.tf, labels, logits, sampleWeights);
    return graph.run(List.of(loss, graph.gradients(loss, List.of(logits)).get(0)));
  }

  Boolean[] kept(AdaptiveSparseSoftmax softmax) {
    Operand<TBool> kept = softmax.keptClasses(graph.tf, labels, logits);
    try (Result result = graph.session().runner().fetch(kept).run()) {
      TBool tensor = (TBool) result.get(0);
      return tensor.streamOfObjects().toArray(Boolean[]::new);
    }
  }
}
