package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.PlanReport.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * A plan that was chosen.
 *
 * @param report what each cluster gets and costs
 * @param expectedStepMs milliseconds of a training step, or of a batch's top k
 * @param migrations what moves from the plan before; null without one
 */
@JsonPropertyOrder({
  "cutoffs",
  "divValue",
  "widths",
  "shares",
  "costShares",
  "expectedStepMs",
  "parameters",
  "migrations"
})
record PlanResult(
    @JsonIgnore PlanReport report,
    double expectedStepMs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Migrated migrations)
    implements CommandResult {
  /**
   * Tokens that change cluster, as shares of the tokens that are in both vocabularies.
   *
   * @param up how many move to more frequent tokens
   * @param down how many move to rarer ones
   * @param share of the tokens that move
   * @param shareWithoutRule of the tokens that a plan made anew would move
   * @param extraCost what the plan costs more than one made anew, as a share of its cost; below 0 if it costs less
   * @param added tokens that are new
   * @param dropped tokens that are gone
   */
  record Migrated(
      int up,
      int down,
      double share,
      double shareWithoutRule,
      double extraCost,
      int added,
      int dropped) {}

  /** Where the ranked vocabulary is cut. */
  @JsonProperty
  List<Integer> cutoffs() {
    return report.plan().cutoffs();
  }

  /** Factor by which tail clusters narrow. */
  @JsonProperty
  double divValue() {
    return report.plan().divValue();
  }

  /** Width of the head, then of each tail cluster. */
  @JsonProperty
  List<Integer> widths() {
    return report.clusters().stream().map(Cluster::width).toList();
  }

  /** Share of the tokens of the shortlist, then of each tail cluster. */
  @JsonProperty
  List<Double> shares() {
    return report.clusters().stream().map(Cluster::share).toList();
  }

  /** Share of the expected cost of the head, then of each tail cluster. */
  @JsonProperty
  List<Double> costShares() {
    return report.clusters().stream().map(Cluster::costShare).toList();
  }

  /** Number of weights, biases aside. */
  @JsonProperty
  long parameters() {
    return report.weights();
  }

  @Override
  public String text() {
    List<String> lines = new ArrayList<>(PlanTable.lines(report));
    lines.add("");
    lines.add("%-16s %s".formatted("cutoffs", cutoffs()));
    lines.add("%-16s %s".formatted("divValue", divValue()));
    lines.add("%-16s %,.2f ms".formatted("expected step", expectedStepMs));
    lines.add("%-16s %,d".formatted("parameters", parameters()));
    if (migrations != null) {
      lines.add(
          "%-16s %,d up, %,d down: %.2f %% of the tokens, %.2f %% if planned anew"
              .formatted(
                  "migrations",
                  migrations.up,
                  migrations.down,
                  100 * migrations.share,
                  100 * migrations.shareWithoutRule));
      lines.add(
          "%-16s %,d added, %,d dropped".formatted("tokens", migrations.added, migrations.dropped));
      lines.add("%-16s %+.2f %% of a new plan's".formatted("cost", 100 * migrations.extraCost));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
