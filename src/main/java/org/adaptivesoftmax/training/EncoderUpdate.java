package org.adaptivesoftmax.training;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * An optimizer step by {@link EncoderOptimizer}. Nothing changes before every gradient is known.
 *
 * @param learningRate that of the encoder, a scalar
 * @param number of the step, counted from 1, a scalar
 * @param op the step
 */
record EncoderUpdate(Placeholder<TFloat32> learningRate, Placeholder<TInt64> number, Op op) {
  /** Variables that share a rate and a decay. */
  private record Group(
      List<Variable<TFloat32>> variables,
      List<Operand<TFloat32>> gradients,
      double factor,
      double decay) {
    Group(double factor, double decay) {
      this(new ArrayList<>(), new ArrayList<>(), factor, decay);
    }

    Op update(Ops tf, Ops after, Operand<TFloat32> rate, Placeholder<TInt64> number) {
      Operand<TFloat32> own = tf.math.mul(rate, tf.constant((float) factor));
      List<Operand<TFloat32>> later = new ArrayList<>();
      for (int i = 0; i < variables.size(); i++) {
        later.add(decayed(after, variables.get(i), gradients.get(i), own));
      }
      return DenseAdam.create(tf, variables).update(tf, later, AdamStep.of(tf, own, number));
    }

    /** The gradient, known once its variable has decayed. */
    private Operand<TFloat32> decayed(
        Ops after, Variable<TFloat32> variable, Operand<TFloat32> gradient, Operand<TFloat32> own) {
      if (decay == 0) {
        return gradient;
      }
      Operand<TFloat32> share = after.math.mul(own, after.constant((float) decay));
      Op op = after.assignSub(variable, after.math.mul(variable, share));
      return after.withControlDependencies(List.of(op)).identity(gradient);
    }
  }

  /**
   * @param rows gradients of the word embedding, or null
   * @param dense gradients of the variables
   */
  static EncoderUpdate create(
      Ops tf,
      EncoderClassifier model,
      EncoderOptimizer optimizer,
      LazyAdam.@Nullable RowGradients rows,
      List<Variable<TFloat32>> variables,
      List<Operand<TFloat32>> dense) {
    Placeholder<TFloat32> learningRate = tf.placeholder(TFloat32.class);
    Placeholder<TInt64> number = tf.placeholder(TInt64.class);
    List<Operand<TFloat32>> all = new ArrayList<>(dense);
    if (rows != null) {
      all.add(rows.values());
    }
    Ops clip = tf.withSubScope("clip");
    Operand<TFloat32> scale = GlobalNorm.of(clip, all).scale(clip, (float) optimizer.clipNorm());
    // The norm is known once all gradients are: what waits for its scale waits for them.
    Ops after =
        tf.withControlDependencies(List.of(clip.withControlDependencyOps(scale.op()).noOp()));
    List<Op> updates = new ArrayList<>();
    for (Group group : groups(clip, model, optimizer, variables, dense, scale)) {
      updates.add(group.update(tf, after, learningRate, number));
    }
    if (rows != null) {
      AdamStep step = AdamStep.of(tf, learningRate, number);
      updates.add(
          LazyAdam.create(tf, model.encoder().words()).update(tf, rows.scaled(clip, scale), step));
    }
    return new EncoderUpdate(learningRate, number, tf.withControlDependencies(updates).noOp());
  }

  private static List<Group> groups(
      Ops tf,
      EncoderClassifier model,
      EncoderOptimizer optimizer,
      List<Variable<TFloat32>> variables,
      List<Operand<TFloat32>> dense,
      Operand<TFloat32> scale) {
    Group plain = new Group(1, 0);
    Group decaying = new Group(1, optimizer.weightDecay());
    Group headBias = new Group(optimizer.headFactor(), 0);
    Group head = new Group(optimizer.headFactor(), optimizer.weightDecay());
    List<Variable<TFloat32>> embeddings = model.encoder().variablesBelow(0);
    for (int i = 0; i < variables.size(); i++) {
      Variable<TFloat32> variable = variables.get(i);
      boolean decays = variable.shape().numDimensions() == 2 && !embeddings.contains(variable);
      boolean ofHead = model.outputVariables().contains(variable);
      Group group = ofHead ? decays ? head : headBias : decays ? decaying : plain;
      group.variables.add(variable);
      group.gradients.add(tf.math.mul(dense.get(i), scale));
    }
    return List.of(plain, decaying, headBias, head);
  }
}
