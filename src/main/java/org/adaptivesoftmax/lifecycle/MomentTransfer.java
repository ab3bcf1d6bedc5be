package org.adaptivesoftmax.lifecycle;

import java.util.function.UnaryOperator;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.AdamMoments;

/**
 * Carries the optimizer's state over to another vocabulary: what belongs to no word (the recurrent part, projections, cluster
 * entries) and the rows of words that stay keep both moments. A row that is new, or that its word's move has replaced, has no
 * gradients behind it: its first moment is zero, and its second the mean of its cluster's. With zero for the second, too, the
 * bias correction, which is that of the old rows' many steps, would make its first step about three times the learning rate, by Adam's formula; which start learns best was not measured.
 */
final class MomentTransfer {
  private final Vocabulary olderWords;
  private final Vocabulary newerWords;
  private final WordOrigins origins;
  private final LanguageModelConfiguration configuration;

  /**
   * @param configuration of the new model
   */
  MomentTransfer(
      Vocabulary olderWords, Vocabulary newerWords, LanguageModelConfiguration configuration) {
    this.olderWords = olderWords;
    this.newerWords = newerWords;
    this.configuration = configuration;
    origins = WordOrigins.of(olderWords, newerWords);
  }

  AdamMoments of(AdamMoments older) {
    return new AdamMoments(
        older.steps(),
        moved(older.first(), mean -> new float[mean.length]),
        moved(older.second(), UnaryOperator.identity()));
  }

  /**
   * @param start of a row without a past, from the mean of the old rows in its place
   */
  private ModelWeights moved(ModelWeights older, UnaryOperator<float[]> start) {
    ModelWeights newer = ModelWeights.initial(configuration);
    newer.copyLstm(older);
    embedding(older, newer, start);
    OutputRows from = new OutputRows(older);
    OutputRows to = new OutputRows(newer);
    for (int cluster = 0; cluster < to.clusters(); cluster++) {
      if (cluster > 0) {
        copy(from.projection(cluster), 0, to.projection(cluster), 0, to.projection(cluster).length);
        copy(
            from.head(),
            from.entryOffset(cluster),
            to.head(),
            to.entryOffset(cluster),
            to.width(0));
      }
      rows(from, to, cluster, start);
    }
    return newer;
  }

  private void embedding(ModelWeights older, ModelWeights newer, UnaryOperator<float[]> start) {
    int width = configuration.embedding();
    float[] without = start.apply(mean(older.embedding(), olderWords.size(), width));
    for (int rank = 0; rank < newerWords.size(); rank++) {
      String word = newerWords.word(rank);
      if (olderWords.contains(word)) {
        int old = olderWords.rank(word);
        copy(older.embedding(), old * width, newer.embedding(), rank * width, width);
      } else {
        copy(without, 0, newer.embedding(), rank * width, width);
      }
    }
  }

  private void rows(OutputRows from, OutputRows to, int cluster, UnaryOperator<float[]> start) {
    int width = to.width(cluster);
    float[] without =
        start.apply(mean(from.rows(cluster), from.end(cluster) - from.start(cluster), width));
    for (int rank = to.start(cluster); rank < to.end(cluster); rank++) {
      int old = origins.oldRank(rank);
      if (origins.keeps(rank) && from.plan().cluster(old) == cluster) {
        copy(from.rows(cluster), from.offset(old), to.rows(cluster), to.offset(rank), width);
      } else {
        copy(without, 0, to.rows(cluster), to.offset(rank), width);
      }
    }
  }

  private static float[] mean(float[] rows, int count, int width) {
    double[] sums = new double[width];
    for (int i = 0; i < count * width; i++) {
      sums[i % width] += rows[i];
    }
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      mean[i] = (float) (sums[i] / count);
    }
    return mean;
  }

  private static void copy(float[] from, int start, float[] to, int place, int length) {
    System.arraycopy(from, start, to, place, length);
  }
}
