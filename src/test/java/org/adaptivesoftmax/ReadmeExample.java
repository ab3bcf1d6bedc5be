package org.adaptivesoftmax;

import org.adaptivesoftmax.decoding.TopClasses;
import org.tensorflow.*;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.*;
import org.tensorflow.op.*;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.*;

// begin

public class ReadmeExample {
  public static void main(String[] args) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> hidden =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 64)));
      Operand<TInt64> target = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1)));
      AdaptiveSoftmax<TFloat32> softmax =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(64)
              .nClasses(10_000)
              .cutoffs(500, 3_000)
              .build(tf);
      Operand<?> loss = softmax.call(tf, hidden, target).loss();
      Op step = new GradientDescent(graph, 1f).minimize(loss);
      TopClasses top = softmax.topK(tf, hidden, 5);
      session.initialize();
      float[][] states = new float[2][64];
      states[0][0] = states[1][1] = 3;
      try (TFloat32 rows = TFloat32.tensorOf(StdArrays.ndCopyOf(states));
          TInt64 classes = TInt64.vectorOf(42, 9_999)) {
        for (int i = 0; i < 50; i++) {
          session.runner().feed(hidden, rows).feed(target, classes).addTarget(step).run().close();
        }
        try (Result best = session.runner().feed(hidden, rows).fetch(top.classes()).run()) {
          TInt64 ids = (TInt64) best.get(0);
          System.out.println(ids.getLong(0, 0) + " and " + ids.getLong(1, 0)); // 42 and 9999
        }
      }
    }
  }
}
// end
