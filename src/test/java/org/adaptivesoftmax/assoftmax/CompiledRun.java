package org.adaptivesoftmax.assoftmax;

import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.TestGraph;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.GraphOperationBuilder;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.framework.losses.Loss;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.PartitionedCall;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat64;

/** A loss and its gradient, compiled by XLA as one function; a run fails if XLA cannot. */
final class CompiledRun {
  private CompiledRun() {}

  static List<double[]> lossAndGradient(Loss loss, double[] logits, long[] labels) {
    Shape shape = Shape.of(labels.length, logits.length / labels.length);
    try (TestGraph graph = new TestGraph();
        ConcreteFunction function = ConcreteFunction.create(tf -> body(tf, loss, shape, labels))) {
      GraphOperationBuilder call =
          (GraphOperationBuilder) graph.tf.scope().opBuilder(PartitionedCall.OP_NAME, "compiled");
      Operand<TFloat64> input = graph.constant(TFloat64.class, logits, shape.asArray());
      call.addInputList(new Output<?>[] {input.asOutput()});
      call.setAttr("f", function);
      call.setAttr("Tin", new DataType[] {DataType.DT_DOUBLE});
      call.setAttr("Tout", new DataType[] {DataType.DT_DOUBLE, DataType.DT_DOUBLE});
      call.setAttr("_XlaMustCompile", true);
      GraphOperation op = call.build();
      List<Output<?>> outputs = new ArrayList<>(List.of(op.output(0), op.output(1)));
      return graph.run(outputs);
    }
  }

  private static Signature body(Ops tf, Loss loss, Shape shape, long[] labels) {
    Placeholder<TFloat64> logits = tf.placeholder(TFloat64.class, Placeholder.shape(shape));
    Operand<TFloat64> value =
        loss.call(tf, tf.constant(Shape.of(labels.length), DataBuffers.of(labels)), logits, null);
    Output<?>[] gradient =
        ((Graph) tf.scope().env())
            .addGradients(value.asOutput(), new Output<?>[] {logits.asOutput()});
    return Signature.builder()
        .key("loss_and_gradient")
        .input("logits", logits)
        .output("loss", tf.identity(value))
        .output("gradient", tf.identity(gradient[0]))
        .build();
  }
}
