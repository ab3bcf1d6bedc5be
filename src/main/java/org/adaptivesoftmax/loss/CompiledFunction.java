package org.adaptivesoftmax.loss;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.GraphOperation;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.Signature.TensorDescription;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.PartitionedCall;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TType;

/**
 * Functions of tensors with static shapes that XLA compiles as a whole, loops included. A run fails if XLA cannot: nothing
 * falls back to TensorFlow's own kernels.
 */
final class CompiledFunction {
  /** TensorFlow takes functions that differ in shapes alone for one function, unless their names differ. */
  private static final AtomicLong DEFINED = new AtomicLong();

  private CompiledFunction() {}

  /** What a function computes from its inputs. */
  @FunctionalInterface
  interface Body {
    List<? extends Operand<?>> apply(Ops tf, List<Operand<?>> inputs);
  }

  /** Whether a loop goes on. */
  @FunctionalInterface
  interface Condition {
    Operand<TBool> holds(Ops tf, List<Operand<?>> state);
  }

  /**
   * Adds a call to the graph.
   *
   * @param inputs of static shape
   */
  static List<Output<?>> call(Ops tf, String name, List<? extends Operand<?>> inputs, Body body) {
    try (ConcreteFunction function = define(name, inputs, body)) {
      GraphOperationBuilder builder =
          (GraphOperationBuilder) tf.scope().opBuilder(PartitionedCall.OP_NAME, name);
      builder.addInputList(inputs.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
      builder.setAttr("f", function);
      Signature signature = function.signature();
      builder.setAttr("Tin", types(signature.getInputs().values()));
      builder.setAttr("Tout", types(signature.getOutputs().values()));
      builder.setAttr("_XlaMustCompile", true);
      return outputs(builder.build());
    }
  }

  /**
   * Adds a loop to the body of a function: the state after as many steps as the condition holds.
   *
   * @param start of static shapes, which a step must keep
   */
  static List<Output<?>> loop(
      Ops tf, String name, List<? extends Operand<?>> start, Condition condition, Body step) {
    try (ConcreteFunction holds =
            define(
                name + "_condition", start, (ops, state) -> List.of(condition.holds(ops, state)));
        ConcreteFunction next = define(name + "_step", start, step)) {
      return tf.statelessWhile(new ArrayList<>(start), holds, next).output();
    }
  }

  private static ConcreteFunction define(
      String name, List<? extends Operand<?>> inputs, Body body) {
    return ConcreteFunction.create(
        tf -> {
          Signature.Builder signature =
              Signature.builder().key(name + "_" + DEFINED.incrementAndGet());
          List<Operand<?>> placeholders = new ArrayList<>();
          for (Operand<?> input : inputs) {
            Operand<?> placeholder = placeholder(tf, input);
            signature.input("input_" + placeholders.size(), placeholder);
            placeholders.add(placeholder);
          }
          int outputs = 0;
          for (Operand<?> result : body.apply(tf, List.copyOf(placeholders))) {
            // An input cannot be an output too.
            signature.output("output_" + outputs++, tf.identity((Operand<? extends TType>) result));
          }
          return signature.build();
        });
  }

  private static DataType[] types(Collection<TensorDescription> descriptions) {
    return descriptions.stream().map(description -> description.dataType).toArray(DataType[]::new);
  }

  private static Operand<?> placeholder(Ops tf, Operand<?> like) {
    return tf.placeholder(like.type(), Placeholder.shape(like.shape()));
  }

  private static List<Output<?>> outputs(GraphOperation op) {
    List<Output<?>> outputs = new ArrayList<>();
    for (int i = 0; i < op.numOutputs(); i++) {
      outputs.add(op.output(i));
    }
    return outputs;
  }
}
