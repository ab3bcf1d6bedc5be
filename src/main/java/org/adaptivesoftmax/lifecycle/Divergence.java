package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;

/**
 * The Jensen–Shannon divergence of two samples, without what chance adds to it.
 *
 * <p>Of two samples of the same text, the divergence of the shares is above 0, and near 1 while tokens are few. Given the
 * sum c of both counts of a token, and no drift, each of its occurrences is a live one with probability π = N / (M + N), of M
 * tokens then and N now: the live count is binomial. This gives the mean E and the variance of the divergence without drift,
 * summed over all tokens, exactly but for the condition that the live counts add up to N, which is met to first order (by
 * the covariance with that sum).
 */
final class Divergence {
  /** Binomial probabilities below this part of the largest one are left out. */
  private static final double NEGLIGIBLE = 1e-12;

  private final double perThen;
  private final double perNow;

  /** Sums over all tokens, without drift: mean and variance of the term, covariance with the live count, its variance. */
  private double mean;

  private double variance;
  private double covariance;
  private double countVariance;

  private Divergence(long[] then, long[] now) {
    perThen = 1.0 / Arrays.stream(then).sum();
    perNow = 1.0 / Arrays.stream(now).sum();
  }

  /** The divergence in bits, corrected as {@link Drift} says. */
  static Figure of(long[] then, long[] now) {
    Divergence divergence = new Divergence(then, now);
    divergence.addChance(then, now);
    return divergence.corrected(then, now);
  }

  /** The divergence in bits as it is, uncorrected. */
  static double plain(long[] then, long[] now) {
    Divergence divergence = new Divergence(then, now);
    double sum = 0;
    for (int rank = 0; rank < then.length; rank++) {
      sum += divergence.term(then[rank], now[rank]);
    }
    return sum;
  }

  private Figure corrected(long[] then, long[] now) {
    double plain = plain(then, now);
    double room = 1 - mean;
    if (room < 1e-9) {
      return new Figure(0, 0, 1);
    }
    double chance = variance - (countVariance > 0 ? covariance * covariance / countVariance : 0);
    double sampling =
        slopeVariance(now, perNow, then, perThen) + slopeVariance(then, perThen, now, perNow);
    double deviation = Math.sqrt(Math.max(0, chance) + Math.max(0, sampling));
    return Figure.within(0, 1, (plain - mean) / room, Figure.Z * deviation / room);
  }

  /** A token's part of the divergence. */
  private double term(long then, long now) {
    double p = then * perThen;
    double q = now * perNow;
    double middle = (p + q) / 2;
    return (xLog2(p, middle) + xLog2(q, middle)) / 2;
  }

  private static double xLog2(double x, double by) {
    return x == 0 ? 0 : x * Math.log(x / by) / Math.log(2);
  }

  /** Tokens with the same sum of both counts have the same chances, so that each sum is gone through once. */
  private void addChance(long[] then, long[] now) {
    long[] sums = new long[then.length];
    Arrays.setAll(sums, rank -> then[rank] + now[rank]);
    Arrays.sort(sums);
    double live = perThen / (perThen + perNow);
    for (int start = 0; start < sums.length; ) {
      int end = start;
      while (end < sums.length && sums[end] == sums[start]) {
        end++;
      }
      if (sums[start] > 0) {
        addChance(sums[start], live, end - start);
      }
      start = end;
    }
  }

  private void addChance(long sum, double live, int tokens) {
    long mode = (long) Math.min((double) sum, (sum + 1) * live);
    Moments moments = new Moments();
    moments.add(1, term(sum - mode, mode), 0);
    double weight = 1;
    for (long x = mode; x < sum && weight > NEGLIGIBLE; x++) {
      weight *= (double) (sum - x) / (x + 1) * live / (1 - live);
      moments.add(weight, term(sum - x - 1, x + 1), x + 1 - mode);
    }
    weight = 1;
    for (long x = mode; x > 0 && weight > NEGLIGIBLE; x--) {
      weight *= (double) x / (sum - x + 1) * (1 - live) / live;
      moments.add(weight, term(sum - x + 1, x - 1), x - 1 - mode);
    }
    mean += tokens * moments.mean();
    variance += tokens * moments.variance();
    covariance += tokens * moments.covariance();
    countVariance += tokens * sum * live * (1 - live);
  }

  /** Weighted sums of a term and of a count. */
  private static final class Moments {
    private double weights;
    private double terms;
    private double squares;
    private double counts;
    private double products;

    void add(double weight, double term, long count) {
      weights += weight;
      terms += weight * term;
      squares += weight * term * term;
      counts += weight * count;
      products += weight * term * count;
    }

    double mean() {
      return terms / weights;
    }

    double variance() {
      return Math.max(0, squares / weights - mean() * mean());
    }

    double covariance() {
      return products / weights - mean() * (counts / weights);
    }
  }

  /** The variance that one sample gives the divergence to first order: it is 0 without drift, and most with much. */
  private static double slopeVariance(
      long[] sample, double perSample, long[] other, double perOther) {
    double mean = 0;
    double square = 0;
    for (int rank = 0; rank < sample.length; rank++) {
      double q = sample[rank] * perSample;
      if (q > 0) {
        double slope = Math.log(2 * q / (q + other[rank] * perOther)) / Math.log(4);
        mean += q * slope;
        square += q * slope * slope;
      }
    }
    return (square - mean * mean) * perSample;
  }
}
