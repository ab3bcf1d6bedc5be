package org.adaptivesoftmax.export;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Publishes a version into a model directory, waits for a file to exist, and then publishes one version after the other,
 * until it is killed or has published as many as asked for.
 */
final class EndlessExports {
  private static final int VALUES = 200_000;

  private EndlessExports() {}

  /** Takes the model directory, how many versions to publish, and the file. */
  public static void main(String[] args) throws Exception {
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TFloat32 one = TFloat32.vectorOf(1)) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> x =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
      Variable<TFloat32> variable = tf.variable(tf.constant(new float[VALUES]));
      session.initialize();
      SavedModelPublisher publisher =
          SavedModelPublisher.builder(session)
              .signature(
                  ServingSignature.predict("serving_default")
                      .input("x", x)
                      .output("y", tf.math.add(x, tf.math.mean(variable, tf.constant(0))))
                      .build())
              .provenance(Map.of("process", ProcessHandle.current().pid()))
              .warmUp(Map.of("x", one))
              .build();
      for (int i = 0; i < Integer.parseInt(args[1]); i++) {
        publisher.publish(new ModelDirectory(Path.of(args[0])));
        while (!Files.exists(Path.of(args[2]))) {
          Thread.sleep(2);
        }
      }
    }
  }
}
