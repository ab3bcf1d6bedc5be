package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * How far live text is from the text that a model was built on. All figures have intervals of 95 in 100, found by formula:
 * nothing is drawn at random.
 *
 * <p>{@code jsDivergence} and {@code linf} compare the shares p of the tokens then with the shares q now, as TensorFlow Data
 * Validation compares the values of a string feature; all unknown tokens are one value:
 *
 * <pre>{@code
 * jsDivergence = ½ · Σ p · log2(p / m) + ½ · Σ q · log2(q / m),  m = (p + q) / 2
 * linf         = max |p − q|
 * }</pre>
 *
 * <p>The logarithm has base 2, so that the divergence is 0 for the same text and 1 for texts without a common token. Of a
 * sample, it is too high by chance: 200 tokens of the very same text may have 0.6. Its value is therefore corrected as {@code
 * (plain − E) / (1 − E)}, where E is its mean if there were no drift, given how often each token was seen in both texts
 * together; below 0 it is 0. Its interval is that of a normal distribution whose variance is that without drift, and that of
 * the divergence's slope. {@code linf} is not corrected; its interval holds for all tokens at once.
 *
 * @param jsDivergence of the tokens' distributions, in bits, corrected
 * @param linf the largest difference of a token's shares
 * @param unknownThen the share of tokens that trained the unknown word
 * @param unknownNow the share of live tokens that the model does not know, or knows without training; the interval reaches
 *     up to where all tokens are unknown that approximate counts leave out
 * @param shares of the tokens in the clusters
 * @param expectedCostRatio the expected cost with the shares now, as a multiple of that with the shares then
 * @param migrations tokens that would stand in another cluster
 */
public record Drift(
    Figure jsDivergence,
    Figure linf,
    Figure unknownThen,
    Figure unknownNow,
    ClusterShares shares,
    Figure expectedCostRatio,
    Migrations migrations) {
  /**
   * Compares counts.
   *
   * @param counts then and now
   * @param costs what the clusters cost
   * @return the figures
   */
  public static Drift of(DriftCounts counts, ShareCosts costs) {
    long[] then = counts.then();
    long[] now = counts.now();
    ClusterShares shares = ClusterShares.of(counts);
    double tokens = Arrays.stream(now).sum();
    return new Drift(
        Divergence.of(then, now),
        LargestDifference.of(then, now),
        unknown(counts, then, 0),
        unknown(counts, now, counts.unlisted()),
        shares,
        costRatio(counts.plan(), costs, shares, tokens),
        Migrations.of(counts));
  }

  private static Figure unknown(DriftCounts counts, long[] of, long unlisted) {
    double tokens = Arrays.stream(of).sum();
    double unknown = counts.unknownRank().isPresent() ? of[counts.unknownRank().getAsInt()] : 0;
    Figure share = Figure.share(unknown, tokens);
    double high = Math.min(1, share.high() + unlisted / tokens);
    return new Figure(share.value(), share.low(), high);
  }

  /** By the slope of the cost in each cluster's share, and the multinomial variance of the shares. */
  private static Figure costRatio(
      ClusterPlan plan, ShareCosts costs, ClusterShares shares, double tokens) {
    double[] then = ClusterShares.values(shares.then());
    double[] now = ClusterShares.values(shares.now());
    double planned = costs.of(plan, then);
    double cost = costs.of(plan, now);
    double mean = 0;
    double square = 0;
    for (int cluster = 0; cluster < now.length; cluster++) {
      // A cluster that few tokens have not met is not known to be empty: four tokens like the
      // model's own are added.
      double share = (now[cluster] * tokens + 4 * then[cluster]) / (tokens + 4);
      double[] more = now.clone();
      double step = more[cluster] < 0.5 ? 1e-3 : -1e-3;
      more[cluster] += step;
      double slope = (costs.of(plan, more) - cost) / step;
      mean += share * slope;
      square += share * slope * slope;
    }
    double deviation = Math.sqrt(Math.max(0, square - mean * mean) / tokens);
    return Figure.within(0, Double.MAX_VALUE, cost / planned, Figure.Z * deviation / planned);
  }

  /**
   * What to do about it.
   *
   * @param thresholds how much drift is too much
   * @return the advice, with the figures that led to it
   */
  public DriftAdvice advice(DriftThresholds thresholds) {
    return DriftAdvice.of(this, thresholds);
  }
}
