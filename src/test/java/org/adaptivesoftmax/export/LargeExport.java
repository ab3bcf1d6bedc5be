package org.adaptivesoftmax.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Empty;
import org.tensorflow.types.TFloat32;

/**
 * Exports a softmax of any size, loads it and lets it answer. The weights of 1,100,000 classes are 2.25 GB, more than a
 * graph's description may hold:
 *
 * <pre>mvn -q test-compile exec:java -Dexec.classpathScope=test \
 *   -Dexec.mainClass=org.adaptivesoftmax.serving.LargeExport -Dexec.args="DIRECTORY 1100000"</pre>
 */
final class LargeExport {
  private static final int IN_FEATURES = 512;

  private LargeExport() {}

  /** Takes the model directory and the number of classes. */
  public static void main(String[] args) throws Exception {
    ModelDirectory model = new ModelDirectory(Path.of(args[0]));
    int classes = Integer.parseInt(args[1]);
    export(
        model,
        tf ->
            FullSoftmax.builder(TFloat32.class)
                .inFeatures(IN_FEATURES)
                .nClasses(classes)
                .seed(1)
                .build(tf));
    PublishedVersion.check(model);
  }

  /** All weights are 0. */
  static Path export(ModelDirectory model, Function<Ops, OutputLayer<TFloat32>> layer)
      throws Exception {
    return OutputLayerExporter.builder(layer)
        .build()
        .publish(
            model,
            (session, variables) -> {
              Ops tf = Ops.create(session.graph());
              for (Operand<TFloat32> variable : variables.values()) {
                session.run(
                    tf.assign(
                        variable,
                        tf.empty(
                            tf.constant(
                                Arrays.stream(variable.shape().asArray())
                                    .mapToInt(Math::toIntExact)
                                    .toArray()),
                            TFloat32.class,
                            Empty.init(true))));
              }
            });
  }
}
