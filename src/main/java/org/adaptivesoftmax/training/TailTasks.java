package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * What a replica asks of the tail tasks beside its steps.
 *
 * @param saver of the variables of all tasks
 * @param end tells each tail task that all is done
 */
record TailTasks(ShardedSaver saver, Op end) {
  /**
   * Adds the ops.
   *
   * @param variables all that are saved
   */
  static TailTasks create(Ops graph, Replica replica, List<Variable<TFloat32>> variables) {
    Ops tf = graph.withSubScope("tail_tasks");
    List<Op> ends = new ArrayList<>();
    for (int task = 0; task < replica.tails().tasks(); task++) {
      ends.add(TailTask.ends(tf, task).enqueue(List.of(tf.constant(true))));
    }
    return new TailTasks(
        ShardedSaver.create(tf, variables), tf.withControlDependencies(ends).noOp());
  }

  /** Lets the tail tasks end. */
  boolean release(Session session) {
    session.run(end);
    return true;
  }
}
