package org.adaptivesoftmax.cluster;

import java.util.Arrays;
import java.util.Optional;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Renews an order of classes from new counts without moving what chance alone has moved. A class that changes cluster loses
 * the weights that it had learned there, and two samples of the same text disagree about thousands of classes whose counts
 * are near a cutoff.
 *
 * <p><b>The cutoffs.</b> The previous cutoffs and divValue stay, as long as they cost at most 1 + {@code maxExtraCost} times
 * what a plan made anew from the new counts costs, both with the classes ranked by these. Otherwise the new plan's count.
 *
 * <p><b>Who moves.</b> Ranked by the new counts, a cutoff lies between two of them; let t be their mean. If n is a class's
 * true expected count, the count that is seen has a Poisson distribution with variance n. So a class keeps its cluster as
 * long as t is among the expected counts that the count seen does not refute, at the cutoff where it would leave the
 * cluster:
 *
 * <pre>{@code
 * |count − t| ≤ deviations · √t
 * }</pre>
 *
 * <p>the score interval of a Poisson mean. A class beyond that goes to where its rank is. So does a new class. A class that
 * is not among the new counts is gone.
 *
 * <p><b>What it may cost.</b> The clusters that this makes, with as many classes and targets as they have, must cost at most
 * 1 + {@code maxExtraCost} times what the new plan costs, and none may be empty. If they do not, the rule is tried with ¾,
 * ½ and ¼ of the deviations and with 0, where only classes whose count equals t keep their cluster; and if that costs too much as
 * well, or the new plan has another number of tail clusters, classes are as the new plan has them.
 *
 * <p>Costs are reckoned as if classes occurred as the counts before and now, scaled to the same sum, say together. The new
 * counts alone would understate what a new plan costs: it calls those classes rare whose counts came out low, and in the text
 * to come they are more frequent than that. Where the counts before are not known, the new ones must do, and the rule
 * keeps fewer classes.
 *
 * <pre>{@code
 * StablePlan renewed =
 *     StabilityRule.DEFAULT.renew(
 *         previous, previousRanks, previousCounts, counts, planner.plan(counts), costs);
 * }</pre>
 *
 * @param deviations how many standard deviations beyond a cutoff a class must be, at least 0 and finite
 * @param maxExtraCost what the result may cost more than a new plan, as a share of its cost, at least 0 and finite
 */
public record StabilityRule(double deviations, double maxExtraCost) {
  /** An error of 99 in 100, and half a percent of the cost. */
  public static final StabilityRule DEFAULT = new StabilityRule(2.576, 0.005);

  private static final double[] PARTS = {1, 0.75, 0.5, 0.25, 0};

  /**
   * Checks the rule.
   *
   * @param deviations how many standard deviations beyond a cutoff a class must be, at least 0 and finite
   * @param maxExtraCost what the result may cost more than a new plan, at least 0 and finite
   * @throws IllegalArgumentException if an argument is out of its range
   */
  public StabilityRule {
    CostModel.requireCost("deviations", deviations);
    CostModel.requireCost("maxExtraCost", maxExtraCost);
  }

  /**
   * Renews an order.
   *
   * @param previous the plan so far
   * @param previousRanks the rank so far of each class of the new counts; −1 for a new class
   * @param previousCounts the count so far of each class, 0 for a new one; none if they are not known
   * @param counts the new count of each class; classes with the same count are ranked as they come here
   * @param fresh the plan that is made anew from these counts
   * @param costs what a step or a call costs
   * @return the new order, its plan and what moves
   * @throws IllegalArgumentException if there are not as many ranks and counts as the fresh plan has classes, two classes
   *     had the same rank, a rank is not one of the previous plan's, a count is negative, all are 0, or the plans differ
   *     in inFeatures
   */
  public StablePlan renew(
      ClusterPlan previous,
      int[] previousRanks,
      long[] previousCounts,
      long[] counts,
      ClusterPlan fresh,
      PlanCosts costs) {
    Require.argument(
        previous.inFeatures() == fresh.inFeatures(),
        "inFeatures must be as before: %d, before %d",
        fresh.inFeatures(),
        previous.inFeatures());
    StablePlan anew =
        StablePlan.byRank(previous, previousRanks, previousCounts, counts, fresh, costs);
    long[] expected = StablePlan.expected(previousCounts, counts);
    Renewal renewal = new Renewal(previous, previousRanks, expected, counts, costs);
    double limit = anew.cost() * (1 + maxExtraCost);
    ClusterPlan base =
        renewal.unchanged().filter(plan -> renewal.ranked(plan).cost() <= limit).orElse(fresh);
    if (base.nTails() != previous.nTails()) {
      return anew;
    }
    return Arrays.stream(PARTS)
        .mapToObj(part -> renewal.keeping(base, part * deviations))
        .flatMap(Optional::stream)
        .filter(plan -> plan.cost() <= limit)
        .findFirst()
        .orElse(anew);
  }
}
