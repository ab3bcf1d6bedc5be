package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.graph.PlacedScope;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Adam (Kingma and Ba, 2015) for variables of which every value has a gradient, by TensorFlow's {@code ApplyAdam}.
 *
 * <p>The framework's Adam (1.0.0) will not do: its learning rate is a constant of the graph, it cannot name the moments
 * of a variable that lives in a name scope, and it advances the powers of its decay rates without waiting for the updates
 * that read them, so that the bias of step t is corrected as if it were step t + 1.
 *
 * <p>The moments and the update of a variable live on its device.
 *
 * @param slots each variable with its moments
 */
record DenseAdam(List<Slot> slots) {
  /** A variable with its moments. */
  record Slot(Variable<TFloat32> variable, Moments moments) {}

  /** Adds the moments of each variable, all zero. */
  static DenseAdam create(Ops tf, List<Variable<TFloat32>> variables) {
    Ops scope = tf.withSubScope("adam");
    List<Slot> slots = new ArrayList<>();
    for (Variable<TFloat32> variable : variables) {
      slots.add(new Slot(variable, Moments.create(PlacedScope.beside(scope, variable), variable)));
    }
    return new DenseAdam(List.copyOf(slots));
  }

  /**
   * One step, to be run. No variable changes before every gradient is known.
   *
   * @param gradients one for each slot
   */
  Op update(Ops tf, List<Operand<TFloat32>> gradients, AdamStep step) {
    Ops scope = tf.withSubScope("adam").withControlDependencies(List.copyOf(gradients));
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      Ops beside = PlacedScope.beside(scope, slot.variable());
      updates.add(
          beside.train.applyAdam(
              slot.variable(),
              slot.moments().first(),
              slot.moments().second(),
              step.firstPower(),
              step.secondPower(),
              step.learningRate(),
              beside.constant(AdamStep.FIRST_DECAY),
              beside.constant(AdamStep.SECOND_DECAY),
              beside.constant(AdamStep.EPSILON),
              gradients.get(i)));
    }
    return tf.withControlDependencies(updates).noOp();
  }
}
