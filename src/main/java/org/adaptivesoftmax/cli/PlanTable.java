package org.adaptivesoftmax.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.TailSplit;

/** The clusters of a plan for a reader: ranks, size and width, share of the words and share of a step's expected cost. */
final class PlanTable {
  private static final String ROW = "%-16s %16s %16s %9s %9s";

  private PlanTable() {}

  /** A heading, and a line for the shortlist and for each tail cluster. */
  static List<String> lines(PlanReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(ROW.formatted("cluster", "ranks", "size × width", "words", "cost"));
    for (PlanReport.Cluster cluster : report.clusters()) {
      lines.add(
          ROW.formatted(
              lines.size() == 1 ? "shortlist" : "tail cluster " + (lines.size() - 1),
              cluster.start() + ".." + (cluster.end() - 1),
              "%,d × %d".formatted(cluster.size(), cluster.width()),
              "%.1f %%".formatted(100 * cluster.share()),
              "%.1f %%".formatted(100 * cluster.costShare())));
    }
    return lines;
  }

  /** A line for each tail task. */
  static List<String> lines(PlanReport report, TailSplit tails) {
    List<String> lines = new ArrayList<>();
    for (int task = 0; task < tails.tasks(); task++) {
      lines.add(
          "tail task %d holds tail cluster %s, %.1f %% of the cost"
              .formatted(
                  task,
                  tails.tailsOf(task).stream()
                      .map(tail -> Integer.toString(tail + 1))
                      .collect(Collectors.joining(" and ")),
                  100 * tails.costShare(report, task)));
    }
    return lines;
  }
}
