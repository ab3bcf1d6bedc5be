package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

/**
 * The products of matrices that a training step with an adaptive softmax cannot avoid, for one batch: the head's and each
 * used tail cluster's, forward, by the input and by the weights. There is no softmax, no loss, no gathering of rows: the
 * rows of each tail cluster lie ready in a variable of their own, and every shape is static.
 */
final class MatmulFloor {
  private final Ops tf;
  private final Variables variables;
  private final List<Operand<?>> products = new ArrayList<>();

  private MatmulFloor(Ops tf) {
    this.tf = tf;
    this.variables = new Variables(tf);
  }

  /** The last product of each chain: running them runs them all. */
  static List<Operand<?>> of(Ops tf, StepBatch batch) {
    MatmulFloor floor = new MatmulFloor(tf);
    ClusterPlan plan = batch.shape().plan();
    int inFeatures = plan.inFeatures();
    Operand<TFloat32> x = floor.variables.normal(batch.shape().rows(), inFeatures);
    floor.products.add(floor.linear(x, floor.variables.weight(plan.headSize(), inFeatures)));
    for (int tail : batch.usedTails()) {
      floor.tail(batch.rowsInTail(tail), inFeatures, plan.tailWidth(tail), plan.tailSize(tail));
    }
    return floor.products;
  }

  private void tail(int rows, int inFeatures, int width, int classes) {
    Operand<TFloat32> x = variables.normal(rows, inFeatures);
    Operand<TFloat32> projection = variables.weight(width, inFeatures);
    Operand<TFloat32> projected = tf.linalg.matMul(x, projection, MatMul.transposeB(true));
    Operand<TFloat32> byProjected = linear(projected, variables.weight(classes, width));
    products.add(tf.linalg.matMul(byProjected, projection));
    products.add(tf.linalg.matMul(byProjected, x, MatMul.transposeA(true)));
  }

  /** Forward and backward through a linear layer; the logits stand in for their gradient. */
  private Operand<TFloat32> linear(Operand<TFloat32> x, Operand<TFloat32> weight) {
    Operand<TFloat32> logits = tf.linalg.matMul(x, weight, MatMul.transposeB(true));
    products.add(tf.linalg.matMul(logits, x, MatMul.transposeA(true)));
    return tf.linalg.matMul(logits, weight);
  }
}
