package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * Gradients of the variables on tail tasks, of several replicas. Each replica's are computed on the task and wait there in a
 * queue; the first replica takes them all and sums them in the replicas' order. No gradient leaves its task.
 *
 * <p>TensorFlow's accumulators would sum in the order of arrival: with three replicas or more, the same training could then
 * give other weights.
 *
 * @param variables on tail tasks
 * @param means the gradient of each, the mean over the replicas; none at a replica that is not the first
 * @param sent what a replica that is not the first has to run
 */
record TailGradients(
    List<Variable<TFloat32>> variables, List<Operand<TFloat32>> means, List<Op> sent) {
  /**
   * Adds the queues, and what a replica does with them.
   *
   * @param own this replica's gradients of variables on tail tasks
   */
  static TailGradients of(Ops graph, Replica replica, StepGradients own) {
    Ops tf = graph.withSubScope("tail_tasks");
    Map<String, StepGradients> byTask = new LinkedHashMap<>();
    for (Variable<TFloat32> variable : own.variables()) {
      byTask.computeIfAbsent(device(variable), task -> own.where(v -> device(v).equals(task)));
    }
    TailGradients all = new TailGradients(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    byTask.forEach(
        (task, ofTask) -> {
          if (replica.isFirst()) {
            all.variables.addAll(ofTask.variables());
            all.means.addAll(means(tf, task, replica, ofTask));
          } else {
            all.sent.add(queue(tf, task, replica.index(), ofTask).enqueue(ofTask.dense()));
          }
        });
    return all;
  }

  @SuppressWarnings("unchecked") // The queue holds float32 alone.
  private static List<Operand<TFloat32>> means(
      Ops tf, String task, Replica replica, StepGradients own) {
    List<List<Output<?>>> others = new ArrayList<>();
    for (int other = 1; other < replica.count(); other++) {
      others.add(queue(tf, task, other, own).dequeue());
    }
    Ops there = PlacedScope.ops(tf, task);
    List<Operand<TFloat32>> means = new ArrayList<>();
    for (int i = 0; i < own.dense().size(); i++) {
      List<Operand<TFloat32>> each = new ArrayList<>(List.of(own.dense().get(i)));
      for (List<Output<?>> other : others) {
        each.add((Output<TFloat32>) other.get(i));
      }
      means.add(there.math.div(there.math.addN(each), there.constant((float) replica.count())));
    }
    return means;
  }

  private static TaskQueue queue(Ops tf, String task, int replica, StepGradients of) {
    List<Class<? extends TType>> types = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    of.variables()
        .forEach(
            variable -> {
              types.add(TFloat32.class);
              shapes.add(variable.shape());
            });
    return TaskQueue.create(tf, task, "gradients-" + replica, 1, types, shapes);
  }

  private static String device(Variable<TFloat32> variable) {
    return ((GraphOperation) variable.op()).device();
  }

  /** Σ g² / 2 over the mean gradients, as far as this replica has them, a scalar. */
  Operand<TFloat32> halfSquares(Ops tf) {
    return means.isEmpty() ? tf.constant(0f) : tf.math.addN(GlobalNorm.halfSquares(tf, means));
  }
}
