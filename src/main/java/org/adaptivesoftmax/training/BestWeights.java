package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A second copy of variables, within the graph, for the values that were best so far.
 *
 * @param keepOp copies the variables' values here
 * @param restoreOp copies them back
 */
record BestWeights(Op keepOp, Op restoreOp) {
  /** Adds the copies, all zero. */
  static BestWeights create(Ops tf, List<Variable<TFloat32>> variables) {
    Ops scope = tf.withSubScope("best");
    List<Op> keep = new ArrayList<>();
    List<Op> restore = new ArrayList<>();
    for (Variable<TFloat32> variable : variables) {
      String name = variable.op().name().replace('/', '.');
      Variable<TFloat32> copy = scope.withName(name).variable(variable.shape(), TFloat32.class);
      Ops init = scope.withInitScope();
      init.assign(copy, init.fill(init.constant(variable.shape().asArray()), init.constant(0f)));
      keep.add(scope.assign(copy, variable));
      restore.add(scope.assign(variable, copy));
    }
    return new BestWeights(
        scope.withControlDependencies(keep).noOp(), scope.withControlDependencies(restore).noOp());
  }

  void keep(Session session) {
    session.run(keepOp);
  }

  void restore(Session session) {
    session.run(restoreOp);
  }
}
