package org.adaptivesoftmax.cli;

import java.util.function.Function;
import org.adaptivesoftmax.lifecycle.DriftThresholds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much drift is too much. */
final class DriftThresholdOptions {
  @Option(
      names = "--rebucket-js-divergence",
      paramLabel = "BITS",
      description = "Divergence above which to re-bucket (default: 0.05).")
  private @Nullable Double rebucketJsDivergence;

  @Option(
      names = "--retrain-js-divergence",
      paramLabel = "BITS",
      description = "Divergence above which to train anew (default: 0.2).")
  private @Nullable Double retrainJsDivergence;

  @Option(
      names = "--rebucket-linf",
      paramLabel = "SHARE",
      description = "Change of a token's share above which to re-bucket (default: 0.05).")
  private @Nullable Double rebucketLinf;

  @Option(
      names = "--rebucket-unknown-rate",
      paramLabel = "SHARE",
      description = "Share of newly unknown tokens above which to re-bucket (default: 0.02).")
  private @Nullable Double rebucketUnknownRate;

  @Option(
      names = "--retrain-unknown-rate",
      paramLabel = "SHARE",
      description = "Share of newly unknown tokens above which to train anew (default: 0.1).")
  private @Nullable Double retrainUnknownRate;

  @Option(
      names = "--rebucket-cost-ratio",
      paramLabel = "RATIO",
      description = "Multiple of the planned cost above which to re-bucket (default: 1.1).")
  private @Nullable Double rebucketCostRatio;

  @Option(
      names = "--rebucket-migrations",
      paramLabel = "SHARE",
      description = "Share of tokens that would move above which to re-bucket (default: 0.05).")
  private @Nullable Double rebucketMigrations;

  DriftThresholds thresholds() {
    DriftThresholds.Builder thresholds = DriftThresholds.builder();
    set(rebucketJsDivergence, thresholds::rebucketJsDivergence);
    set(retrainJsDivergence, thresholds::retrainJsDivergence);
    set(rebucketLinf, thresholds::rebucketLinf);
    set(rebucketUnknownRate, thresholds::rebucketUnknownRate);
    set(retrainUnknownRate, thresholds::retrainUnknownRate);
    set(rebucketCostRatio, thresholds::rebucketCostRatio);
    set(rebucketMigrations, thresholds::rebucketMigrations);
    return thresholds.build();
  }

  private static void set(
      @Nullable Double value, Function<Double, DriftThresholds.Builder> setting) {
    if (value != null) {
      var unused = setting.apply(value);
    }
  }
}
