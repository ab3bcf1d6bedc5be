package org.adaptivesoftmax.cluster;

import org.adaptivesoftmax.internal.io.Require;

/**
 * What finding the most probable classes of a batch is expected to cost, in multiply-adds of a large matrix product.
 *
 * <p>The decoder scores the head for every row, and a tail cluster for the rows alone where its cluster entry is at least
 * as probable as the k-th best class found so far: no class of the cluster is more probable than its cluster entry. So
 * what counts is not how often a cluster holds the target, but how often its cluster entry <em>reaches</em> the k-th
 * best. A matrix of weights [m, d] that scores n of a batch's B rows costs
 *
 * <pre>{@code
 * n · m · (d + perLogit) + used · m · d · perWeight
 * }</pre>
 *
 * <p>for the products, for the softmax and the search over the scores, and for reading the weights if a row needs them.
 * The head has n = B and used = 1. A tail cluster that a row reaches with probability q has n = B · q and used = 1 − (1 −
 * q)<sup>B</sup>, for its projection [width, inFeatures] and its classes [size, width]; the softmax goes over the classes'
 * scores. Each of them costs {@code perCluster} beside that, reached or not, for starting its operations.
 *
 * <p><b>How often a cluster entry reaches the k-th best.</b> Scores of the head, up to what they share, are modelled as
 *
 * <pre>{@code
 * log(count) + spread · z,  z from the standard normal distribution, independent
 * }</pre>
 *
 * <p>that is as a bias, which says how frequent a class is, and a product of hidden state and weights, which says how it
 * fits the row. A cluster entry has the sum of its classes' counts. Of the S classes before the cluster, {@code above(x) =
 * Σ Φ((log(count) − x) / spread)} are expected to score more than x. With the x where that is k − ½, the score between
 * the k-th best and the next,
 *
 * <pre>{@code
 * q = Φ((log(count of the cluster) − x) / spread), and q = 1 if S < k
 * }</pre>
 *
 * <p>A count of 0 is taken for ½. What a row's best classes are, the counts alone cannot say: the spread stands for it. With
 * a small one every row has the most frequent classes for its best; with a large one a row's best are classes that fit it
 * well, and cluster entries reach them less often or more often, as their counts are large or small.
 *
 * <p>Costs compare plans; they are no times. The default constants are rounded from a least squares fit to calls of
 * twelve plans of a layer of 63,138 classes and 256 features, with batches of 1 to 256 rows (TensorFlow Java 1.1.0 on two
 * cores of a CPU).
 *
 * <pre>{@code
 * ServingCost costs = ServingCost.of(16, 10); // batches of 16 rows, the ten most probable classes
 * ClusterPlan plan = CutoffPlanner.builder(256, costs).build().plan(counts);
 * }</pre>
 *
 * @param batchRows rows of a batch, at least 1
 * @param k how many classes are wanted, at least 1
 * @param spread standard deviation of a score over rows, above 0 and finite, in nats
 * @param perCluster cost of starting the operations of one cluster, in multiply-adds, at least 0
 * @param perLogit cost of one score beside its products, in multiply-adds, at least 0
 * @param perWeight cost of reading one weight, in multiply-adds, at least 0
 */
public record ServingCost(
    int batchRows, int k, double spread, double perCluster, double perLogit, double perWeight)
    implements PlanCosts {
  /**
   * With it the model leaves out as much of the tail clusters' products as a trained language model of 59,272 words with
   * four tail clusters was measured to: 6 % for the ten best words.
   */
  public static final double DEFAULT_SPREAD = 1.25;

  /** Some 20 small operations, each of which takes time to start. */
  public static final double DEFAULT_PER_CLUSTER = 4.5e6;

  /** Softmax and the search for the best. */
  public static final double DEFAULT_PER_LOGIT = 300;

  /** Four bytes from memory. */
  public static final double DEFAULT_PER_WEIGHT = 35;

  /**
   * Checks the costs.
   *
   * @param batchRows rows of a batch, at least 1
   * @param k how many classes are wanted, at least 1
   * @param spread standard deviation of a score over rows, above 0 and finite
   * @param perCluster cost of starting the operations of one cluster, at least 0
   * @param perLogit cost of one score beside its products, at least 0
   * @param perWeight cost of reading one weight, at least 0
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public ServingCost {
    Require.argument(batchRows >= 1, "batchRows must be at least 1: %s", batchRows);
    Require.argument(k >= 1, "k must be at least 1: %s", k);
    Require.argument(
        spread > 0 && !Double.isInfinite(spread), "spread must be above 0 and finite: %s", spread);
    CostModel.requireCost("perCluster", perCluster);
    CostModel.requireCost("perLogit", perLogit);
    CostModel.requireCost("perWeight", perWeight);
  }

  /**
   * The default spread and constants.
   *
   * @param batchRows rows of a batch, at least 1
   * @param k how many classes are wanted, at least 1
   * @return the costs of such a batch
   * @throws IllegalArgumentException if an argument is below 1
   */
  public static ServingCost of(int batchRows, int k) {
    return new ServingCost(
        batchRows, k, DEFAULT_SPREAD, DEFAULT_PER_CLUSTER, DEFAULT_PER_LOGIT, DEFAULT_PER_WEIGHT);
  }

  /**
   * The same costs in milliseconds of one machine: its products take as long as they were measured to, the reading of
   * their weights included, and all else as long as that many multiply-adds of the largest of these products.
   *
   * @param times of the machine
   * @return the costs in milliseconds per batch
   */
  public PlanCosts measured(ProductTimes times) {
    return new TimedCall(this, times);
  }

  /**
   * How often each tail cluster must be scored for a row.
   *
   * @param plan the clusters
   * @param counts of all classes, in any order; they are ranked here
   * @return a probability for each tail cluster
   * @throws IllegalArgumentException if there are not {@code plan.nClasses()} counts, one is negative, or all are 0
   */
  public double[] reach(ClusterPlan plan, long[] counts) {
    EntryReach reach = new EntryReach(k, spread, RankedCounts.of(plan, counts));
    double[] ofTails = new double[plan.nTails()];
    for (int tail = 0; tail < ofTails.length; tail++) {
      ofTails[tail] = reach.probability(plan.tailStart(tail), plan.tailEnd(tail));
    }
    return ofTails;
  }

  @Override
  public Clusters ofClasses(int inFeatures, long[] countsByRank) {
    EntryReach reach = new EntryReach(k, spread, RankedCounts.inOrder(countsByRank));
    return new FormulaClusters(inFeatures, this::head, this::tail, reach::probability);
  }

  @Override
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    CostModel.requireLayer(inFeatures, nClasses);
    return head(inFeatures, nClasses);
  }

  private double head(double inFeatures, double size) {
    return perCluster + batchRows * size * (inFeatures + perLogit) + size * inFeatures * perWeight;
  }

  private double tail(double inFeatures, double width, double size, double reach) {
    double weights = width * (inFeatures + size);
    return perCluster
        + batchRows * reach * (weights + size * perLogit)
        + CostModel.anyRow(batchRows, reach) * weights * perWeight;
  }
}
