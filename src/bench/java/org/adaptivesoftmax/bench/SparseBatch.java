package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Labels with which a given share of a shape's rows is finished, at random places: a finished row's label is its most
 * probable class, an unfinished row's the second.
 *
 * @param shape the model
 * @param finished share of finished rows
 * @param labels one per row
 */
record SparseBatch(SparseShape shape, double finished, List<Integer> labels) {
  /** Rows' two most probable classes, and those rows where the first leads by more than the margin. */
  record Leaders(List<Integer> first, List<Integer> second, List<Integer> leading) {
    /** Runs the model's forward pass. */
    static Leaders of(SparseShape shape) {
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        Ops tf = Ops.create(graph);
        Operand<TFloat32> input = new Variables(tf).normal(shape.rows(), shape.inputs());
        Operand<TFloat32> logits = SparseShape.logits(tf, input, shape.weights(tf));
        var top = tf.nn.topK(tf.nn.softmax(logits), tf.constant(2), TInt32.class);
        session.initialize();
        try (Result result = session.runner().fetch(top.values()).fetch(top.indices()).run()) {
          return of((TFloat32) result.get(0), (TInt32) result.get(1));
        }
      }
    }

    private static Leaders of(TFloat32 p, TInt32 classes) {
      Leaders leaders = new Leaders(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int row = 0; row < p.shape().get(0); row++) {
        leaders.first.add(classes.getInt(row, 0));
        leaders.second.add(classes.getInt(row, 1));
        if (p.getFloat(row, 0) - p.getFloat(row, 1) > 2 * SparseShape.DELTA) {
          leaders.leading.add(row);
        }
      }
      return leaders;
    }
  }

  /**
   * @throws IllegalStateException if there are too few rows that can be finished
   */
  static SparseBatch of(SparseShape shape, double finished, Leaders leaders) {
    int wanted = (int) Math.round(finished * shape.rows());
    if (leaders.leading.size() < wanted) {
      throw new IllegalStateException(
          "only %d rows of %s can be finished: %d wanted"
              .formatted(leaders.leading.size(), shape.name(), wanted));
    }
    List<Integer> rows = new ArrayList<>(leaders.leading);
    Collections.shuffle(rows, new Random(1));
    List<Integer> labels = new ArrayList<>(leaders.second);
    for (int row : rows.subList(0, wanted)) {
      labels.set(row, leaders.first.get(row));
    }
    return new SparseBatch(shape, finished, labels);
  }
}
