package org.adaptivesoftmax.lifecycle;

import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.model.ModelWeights;

/**
 * The output layer's weights by row. Cluster 0 is the shortlist, cluster i tail cluster i, counted from 1; a full softmax is all
 * shortlist. Arrays are the model's own.
 */
final class OutputRows {
  private final ModelWeights weights;
  private final ClusterPlan plan;
  private final boolean full;

  OutputRows(ModelWeights weights) {
    this.weights = weights;
    LanguageModelConfiguration model = weights.configuration();
    full = model.softmax() == Softmax.FULL;
    plan = full ? ClusterPlan.headAlone(model.hidden(), model.vocabulary()) : model.plan();
  }

  /** How the layer is divided; a full softmax is not. */
  ClusterPlan plan() {
    return plan;
  }

  int clusters() {
    return plan.nTails() + 1;
  }

  /** The first rank of a cluster. */
  int start(int cluster) {
    return cluster == 0 ? 0 : plan.tailStart(cluster - 1);
  }

  /** The first rank after a cluster. */
  int end(int cluster) {
    return cluster == 0 ? plan.shortlistSize() : plan.tailEnd(cluster - 1);
  }

  /** The width of a cluster's rows. */
  int width(int cluster) {
    return cluster == 0 ? plan.inFeatures() : plan.tailWidth(cluster - 1);
  }

  /** [headSize, inFeatures]. */
  float[] head() {
    return weights.output(full ? "weight" : "head.weight");
  }

  /** [width, inFeatures] of a tail cluster. */
  float[] projection(int cluster) {
    return weights.output("tail." + (cluster - 1) + ".0.weight");
  }

  /** The rows of a cluster's classes, [size, width]; the shortlist's are followed by the cluster entries. */
  float[] rows(int cluster) {
    return cluster == 0 ? head() : weights.output("tail." + (cluster - 1) + ".1.weight");
  }

  /** Where a class's row begins in {@link #rows} of its cluster. */
  int offset(int rank) {
    int cluster = plan.cluster(rank);
    return (cluster == 0 ? rank : rank - plan.tailStart(cluster - 1)) * width(cluster);
  }

  /** Where the entry of a tail cluster begins in {@link #head}. */
  int entryOffset(int cluster) {
    return (plan.shortlistSize() + cluster - 1) * plan.inFeatures();
  }

  /** A class's row in full width: its own in the shortlist, w T for row w of a tail cluster with projection T. */
  float[] fullWidth(int rank) {
    int cluster = plan.cluster(rank);
    int inFeatures = plan.inFeatures();
    float[] row = new float[inFeatures];
    int offset = offset(rank);
    float[] rows = rows(cluster);
    if (cluster == 0) {
      System.arraycopy(rows, offset, row, 0, inFeatures);
      return row;
    }
    float[] projection = projection(cluster);
    for (int i = 0; i < width(cluster); i++) {
      float factor = rows[offset + i];
      for (int j = 0; j < inFeatures; j++) {
        row[j] += factor * projection[i * inFeatures + j];
      }
    }
    return row;
  }
}
