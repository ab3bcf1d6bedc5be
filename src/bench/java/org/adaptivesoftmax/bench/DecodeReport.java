package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.Map;

/**
 * The times of finding the most probable classes.
 *
 * @param device that computed
 * @param threads that computed
 * @param environment what computed: each runtime with its version, and the settings it ran with
 * @param results by layer and batch
 */
public record DecodeReport(
    String device, int threads, List<String> environment, List<DecodeTimes> results) {
  private static final String ROW = "%-16s %6s %-13s %10s %20s %8s %14s%n";

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s, %d threads, %s%n".formatted(device, threads, String.join(", ", environment)));
    text.append(
        "The exact top k and its log-probabilities. ms: median and quartiles of the rounds; x: median of the rounds'"
            + " ratios.\n\n");
    text.append(ROW.formatted("layer", "batch", "", "ms", "quartiles", "x ours", "tails skipped"));
    results.forEach(result -> append(text, result));
    return text.toString().stripTrailing();
  }

  private static void append(StringBuilder text, DecodeTimes result) {
    for (Map.Entry<Contender, Measured> entry : result.measured().entrySet()) {
      Contender contender = entry.getKey();
      boolean ours = contender == Contender.OURS;
      text.append(
          ROW.formatted(
              ours ? result.shape() : "",
              ours ? result.batch() : "",
              contender,
              "%.2f".formatted(entry.getValue().medianMs()),
              "%.2f..%.2f".formatted(entry.getValue().quartilesMs().toArray()),
              "%.2f".formatted(result.ratioToOurs(contender)),
              ours ? "%.1f %%".formatted(100 * result.tailWorkSkipped()) : ""));
    }
  }
}
