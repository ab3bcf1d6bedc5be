package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A model that is asked.
 *
 * @param name of what is asked
 * @param directory of the model
 * @param inFeatures width of its rows; 0 for texts
 */
record ServeWorkload(String name, Path directory, int inFeatures) {
  static final int TOP_K = 10;

  /**
   * Texts to a language model.
   *
   * @throws IllegalArgumentException if there is none
   */
  static ServeWorkload text(Path model) throws IOException {
    Path directory = model.toAbsolutePath().normalize();
    new ModelDirectory(directory).highestVersion();
    return new ServeWorkload("text", directory, 0);
  }

  /** Rows of features to a layer of that many classes with random weights, which is published unless it is there. */
  static ServeWorkload layer(ClusterPlan plan) throws IOException {
    Path directory =
        BenchFiles.results()
            .resolve("served")
            .resolve("layer-%s-%s".formatted(plan.inFeatures(), plan.nClasses()));
    if (!Files.exists(directory)) {
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        AdaptiveSoftmax<TFloat32> layer = layer(Ops.create(graph), plan);
        OutputLayerExporter.builder(tf -> layer(tf, plan))
            .topK(TOP_K)
            .build()
            .publish(new ModelDirectory(directory), WeightSource.of(session, layer));
      }
    }
    return new ServeWorkload("layer of " + plan.nClasses(), directory, plan.inFeatures());
  }

  private static AdaptiveSoftmax<TFloat32> layer(Ops tf, ClusterPlan plan) {
    return AdaptiveSoftmax.builder(TFloat32.class).plan(plan).build(tf);
  }

  ServeLoadSpec spec(ServeWay way, String target, int connections, int requests) {
    return new ServeLoadSpec(way, target, directory.toString(), inFeatures, connections, requests);
  }
}
