package org.adaptivesoftmax.cluster;

/**
 * The clusters of a layer whose costs are formulas of their sizes, and of how likely a row is to need a tail cluster.
 *
 * @param inFeatures width of the input
 * @param head cost of a head
 * @param tail cost of a tail cluster
 * @param probability that a row needs the tail cluster of some ranks
 */
record FormulaClusters(int inFeatures, Head head, Tail tail, Probability probability)
    implements PlanCosts.Clusters {
  /** Cost of a head with so many outputs. */
  @FunctionalInterface
  interface Head {
    double cost(double inFeatures, double size);
  }

  /** Cost of a tail cluster that a row needs with this probability. */
  @FunctionalInterface
  interface Tail {
    double cost(double inFeatures, double width, double size, double probability);
  }

  /** The probability of a tail cluster, by its first rank and the first after it. */
  @FunctionalInterface
  interface Probability {
    double of(int start, int end);
  }

  @Override
  public double head(int shortlist, int tails) {
    return head.cost(inFeatures, shortlist + (double) tails);
  }

  @Override
  public double tail(int start, int end, int width) {
    return tail.cost(inFeatures, width, end - start, probability.of(start, end));
  }
}
