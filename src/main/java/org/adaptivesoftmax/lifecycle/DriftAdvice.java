package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What to do about drift: the most that a threshold asks for which a figure surely exceeds, that is with the lower end of its
 * interval.
 *
 * @param action what to do
 * @param reasons each threshold that is exceeded; none if the action is to keep the model
 */
public record DriftAdvice(Action action, List<Reason> reasons) {
  /** What to do, from the least to the most. */
  public enum Action {
    /** The model fits its text. */
    KEEP,
    /** Order, cutoffs and vocabulary are to be renewed from new counts. */
    REBUCKET,
    /** The text is another one: the model is to be trained anew. */
    RETRAIN
  }

  /**
   * A threshold that is exceeded.
   *
   * @param figure its name, as {@code js_divergence}
   * @param low the least that the figure is
   * @param threshold what it exceeds
   * @param action what that asks for
   */
  public record Reason(String figure, double low, double threshold, Action action) {}

  /**
   * Copies the list.
   *
   * @param action what to do
   * @param reasons each threshold that is exceeded
   */
  public DriftAdvice {
    reasons = List.copyOf(reasons);
  }

  static DriftAdvice of(Drift drift, DriftThresholds thresholds) {
    Migrations migrations = drift.migrations();
    double newUnknown = drift.unknownNow().low() - drift.unknownThen().high();
    double moved = Math.max(migrations.up().low(), migrations.down().low());
    double divergence = drift.jsDivergence().low();
    List<Reason> reasons = new ArrayList<>();
    reasons.add(
        new Reason("js_divergence", divergence, thresholds.retrainJsDivergence(), Action.RETRAIN));
    reasons.add(
        new Reason("unknown_rate", newUnknown, thresholds.retrainUnknownRate(), Action.RETRAIN));
    reasons.add(
        new Reason(
            "js_divergence", divergence, thresholds.rebucketJsDivergence(), Action.REBUCKET));
    reasons.add(new Reason("linf", drift.linf().low(), thresholds.rebucketLinf(), Action.REBUCKET));
    reasons.add(
        new Reason("unknown_rate", newUnknown, thresholds.rebucketUnknownRate(), Action.REBUCKET));
    reasons.add(
        new Reason(
            "expected_cost_ratio",
            drift.expectedCostRatio().low(),
            thresholds.rebucketCostRatio(),
            Action.REBUCKET));
    reasons.add(new Reason("migrations", moved, thresholds.rebucketMigrations(), Action.REBUCKET));
    reasons.removeIf(reason -> reason.low() <= reason.threshold());
    Action action =
        reasons.stream().map(Reason::action).max(Comparator.naturalOrder()).orElse(Action.KEEP);
    return new DriftAdvice(action, reasons);
  }
}
