package org.adaptivesoftmax.cluster;

/** {@link CostModel} in milliseconds of a machine. */
record TimedStep(CostModel costs, ProductTimes times) implements PlanCosts {
  @Override
  public Clusters ofClasses(int inFeatures, long[] countsByRank) {
    RankedCounts counts = RankedCounts.inOrder(countsByRank);
    Timed timed = new Timed(costs, times);
    return new FormulaClusters(inFeatures, timed::head, timed::tail, counts::share);
  }

  @Override
  public double fullSoftmaxCost(int inFeatures, int nClasses) {
    CostModel.requireLayer(inFeatures, nClasses);
    return new Timed(costs, times).head(inFeatures, nClasses);
  }

  /** The formulas of {@link CostModel} with products that take the time of the grid. */
  private static final class Timed {
    private final CostModel costs;
    private final TimeGrid step;
    private final double unit;

    Timed(CostModel costs, ProductTimes times) {
      this.costs = costs;
      this.step = times.grid(times.stepMs());
      this.unit = times.perMultiplyAddMs();
    }

    double head(double inFeatures, double size) {
      double beside =
          costs.perCluster()
              + costs.batchRows() * size * costs.perLogit()
              + size * inFeatures * costs.perWeight();
      return unit * beside + step.at(costs.batchRows(), inFeatures, size);
    }

    double tail(double inFeatures, double width, double size, double share) {
      double used = CostModel.anyRow(costs.batchRows(), share);
      double rows = costs.batchRows() * share;
      double beside =
          used * costs.perCluster()
              + rows * size * costs.perLogit()
              + width * (inFeatures + size) * costs.perWeight();
      return unit * beside
          + (used == 0
              ? 0
              : used
                  * (step.at(rows / used, inFeatures, width) + step.at(rows / used, width, size)));
    }
  }
}
