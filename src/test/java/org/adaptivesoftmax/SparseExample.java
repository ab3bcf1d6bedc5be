package org.adaptivesoftmax;

import org.adaptivesoftmax.assoftmax.*;
import org.tensorflow.*;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.*;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.*;

// begin

public class SparseExample {
  public static void main(String[] args) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> features = tf.constant(new float[][] {{1, 0}, {0, 1}, {1, 1}});
      Operand<TInt32> labels = tf.constant(new int[] {0, 1, 2});
      Variable<TFloat32> weight = tf.variable(tf.constant(new float[2][3]));
      Operand<TFloat32> logits = tf.linalg.matMul(features, weight);
      Loss loss = AdaptiveSparseSoftmax.builder().delta(0.1).build(); // was: a cross entropy
      Op step = new GradientDescent(graph, 1f).minimize(loss.call(tf, labels, logits, null));
      UnfinishedRows rows =
          AdaptiveSparseSoftmax.builder().delta(0.1).build().unfinishedRows(tf, labels, logits);
      session.initialize();
      for (int i = 0; i < 100; i++) {
        session.runner().addTarget(step).run().close();
      }
      try (Result result = session.runner().fetch(rows.finished()).run()) {
        System.out.println(((TInt64) result.get(0)).getLong() + " of 3 rows are finished"); // 3
      }
    }
  }
}
// end
