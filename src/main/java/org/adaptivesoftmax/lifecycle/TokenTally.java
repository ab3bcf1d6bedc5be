package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.inference.LineScores;

/**
 * Sums over the tokens of a text and of its bootstrap replicates, by part. Its memory does not depend on the text: a line is added
 * to every replicate at once, with its weight in each.
 */
final class TokenTally {
  /** Equal bins of confidence, as Guo et al. have them. */
  static final int BINS = 15;

  private static final int TOKENS = 0;
  private static final int NATS = 1;
  private static final int BEST = 2;
  private static final int AMONG_TOP = 3;
  private static final int HEAD_ANSWERS = 4;

  /** By bin: hits − confidences. */
  private static final int GAP = 5;

  /** By cluster: tokens. */
  private static final int CLUSTER = GAP + BINS;

  private static final int MOST_SLICES = 4;

  private final TokenSlices slices;
  private final LineWeights weights;
  private final ClusterPlan routes;

  /** [slice][statistic][1 + replicates]; what no token touched is empty. */
  private final double[][][] sums;

  private final long[] lines;

  /** Of the line that is added, [slice][statistic]. */
  private final double[][] ofLine;

  private final double[] binTokens = new double[BINS];
  private final double[] binConfidences = new double[BINS];
  private final double[] binHits = new double[BINS];

  /**
   * @param routes the clusters of the model that is tallied
   */
  TokenTally(TokenSlices slices, LineWeights weights, ClusterPlan routes) {
    this.slices = slices;
    this.weights = weights;
    this.routes = routes;
    int parts = slices.slices().size();
    sums = new double[parts][CLUSTER + routes.nTails() + 1][0];
    lines = new long[parts];
    ofLine = new double[parts][CLUSTER + routes.nTails() + 1];
  }

  void add(LineScores line) {
    int[] parts = new int[MOST_SLICES];
    boolean[] touched = new boolean[ofLine.length];
    for (int token = 0; token < line.tokens(); token++) {
      int count = slices.of(line, token, parts);
      for (int i = 0; i < count; i++) {
        touched[parts[i]] = true;
        add(line, token, ofLine[parts[i]]);
      }
      addToBin(line, token);
    }
    double[] weight = weights.of(line.line());
    for (int part = 0; part < touched.length; part++) {
      if (touched[part]) {
        lines[part]++;
        addWeighted(weight, ofLine[part], sums[part]);
        Arrays.fill(ofLine[part], 0);
      }
    }
  }

  private void add(LineScores line, int token, double[] to) {
    int hit = line.places()[token] == 0 ? 1 : 0;
    float confidence = line.confidences()[token];
    int target = line.targets()[token];
    int best = line.best()[token];
    to[TOKENS]++;
    to[NATS] -= line.logProbs()[token];
    to[BEST] += hit;
    to[AMONG_TOP] += line.places()[token] < LineScores.TOP ? 1 : 0;
    to[HEAD_ANSWERS] += best != LineScores.OTHER && best < routes.shortlistSize() ? 1 : 0;
    to[GAP + bin(confidence)] += hit - confidence;
    if (target != LineScores.OTHER) {
      to[CLUSTER + routes.cluster(target)]++;
    }
  }

  private void addToBin(LineScores line, int token) {
    int bin = bin(line.confidences()[token]);
    binTokens[bin]++;
    binConfidences[bin] += line.confidences()[token];
    binHits[bin] += line.places()[token] == 0 ? 1 : 0;
  }

  /** Guo et al.: bin m holds the confidences in (m / 15, (m + 1) / 15]. */
  static int bin(float confidence) {
    return Math.max(0, Math.min(BINS - 1, (int) Math.ceil((double) confidence * BINS) - 1));
  }

  private static void addWeighted(double[] weight, double[] ofLine, double[][] to) {
    for (int statistic = 0; statistic < ofLine.length; statistic++) {
      double value = ofLine[statistic];
      if (value != 0) {
        if (to[statistic].length == 0) {
          to[statistic] = new double[weight.length];
        }
        double[] sum = to[statistic];
        for (int i = 0; i < weight.length; i++) {
          sum[i] += weight[i] * value;
        }
      }
    }
  }

  private Resampled sum(int part, int statistic) {
    double[] sum = sums[part][statistic];
    return new Resampled(sum.length > 0 ? sum : new double[1 + weights.replicates()]);
  }

  /** By the tokens of the part; NaN in a replicate without any. */
  private Resampled mean(int part, int statistic) {
    return sum(part, statistic).with(sum(part, TOKENS), (x, tokens) -> x / tokens);
  }

  long tokens(int part) {
    return (long) sum(part, TOKENS).value();
  }

  /** Lines with a token of the part. */
  long lines(int part) {
    return lines[part];
  }

  /** The mean loss, in nats. */
  Resampled loss(int part) {
    return mean(part, NATS);
  }

  Resampled perplexity(int part) {
    return loss(part).map(Math::exp);
  }

  /** The share of tokens that are the most probable class. */
  Resampled top1(int part) {
    return mean(part, BEST);
  }

  Resampled top5(int part) {
    return mean(part, AMONG_TOP);
  }

  /** The share of tokens in whose place the most probable class is one of the shortlist. */
  Resampled headAnswers(int part) {
    return mean(part, HEAD_ANSWERS);
  }

  /** The share of tokens in each cluster of the model. */
  List<Resampled> clusterShares(int part) {
    return IntStream.rangeClosed(0, routes.nTails())
        .mapToObj(cluster -> mean(part, CLUSTER + cluster))
        .toList();
  }

  /** The expected calibration error: Σ |hits − confidences| of each bin / tokens. */
  Resampled calibrationError(int part) {
    Resampled gaps = sum(part, GAP).map(Math::abs);
    for (int bin = 1; bin < BINS; bin++) {
      gaps = gaps.with(sum(part, GAP + bin), (all, gap) -> all + Math.abs(gap));
    }
    return gaps.with(sum(part, TOKENS), (gap, tokens) -> gap / tokens);
  }

  /** Of all tokens: the bins that have one. */
  List<ReliabilityBin> reliability() {
    List<ReliabilityBin> bins = new ArrayList<>();
    for (int bin = 0; bin < BINS; bin++) {
      if (binTokens[bin] > 0) {
        bins.add(
            new ReliabilityBin(
                (double) bin / BINS,
                (bin + 1.0) / BINS,
                (long) binTokens[bin],
                binConfidences[bin] / binTokens[bin],
                binHits[bin] / binTokens[bin]));
      }
    }
    return bins;
  }
}
