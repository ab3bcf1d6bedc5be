package org.adaptivesoftmax.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.tensorflow.GraphOperation;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.IdentityN;
import org.tensorflow.types.family.TType;

/**
 * A computation whose gradient is written by hand instead of derived op by op, so that forward and backward share what
 * they compute.
 *
 * <p>The values, the inputs they depend on and whatever the backward pass wants to reuse go through one {@code IdentityN}
 * op. TensorFlow's C++ gradient registry has no gradient for {@code IdentityN}; the one registered here asks the {@link
 * Backward} of the op's kind, which it finds by an attribute of the op, so that nothing is kept outside the graph. {@code
 * Graph.addGradients} and every optimizer see an ordinary op. An {@code IdentityN} that is not ours passes its gradients
 * through, as in Python TensorFlow.
 *
 * <p>No gradient leaves the op before all of them are computed: an optimizer updates a variable in place as soon as its
 * gradient is there, and another gradient may still be reading that variable.
 */
public final class FusedGradient {
  private static final String KIND = "_fused_gradient";
  private static final String VALUES = "_fused_values";
  private static final String INPUTS = "_fused_inputs";

  private static final Map<String, Backward> BACKWARD = new ConcurrentHashMap<>();
  private static boolean registered;

  private final String kind;

  private FusedGradient(String kind) {
    this.kind = kind;
  }

  /** The backward pass of one kind of fused computation. It runs while the graph is locked: it must not ask any output
   * for its shape. */
  @FunctionalInterface
  public interface Backward {
    /**
     * The gradients of the inputs.
     *
     * @param ops builds the ops
     * @param inputs what {@link #apply} was given
     * @param saved what {@link #apply} was given
     * @param upstream one gradient for each value
     * @return one gradient for each input
     */
    List<Operand<?>> gradients(
        BackwardOps ops, List<Output<?>> inputs, List<Output<?>> saved, List<Output<?>> upstream);
  }

  /**
   * Defines a kind of fused computation.
   *
   * @param kind its name, unique in the process
   * @param backward its backward pass
   * @throws IllegalStateException if the kind is defined already
   */
  public static FusedGradient define(String kind, Backward backward) {
    if (BACKWARD.putIfAbsent(kind, backward) != null) {
      throw new IllegalStateException("fused gradient is defined already: " + kind);
    }
    return new FusedGradient(kind);
  }

  /**
   * Makes values differentiable through this kind's backward pass, and through it alone.
   *
   * @param tf builds the ops
   * @param values what was computed
   * @param inputs what it was computed from: these receive gradients
   * @param saved intermediate results for the backward pass
   * @return the values, differentiable
   * @throws IllegalStateException if other code has registered a gradient for {@code IdentityN}, or ten gradients for
   *     other ops, which is all that TensorFlow Java can call
   * @throws UnsupportedOperationException on Windows, where TensorFlow Java cannot register gradients
   */
  public List<Output<?>> apply(
      Ops tf,
      List<? extends Operand<?>> values,
      List<? extends Operand<?>> inputs,
      List<? extends Operand<?>> saved) {
    register();
    List<Output<?>> through = new ArrayList<>();
    values.forEach(value -> through.add(tf.stopGradient(value).asOutput()));
    inputs.forEach(input -> through.add(input.asOutput()));
    saved.forEach(value -> through.add(tf.stopGradient(value).asOutput()));
    GraphOperationBuilder builder =
        (GraphOperationBuilder) tf.scope().opBuilder(IdentityN.OP_NAME, kind);
    builder.addInputList(through.toArray(new Output<?>[0]));
    builder.setAttr(KIND, kind);
    builder.setAttr(VALUES, (long) values.size());
    builder.setAttr(INPUTS, (long) inputs.size());
    GraphOperation op = builder.build();
    List<Output<?>> results = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      results.add(op.output(i));
    }
    return results;
  }

  private static synchronized void register() {
    if (registered) {
      return;
    }
    if (!GradientRegistry.registerIfAbsent(IdentityN.OP_NAME, FusedGradient::gradient)) {
      throw new IllegalStateException(
          "a gradient for IdentityN is registered already, by other code in this process: the layers of this library"
              + " need theirs, so use one of them before that code registers its own");
    }
    registered = true;
  }

  private static List<Operand<?>> gradient(Ops tf, GraphOperation op, List<Output<?>> upstream) {
    String kind = kindOf(op);
    BackwardOps ops = new BackwardOps(tf, op.device());
    return kind == null ? passThrough(ops.tf(), op, upstream) : fused(ops, kind, op, upstream);
  }

  private static @Nullable String kindOf(GraphOperation op) {
    try {
      return op.attributes().getAttrString(KIND);
    } catch (TFInvalidArgumentException noSuchAttribute) {
      return null;
    }
  }

  private static List<Operand<?>> passThrough(Ops tf, GraphOperation op, List<Output<?>> upstream) {
    List<Operand<?>> gradients = new ArrayList<>();
    for (int i = 0; i < op.numInputs(); i++) {
      gradients.add(orZeros(tf, upstream.get(i), op.output(i)));
    }
    return gradients;
  }

  private static List<Operand<?>> fused(
      BackwardOps ops, String kind, GraphOperation op, List<Output<?>> upstream) {
    Ops tf = ops.tf();
    int nValues = (int) op.attributes().getAttrInt(VALUES);
    int nInputs = (int) op.attributes().getAttrInt(INPUTS);
    List<Output<?>> byValue = new ArrayList<>();
    List<Output<?>> inputs = new ArrayList<>();
    List<Output<?>> saved = new ArrayList<>();
    for (int i = 0; i < op.numOutputs(); i++) {
      if (i < nValues) {
        byValue.add(orZeros(tf, upstream.get(i), op.output(i)));
      } else {
        (i < nValues + nInputs ? inputs : saved).add(op.output(i));
      }
    }
    Backward backward = BACKWARD.get(kind);
    if (backward == null) {
      throw new IllegalStateException("fused gradient is not defined in this process: " + kind);
    }
    List<Operand<?>> computed = backward.gradients(ops, inputs, saved, byValue);
    List<Operand<?>> gradients = new ArrayList<>();
    for (int i = 0; i < op.numInputs(); i++) {
      boolean isInput = i >= nValues && i < nValues + nInputs;
      // Nothing reads the gradients of values and saved results: they end in a StopGradient.
      gradients.add(
          isInput ? ops.after(computed, computed.get(i - nValues)) : tf.zerosLike(op.output(i)));
    }
    return gradients;
  }

  private static Output<?> orZeros(Ops tf, @Nullable Output<?> gradient, Output<?> like) {
    return gradient != null ? gradient : tf.zerosLike((Operand<? extends TType>) like).asOutput();
  }
}
