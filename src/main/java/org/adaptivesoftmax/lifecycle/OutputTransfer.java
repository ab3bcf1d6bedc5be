package org.adaptivesoftmax.lifecycle;

import java.util.stream.IntStream;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Gives the output layer of a re-bucketed model its weights.
 *
 * <p>On the scale of the old head ({@link OldScores}), class c has the score t<sub>c</sub>(h) = v<sub>c</sub> · h +
 * shift<sub>i</sub>(h), with v<sub>c</sub> its row in full width and i its old cluster. A new cluster j keeps the projection
 * T<sub>j</sub> and the rows of the words that stay in it. Since shift<sub>j</sub> is what these words' scores are relative to, a
 * word that moves in has to score t<sub>c</sub>(h) − shift<sub>j</sub>(h), which is not linear in h: its row is the ridge
 * regression of that on the cluster's features T<sub>j</sub> h, over hidden states of the corpus,
 *
 * <pre>{@code
 * w = A (X v + shift_i - shift_j),   A = ((X T_j')' (X T_j') + λ I)^-1 (X T_j')'
 * }</pre>
 *
 * <p>where the shortlist has the identity for T and no shift. One regression per cluster serves all its words. The entry of a
 * tail cluster has to score the log of the mass of all its words: its old row is corrected by the ridge regression of what it
 * is off. A new word starts from the old unknown word's score plus the log of its {@linkplain WordOrigins share}; the unknown word
 * gets what is left of that, and what the dropped words had.
 */
final class OutputTransfer {
  private final OutputRows older;
  private final OutputRows newer;
  private final WordOrigins origins;
  private final int unknownRank;

  /** Hidden states, [n][inFeatures]. */
  private final double[][] hidden;

  private final OldScores scores;

  /**
   * @param older the old layer
   * @param newer the new one, of as many clusters of the same widths; its arrays are filled
   * @param hiddenStates of the old model, [n, inFeatures]
   */
  OutputTransfer(
      OutputRows older,
      OutputRows newer,
      WordOrigins origins,
      Vocabulary words,
      ModelWeights weights,
      float[] hiddenStates) {
    this.older = older;
    this.newer = newer;
    this.origins = origins;
    unknownRank = words.unknownRank();
    int inFeatures = older.plan().inFeatures();
    hidden = new double[hiddenStates.length / inFeatures][inFeatures];
    for (int i = 0; i < hiddenStates.length; i++) {
      hidden[i / inFeatures][i % inFeatures] = hiddenStates[i];
    }
    scores = OldScores.of(weights, hiddenStates, membership(), newer.clusters());
  }

  /** Groups: 0 is the new unknown word, j the new tail cluster j. */
  private float[] membership() {
    int groups = newer.clusters();
    float[] shares = new float[older.plan().nClasses() * groups];
    for (int rank = 0; rank < newer.plan().nClasses(); rank++) {
      int cluster = newer.plan().cluster(rank);
      if (cluster > 0) {
        shares[origins.oldRank(rank) * groups + cluster] += (float) origins.share(rank);
      }
    }
    int unknown = newer.plan().cluster(unknownRank);
    shares[origins.oldRank(unknownRank) * groups] = (float) origins.share(unknownRank);
    for (int rank : origins.dropped()) {
      shares[rank * groups] = 1;
      if (unknown > 0) {
        shares[rank * groups + unknown] = 1;
      }
    }
    return shares;
  }

  /** Fills the new layer. */
  void run() {
    for (int cluster = 0; cluster < newer.clusters(); cluster++) {
      if (cluster > 0) {
        System.arraycopy(
            older.projection(cluster),
            0,
            newer.projection(cluster),
            0,
            older.projection(cluster).length);
      }
      new Cluster(cluster).fill();
    }
  }

  /** Whether a word stands for what it stood for, in the cluster where it stood. */
  private boolean stays(int rank) {
    return origins.keeps(rank)
        && older.plan().cluster(origins.oldRank(rank)) == newer.plan().cluster(rank);
  }

  private boolean hasTheSameWords(int cluster) {
    int start = newer.start(cluster);
    int end = newer.end(cluster);
    return end - start == older.end(cluster) - older.start(cluster)
        && IntStream.range(start, end).allMatch(this::stays);
  }

  /** One new cluster's regression and rows. */
  private final class Cluster {
    private final int cluster;
    private final int width;

    /** By feature: a column for each input feature, each old cluster's shift, the constant 1, the unknown word's score. */
    private final double[][] solved;

    Cluster(int cluster) {
      this.cluster = cluster;
      width = newer.width(cluster);
      solved = Ridge.solve(features(), targets());
    }

    private double[][] features() {
      if (cluster == 0) {
        return hidden;
      }
      float[] projection = older.projection(cluster);
      int inFeatures = older.plan().inFeatures();
      double[][] features = new double[hidden.length][width];
      for (int row = 0; row < hidden.length; row++) {
        for (int i = 0; i < width; i++) {
          double sum = 0;
          for (int j = 0; j < inFeatures; j++) {
            sum += hidden[row][j] * projection[i * inFeatures + j];
          }
          features[row][i] = sum;
        }
      }
      return features;
    }

    private double[][] targets() {
      int inFeatures = older.plan().inFeatures();
      int shifts = older.clusters();
      double[][] targets = new double[hidden.length][inFeatures + shifts + 1 + newer.clusters()];
      for (int row = 0; row < hidden.length; row++) {
        double[] target = targets[row];
        System.arraycopy(hidden[row], 0, target, 0, inFeatures);
        System.arraycopy(scores.shifts()[row], 0, target, inFeatures, shifts);
        target[inFeatures + shifts] = 1;
        System.arraycopy(
            scores.groups()[row], 0, target, inFeatures + shifts + 1, newer.clusters());
      }
      return targets;
    }

    void fill() {
      for (int rank = newer.start(cluster); rank < newer.end(cluster); rank++) {
        int oldRank = origins.oldRank(rank);
        if (stays(rank)) {
          System.arraycopy(
              older.rows(cluster),
              older.offset(oldRank),
              newer.rows(cluster),
              newer.offset(rank),
              width);
        } else if (rank == unknownRank) {
          write(newer.offset(rank), unknown());
        } else {
          write(newer.offset(rank), moved(oldRank, origins.share(rank)));
        }
      }
      if (cluster == 0) {
        for (int tail = 1; tail < newer.clusters(); tail++) {
          int entry = newer.entryOffset(tail);
          if (hasTheSameWords(tail)) {
            System.arraycopy(older.head(), older.entryOffset(tail), newer.head(), entry, width);
          } else {
            write(entry, entry(tail));
          }
        }
      }
    }

    private void write(int offset, double[] row) {
      float[] rows = newer.rows(cluster);
      for (int i = 0; i < width; i++) {
        rows[offset + i] = (float) row[i];
      }
    }

    /** A ( X v + shift of its old cluster + log share − shift of this one ). */
    private double[] moved(int oldRank, double share) {
      float[] full = older.fullWidth(oldRank);
      int shifts = full.length;
      int one = shifts + older.clusters();
      double[] row = new double[width];
      for (int i = 0; i < width; i++) {
        double sum = 0;
        if (cluster == 0) { // Its features are the input: nothing is lost.
          sum = full[i];
        } else {
          for (int j = 0; j < full.length; j++) {
            sum += solved[i][j] * full[j];
          }
        }
        row[i] =
            sum
                + solved[i][shifts + older.plan().cluster(oldRank)]
                - solved[i][shifts + cluster]
                + Math.log(share) * solved[i][one];
      }
      return row;
    }

    private double[] unknown() {
      int shifts = older.plan().inFeatures();
      int group = shifts + older.clusters() + 1;
      double[] row = new double[width];
      for (int i = 0; i < width; i++) {
        row[i] = solved[i][group] - solved[i][shifts + cluster];
      }
      return row;
    }

    /** The old entry's row, corrected: ridge regression is linear, and of the old score it would give back a shrunk row. */
    private double[] entry(int tail) {
      int inFeatures = older.plan().inFeatures();
      int group = inFeatures + older.clusters() + 1 + tail;
      double[] row = new double[width];
      int offset = older.entryOffset(tail);
      for (int i = 0; i < width; i++) {
        double old = older.head()[offset + i];
        double shrunk = 0;
        for (int j = 0; j < inFeatures; j++) {
          shrunk += solved[i][j] * older.head()[offset + j];
        }
        row[i] = old + solved[i][group] - shrunk;
      }
      return row;
    }
  }
}
