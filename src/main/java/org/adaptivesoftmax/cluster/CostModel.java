package org.adaptivesoftmax.cluster;

import org.adaptivesoftmax.internal.io.Require;

/**
 * What one training step of an output layer is expected to cost, in multiply-adds of a large matrix product.
 *
 * <p>Grave et al. ("Efficient softmax approximation for GPUs", ICML 2017, section 4) model the product of n rows with k
 * classes as a constant up to some size and linear above it. Here both parts are spelled out, for loss and gradients
 * together. A matrix of weights [k, d] that scores n rows costs
 *
 * <pre>{@code
 * perCluster + n · k · (3 · d + perLogit) + k · d · perWeight
 * }</pre>
 *
 * <ul>
 *   <li>3 · n · k · d multiply-adds: the scores, the gradient of the rows, and the gradient of the weights;
 *   <li>n · k · perLogit for the softmax over the scores;
 *   <li>k · d · perWeight, whatever n is: the gradient of every weight is written and every weight updated.
 * </ul>
 *
 * <p>Of a batch of B rows,
 *
 * <ul>
 *   <li>the head meets all: n = B, d = inFeatures, k = the shortlist and a cluster entry per tail cluster;
 *   <li>a tail cluster that holds a share p of the targets meets n = B · p, and pays {@code perCluster} only if there is
 *       such a row, that is with probability 1 − (1 − p)<sup>B</sup>. Its weights are the projection [width, inFeatures]
 *       and the classes [size, width]; both are multiplied three times, and one softmax goes over its {@code size}
 *       scores.
 * </ul>
 *
 * <p>Costs compare plans; they are no times. The default constants are rounded from a least squares fit to measured
 * steps of 23 layers (n from 5 to 640, d from 4 to 256, k from 500 to 50,000; TensorFlow Java 1.1.0 on a CPU, a dense
 * Adam), which the model meets with a root mean square error of 25 %. On a faster machine of the same kind the ratios
 * stay much the same. For another kind, as a GPU, where starting an operation is dear and a product cheap, raise {@code
 * perCluster}, {@code perLogit} and {@code perWeight} in proportion.
 *
 * <pre>{@code
 * CostModel costs = CostModel.ofBatch(640);
 * double speedup = costs.fullSoftmaxCost(256, 50_000) / costs.expectedCost(plan, counts);
 * }</pre>
 *
 * @param batchRows rows of a batch (for a language model, sequences × steps), at least 1
 * @param perCluster cost of starting the operations of one cluster, in multiply-adds, at least 0
 * @param perLogit cost of one score beside its products, in multiply-adds, at least 0
 * @param perWeight cost of one weight per step beside its products, in multiply-adds, at least 0
 */
public record CostModel(int batchRows, double perCluster, double perLogit, double perWeight)
    implements PlanCosts {
  /** Some 30 small operations, each of which takes time to start. */
  public static final double DEFAULT_PER_CLUSTER = 1e7;

  /** Softmax, its maximum and the scatter at the targets: four passes over the scores. */
  public static final double DEFAULT_PER_LOGIT = 150;

  /** Gradient written; weight and both moments of Adam read and written. */
  public static final double DEFAULT_PER_WEIGHT = 150;

  /** Scores, gradient of the rows, gradient of the weights. */
  private static final int PRODUCTS = 3;

  /**
   * Checks the costs.
   *
   * @param batchRows rows of a batch, at least 1
   * @param perCluster cost of starting the operations of one cluster, at least 0
   * @param perLogit cost of one score beside its products, at least 0
   * @param perWeight cost of one weight per step beside its products, at least 0
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public CostModel {
    Require.argument(batchRows >= 1, "batchRows must be at least 1: %s", batchRows);
    requireCost("perCluster", perCluster);
    requireCost("perLogit", perLogit);
    requireCost("perWeight", perWeight);
  }

  /**
   * The default constants.
   *
   * @param batchRows rows of a batch, at least 1
   * @return the costs of such a batch
   * @throws IllegalArgumentException if {@code batchRows} is below 1
   */
  public static CostModel ofBatch(int batchRows) {
    return new CostModel(batchRows, DEFAULT_PER_CLUSTER, DEFAULT_PER_LOGIT, DEFAULT_PER_WEIGHT);
  }

  /**
   * The same costs in milliseconds of one machine: its products take as long as they were measured to, and all else as
   * long as that many multiply-adds of the largest of these products.
   *
   * @param times of the machine
   * @return the costs in milliseconds per step
   */
  public PlanCosts measured(ProductTimes times) {
    return new TimedStep(this, times);
  }

  @Override
  public Clusters ofClasses(int inFeatures, long[] countsByRank) {
    RankedCounts counts = RankedCounts.inOrder(countsByRank);
    return new FormulaClusters(inFeatures, this::head, this::tail, counts::share);
  }

  /**
   * The cost of a step of a full softmax over the same classes.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @return the cost in multiply-adds
   * @throws IllegalArgumentException if an argument is out of its range
   */
  @Override
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    requireLayer(inFeatures, nClasses);
    return head(inFeatures, nClasses);
  }

  /**
   * The expected cost of a step of an adaptive softmax whose targets fall into its clusters as they do, whatever the ranks say.
   *
   * @param plan its clusters
   * @param shares of the targets in the head's shortlist, then in each tail cluster, each in 0..1
   * @return the cost in multiply-adds
   * @throws IllegalArgumentException if there is not a share for each cluster, or one is out of its range
   */
  public double expectedCostOfShares(ClusterPlan plan, double[] shares) {
    Require.argument(
        shares.length == 1 + plan.nTails(),
        "shares must hold %d values, one per cluster: %d",
        1 + plan.nTails(),
        shares.length);
    double cost = head(plan.inFeatures(), plan.headSize());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      double share = shares[1 + tail];
      Require.argument(share >= 0 && share <= 1, "shares must be in 0..1: %s", share);
      cost += tail(plan.inFeatures(), plan.tailWidth(tail), plan.tailSize(tail), share);
    }
    return cost;
  }

  double head(double inFeatures, double size) {
    return perCluster
        + batchRows * size * (PRODUCTS * inFeatures + perLogit)
        + size * inFeatures * perWeight;
  }

  double tail(double inFeatures, double width, double size, double share) {
    return tailOfAnyWidth(size, share) + width * tailPerWidth(inFeatures, size, share);
  }

  /** The part of a tail cluster's cost that its width leaves as it is. */
  private double tailOfAnyWidth(double size, double share) {
    return anyRow(batchRows, share) * perCluster + batchRows * share * perLogit * size;
  }

  /** What a tail cluster costs more if it is wider by 1. */
  private double tailPerWidth(double inFeatures, double size, double share) {
    return (inFeatures + size) * (PRODUCTS * batchRows * share + perWeight);
  }

  /** The probability that at least one of {@code rows} rows needs what each needs with this probability. */
  static double anyRow(int rows, double probability) {
    return -Math.expm1(rows * Math.log1p(-probability));
  }

  static void requireLayer(int inFeatures, int nClasses) {
    Require.argument(inFeatures >= 1, "inFeatures must be at least 1: %s", inFeatures);
    Require.argument(nClasses >= 2, "nClasses must be at least 2: %s", nClasses);
  }

  static void requireCost(String name, double cost) {
    Require.argument(
        cost >= 0 && !Double.isInfinite(cost), "%s must be at least 0 and finite: %s", name, cost);
  }
}
