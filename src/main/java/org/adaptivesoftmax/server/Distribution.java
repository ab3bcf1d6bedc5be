package org.adaptivesoftmax.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.decoding.SampleOptions;

/**
 * The log-probabilities of all classes for one row, by rank: what they would be under a bias or at another temperature, and
 * where the exact search for the best would look. The definitions are those of {@code decoding}, which works on batches inside
 * a graph; here the row is known already, and whoever asks may want anything.
 */
final class Distribution {
  private final double[] logProbs;

  private Distribution(double[] logProbs) {
    this.logProbs = logProbs;
  }

  /**
   * @param logProbs by rank, which sum to 1 as probabilities
   */
  static Distribution of(float[] logProbs) {
    return new Distribution(
        IntStream.range(0, logProbs.length).mapToDouble(rank -> logProbs[rank]).toArray());
  }

  /** Whether every value is a number, infinity included. */
  boolean isAnswered() {
    return Arrays.stream(logProbs).noneMatch(Double::isNaN);
  }

  double logProb(int rank) {
    return logProbs[rank];
  }

  /**
   * p'(c) = p(c) exp(b_c) / Σ p exp(b).
   *
   * @param bias by rank, finite or −∞; 0 for ranks that are not named
   * @throws RequestFailure if no class is left
   */
  Distribution biased(Map<Integer, Double> bias) {
    double[] biased = logProbs.clone();
    bias.forEach((rank, value) -> biased[rank] += value);
    return normalized(biased);
  }

  /** The probability of the classes from one rank to another, exclusive. */
  double probability(int from, int to) {
    return Math.exp(logSumExp(logProbs, from, to));
  }

  /** The ranks of the k best, best first; among equals the lower rank first. */
  List<Integer> best(int k) {
    return IntStream.range(0, logProbs.length)
        .boxed()
        .sorted(Comparator.comparingDouble(rank -> -logProbs[rank]))
        .limit(k)
        .toList();
  }

  /**
   * Which tail clusters the exact search for the k best scores. It goes from the most frequent cluster to the rarest, and
   * leaves one out when its probability, which bounds that of each of its classes, is below the k-th best found by then. What
   * it left out before holds none of the k best, so that the k-th best of all ranks before the cluster is the same.
   */
  List<Boolean> scored(ClusterPlan plan, int k) {
    List<Boolean> scored = new ArrayList<>();
    for (int tail = 0; tail < plan.nTails(); tail++) {
      int start = plan.tailStart(tail);
      double entry = logSumExp(logProbs, start, plan.tailEnd(tail));
      scored.add(start < k || entry >= kthBest(start, k));
    }
    return scored;
  }

  private double kthBest(int ranks, int k) {
    double[] seen = Arrays.copyOf(logProbs, ranks);
    Arrays.sort(seen);
    return seen[ranks - k];
  }

  /**
   * Draws a class.
   *
   * @return its rank
   */
  int draw(SampleOptions options, RandomGenerator random) {
    double[] tempered =
        Arrays.stream(logProbs).map(logProb -> logProb / options.temperature()).toArray();
    Distribution sharp = normalized(tempered);
    List<Integer> kept =
        sharp.best(Math.min(options.topK().orElse(logProbs.length), logProbs.length));
    double total = kept.stream().mapToDouble(sharp::probability).sum();
    double wanted = options.topP().orElse(1) * total;
    double sum = 0;
    int count = 0;
    while (count < kept.size() && (count == 0 || sum < wanted)) {
      sum += sharp.probability(kept.get(count++));
    }
    double left = random.nextDouble() * sum;
    for (int rank : kept.subList(0, count)) {
      left -= sharp.probability(rank);
      if (left < 0) {
        return rank;
      }
    }
    return kept.get(0); // Rounding left something over.
  }

  private double probability(int rank) {
    return Math.exp(logProbs[rank]);
  }

  private static Distribution normalized(double[] logits) {
    double sum = logSumExp(logits, 0, logits.length);
    if (sum == Double.NEGATIVE_INFINITY) {
      throw RequestFailure.invalid("bias leaves no class");
    }
    return new Distribution(Arrays.stream(logits).map(logit -> logit - sum).toArray());
  }

  private static double logSumExp(double[] values, int from, int to) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      max = Math.max(max, values[i]);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      return max;
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.exp(values[i] - max);
    }
    return max + Math.log(sum);
  }
}
