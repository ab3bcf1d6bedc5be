package org.adaptivesoftmax.training;

import java.util.List;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.family.TType;

/**
 * Adam (Kingma and Ba, 2015) for dense variables, with a learning rate that is an operand, so that it may change from
 * step to step. The framework's {@link Adam} fixes its rate in the graph as a constant, and advances the powers of its
 * decay rates without waiting for the updates that read them (framework 1.0.0 corrects the bias of step t as if it were
 * t + 1). This one is an {@link Optimizer} of the framework with the same slots and TensorFlow's {@code ApplyAdam}.
 */
final class ScheduledAdam extends Optimizer {
  private final AdamStep step;

  ScheduledAdam(Graph graph, AdamStep step) {
    super(graph, "Adam");
    this.step = step;
  }

  @Override
  protected void createSlots(List<Output<? extends TType>> variables) {
    for (Output<? extends TType> variable : variables) {
      createZeroSlots(variable);
    }
  }

  private <T extends TType> void createZeroSlots(Output<T> variable) {
    for (String slot : List.of(Adam.FIRST_MOMENT, Adam.SECOND_MOMENT)) {
      Ops init = tf.withInitScope();
      createSlot(
          variable,
          slot,
          init.fill(
              init.constant(variable.shape().asArray()),
              init.dtypes.cast(init.constant(0f), variable.type())));
    }
  }

  @Override
  protected <T extends TType> Op applyDense(Ops deps, Output<T> gradient, Output<T> variable) {
    Class<T> type = gradient.type();
    return deps.train.applyAdam(
        variable,
        slot(variable, Adam.FIRST_MOMENT),
        slot(variable, Adam.SECOND_MOMENT),
        deps.dtypes.cast(step.firstPower(), type),
        deps.dtypes.cast(step.secondPower(), type),
        deps.dtypes.cast(step.learningRate(), type),
        deps.dtypes.cast(deps.constant(AdamStep.FIRST_DECAY), type),
        deps.dtypes.cast(deps.constant(AdamStep.SECOND_DECAY), type),
        deps.dtypes.cast(deps.constant(AdamStep.EPSILON), type),
        gradient);
  }

  private <T extends TType> Variable<T> slot(Output<T> variable, String name) {
    Optional<Variable<T>> slot = getSlot(variable, name);
    return slot.orElseThrow(
        () -> new IllegalStateException("no slot " + name + " for " + variable.op().name()));
  }

  @Override
  public String getOptimizerName() {
    return "Adam";
  }
}
