package org.adaptivesoftmax.gradient;

import java.util.List;
import org.tensorflow.GraphOperation;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Identity;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.family.TType;

/**
 * What builds the ops of a backward pass. The scope that TensorFlow Java 1.1 gives a gradient callback drops devices and
 * control dependencies, so the ops that need one are built here, by hand.
 */
public final class BackwardOps {
  private final Ops tf;
  private final String device;

  BackwardOps(Ops tf, String device) {
    this.tf = tf;
    this.device = device;
  }

  /** Builds ops that need neither a device nor a control dependency. */
  public Ops tf() {
    return tf;
  }

  /**
   * The product of two matrices, on the device of the forward pass.
   *
   * @param transposeA whether the first is transposed
   */
  public <T extends TType> Operand<T> matMul(Operand<T> a, Operand<T> b, boolean transposeA) {
    return matMul(a, b, transposeA, false);
  }

  /**
   * The product of two matrices, on the device of the forward pass.
   *
   * @param transposeA whether the first is transposed
   * @param transposeB whether the second is transposed
   */
  public <T extends TType> Operand<T> matMul(
      Operand<T> a, Operand<T> b, boolean transposeA, boolean transposeB) {
    GraphOperationBuilder builder = builder(MatMul.OP_NAME, "matmul");
    builder.addInput(a.asOutput()).addInput(b.asOutput());
    builder.setAttr("transpose_a", transposeA);
    builder.setAttr("transpose_b", transposeB);
    if (!device.isEmpty()) {
      builder.setDevice(device);
    }
    return builder.build().output(0);
  }

  /** The value, once all of the others have been computed. */
  Operand<?> after(List<? extends Operand<?>> others, Operand<?> value) {
    GraphOperationBuilder builder = builder(Identity.OP_NAME, "gradient");
    builder.addInput(value.asOutput());
    for (Operand<?> other : others) {
      builder.addControlInput((GraphOperation) other.op());
    }
    return builder.build().output(0);
  }

  private GraphOperationBuilder builder(String type, String name) {
    return (GraphOperationBuilder) tf.scope().opBuilder(type, tf.scope().makeOpName(name));
  }
}
