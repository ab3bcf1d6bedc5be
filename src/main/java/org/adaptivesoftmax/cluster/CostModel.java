package org.adaptivesoftmax.cluster;

/**
 * What one training step of an output layer is expected to cost, in multiply-adds of a large matrix product.
 *
 * <p>Grave et al. ("Efficient softmax approximation for GPUs", ICML 2017, section 4) measure the product of n rows with k
 * classes as a constant up to some size and linear above it. Here both parts are spelled out, for loss and gradients
 * together. A matrix of weights [k, d] that scores n rows costs
 *
 * <pre>{@code
 * perCluster + n · k · (3 · d + perLogit) + k · d · perWeight
 * }</pre>
 *
 * <p>3 products (scores, gradient of the rows, gradient of the weights), the softmax over n · k scores, and, whatever n
 * is, one pass over the weights that writes their gradient and updates them. All B rows of a batch meet the head. A
 * tail cluster with share p of the targets is met by n = B · p of them and pays {@code perCluster} with probability
 * 1 − (1 − p)<sup>B</sup>; its weights are the projection [width, inFeatures] and the classes [size, width], whose two
 * groups of 3 products are counted, and one softmax over its size.
 *
 * <p>The defaults are rounded from a least squares fit to steps of 23 such layers (n from 5 to 640, d from 4 to 256, k
 * from 500 to 50,000) in TensorFlow Java 1.1.0 on 2 CPU cores, the weights updated by a dense Adam. The model then has
 * a root mean square error of 25 %. The costs are ratios, so that they hold for a faster machine of the same kind.
 *
 * @param batchRows rows of a batch (for a language model, sequences × steps), at least 1
 * @param perCluster cost of starting the operations of one cluster, at least 0
 * @param perLogit cost of one score beside its products, at least 0
 * @param perWeight cost of one weight per step beside its products, at least 0
 */
public record CostModel(int batchRows, double perCluster, double perLogit, double perWeight) {
  /** 0.1 ms of some 30 small operations. */
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
    require(batchRows >= 1, "batchRows must be at least 1: " + batchRows);
    requireCost("perCluster", perCluster);
    requireCost("perLogit", perLogit);
    requireCost("perWeight", perWeight);
  }

  /**
   * The default costs.
   *
   * @param batchRows rows of a batch, at least 1
   * @return the costs of such a batch
   * @throws IllegalArgumentException if {@code batchRows} is below 1
   */
  public static CostModel ofBatch(int batchRows) {
    return new CostModel(batchRows, DEFAULT_PER_CLUSTER, DEFAULT_PER_LOGIT, DEFAULT_PER_WEIGHT);
  }

  /**
   * The expected cost of a step of an adaptive softmax.
   *
   * @param plan its clusters
   * @param counts of all classes, in any order; they are ranked here
   * @return the cost in multiply-adds
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  public double expectedCost(ClusterPlan plan, long[] counts) {
    require(
        counts.length == plan.nClasses(),
        "counts must hold nClasses (%d) values: %d".formatted(plan.nClasses(), counts.length));
    RankedCounts ranked = RankedCounts.of(counts);
    double cost = head(plan.inFeatures(), plan.headSize());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      double share = ranked.share(plan.tailStart(tail), plan.tailEnd(tail));
      cost += tail(plan.inFeatures(), plan.tailWidth(tail), plan.tailSize(tail), share);
    }
    return cost;
  }

  /**
   * The cost of a step of a full softmax over the same classes.
   *
   * @param inFeatures width of the input, at least 1
   * @param nClasses number of classes, at least 2
   * @return the cost in multiply-adds
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    require(inFeatures >= 1, "inFeatures must be at least 1: " + inFeatures);
    require(nClasses >= 2, "nClasses must be at least 2: " + nClasses);
    return head(inFeatures, nClasses);
  }

  double head(double inFeatures, double size) {
    return perCluster
        + batchRows * size * (PRODUCTS * inFeatures + perLogit)
        + size * inFeatures * perWeight;
  }

  double tail(double inFeatures, double width, double size, double share) {
    double rows = batchRows * share;
    double used = -Math.expm1(batchRows * Math.log1p(-share));
    double weights = width * (inFeatures + size);
    return used * perCluster + rows * (PRODUCTS * weights + perLogit * size) + weights * perWeight;
  }

  private static void requireCost(String name, double cost) {
    require(
        cost >= 0 && !Double.isInfinite(cost), name + " must be at least 0 and finite: " + cost);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
