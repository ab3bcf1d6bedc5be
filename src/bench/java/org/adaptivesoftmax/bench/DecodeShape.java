package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.jspecify.annotations.Nullable;

/**
 * A layer whose decoding is timed.
 *
 * @param name by which the report knows it
 * @param plan its clusters
 * @param model the version directory of the language model that it belongs to; null for a layer with the weights that it
 *     starts with, on inputs from the standard normal distribution
 */
record DecodeShape(String name, ClusterPlan plan, @Nullable Path model) {
  /** As many classes as WikiText-103 has words. */
  static final DecodeShape RANDOM =
      new DecodeShape("random-267735", ClusterPlan.of(512, 267_735, 20_000, 40_000, 200_000), null);

  /**
   * A language model's output layer.
   *
   * @param model where it was published; the highest version counts
   * @throws IllegalArgumentException if there is none, or its softmax is not adaptive
   */
  static DecodeShape ofModel(ModelDirectory model) throws IOException {
    Path version = model.highestVersion().toAbsolutePath();
    return new DecodeShape(
        String.valueOf(model.base().getFileName()),
        TrainedModel.configuration(version).plan(),
        version);
  }
}
