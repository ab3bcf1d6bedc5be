package org.adaptivesoftmax.cluster;

/** {@link ServingCost} in milliseconds of a machine. */
record TimedCall(ServingCost costs, ProductTimes times) implements PlanCosts {
  @Override
  public Clusters ofClasses(int inFeatures, long[] countsByRank) {
    EntryReach reach =
        new EntryReach(costs.k(), costs.spread(), RankedCounts.inOrder(countsByRank));
    Timed timed = new Timed(costs, times);
    return new FormulaClusters(inFeatures, timed::head, timed::tail, reach::probability);
  }

  @Override
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    CostModel.requireLayer(inFeatures, nClasses);
    return new Timed(costs, times).head(inFeatures, nClasses);
  }

  /** The formulas of {@link ServingCost} with products that take the time of the grid, weights read. */
  private static final class Timed {
    private final ServingCost costs;
    private final TimeGrid scores;
    private final double unit;

    Timed(ServingCost costs, ProductTimes times) {
      this.costs = costs;
      this.scores = times.grid(times.scoresMs());
      this.unit = times.perMultiplyAddMs();
    }

    double head(double inFeatures, double size) {
      return unit * (costs.perCluster() + costs.batchRows() * size * costs.perLogit())
          + scores.at(costs.batchRows(), inFeatures, size);
    }

    double tail(double inFeatures, double width, double size, double reach) {
      double used = CostModel.anyRow(costs.batchRows(), reach);
      double rows = costs.batchRows() * reach;
      return unit * (costs.perCluster() + rows * size * costs.perLogit())
          + (used == 0
              ? 0
              : used
                  * (scores.at(rows / used, inFeatures, width)
                      + scores.at(rows / used, width, size)));
    }
  }
}
