package org.adaptivesoftmax.server;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.remote.Recording;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * A model that answers the two rows of the recording, (1, …, 8) and (0, …, 0, 1), as the recorded one did, to the last bit:
 * a first product tells them apart exactly, and a second multiplies their recorded answers by 1 and 0. Its operations have
 * the names and shapes that the recorded one's had.
 */
final class ProbeModel {
  private static final int HEAD = 11;
  private static final int SHORTLIST = 10;
  private static final int TAIL = 40;

  private ProbeModel() {}

  static ModelDirectory publish(Path base) throws IOException {
    ModelDirectory model = new ModelDirectory(base);
    FloatNdArray recorded = recorded();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE, 8)));
      Variable<TFloat32> toHead = variable(tf, session, tellApart(HEAD));
      Variable<TFloat32> toTail = variable(tf, session, tellApart(TAIL));
      Operand<TFloat32> head = tf.linalg.matMul(x, toHead);
      Operand<TFloat32> tail = tf.linalg.matMul(x, toTail);
      Operand<TFloat32> all =
          tf.concat(
              List.of(
                  tf.linalg.matMul(head, variable(tf, session, answers(recorded, HEAD, 0, SHORTLIST))),
                  tf.linalg.matMul(
                      tail, variable(tf, session, answers(recorded, TAIL, SHORTLIST, TAIL)))),
              tf.constant(1));
      var top = tf.nn.topK(all, tf.constant(5), org.tensorflow.types.TInt32.class);
      SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict(Signature.DEFAULT_KEY)
                  .input("inputs", x)
                  .output("classes", tf.dtypes.cast(top.indices(), TInt64.class))
                  .output("log_probs", top.values())
                  .build())
          .signature(
              ServingSignature.predict("log_prob").input("inputs", x).output("log_probs", all).build())
          .build()
          .publish(model);
    }
    return model;
  }

  /** The log-probabilities of all classes for both rows. */
  private static FloatNdArray recorded() throws InvalidProtocolBufferException {
    for (Recording.Rpc exchange : Recording.grpc()) {
      if (exchange.note().equals("named signature")) {
        return (FloatNdArray)
            ProtoTensors.decode(
                PredictResponse.parseFrom(exchange.response()).getOutputsOrThrow("log_probs"));
      }
    }
    throw new AssertionError("not recorded");
  }

  /** Takes the first row to (1, 0, 0, …) and the second to (0, 1, 0, …). */
  private static FloatNdArray tellApart(int columns) {
    FloatNdArray matrix = NdArrays.ofFloats(Shape.of(8, columns));
    matrix.setFloat(1, 0, 0);
    matrix.setFloat(1, 7, 1);
    matrix.setFloat(-8, 0, 1);
    return matrix;
  }

  private static FloatNdArray answers(FloatNdArray recorded, int rows, int from, int columns) {
    FloatNdArray matrix = NdArrays.ofFloats(Shape.of(rows, columns));
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < columns; i++) {
        matrix.setFloat(recorded.getFloat(row, from + i), row, i);
      }
    }
    return matrix;
  }

  private static Variable<TFloat32> variable(Ops tf, Session session, FloatNdArray values) {
    Variable<TFloat32> variable = tf.variable(values.shape(), TFloat32.class);
    session.run(tf.assign(variable, tf.constant(TFloat32.tensorOf(values))));
    return variable;
  }
}
