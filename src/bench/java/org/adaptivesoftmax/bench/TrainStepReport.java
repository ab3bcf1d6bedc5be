package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The times of training steps: the loss, its gradient by the input and by every weight.
 *
 * @param device that computed
 * @param threads that computed
 * @param environment what computed: each runtime with its version, and the settings it ran with
 * @param results by shape
 */
public record TrainStepReport(
    String device, int threads, List<String> environment, List<ShapeTimes> results) {
  private static final String ROW = "%-15s %-13s %9s %20s %8s %8s %7s%n";

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s, %d threads, %s%n".formatted(device, threads, String.join(", ", environment)));
    text.append(
        "Loss, input gradient and all weight gradients. ms: median and quartiles of the rounds; x: median of the"
            + " rounds' ratios; MB: peak memory above weights and inputs.\n\n");
    text.append(ROW.formatted("shape", "", "ms", "quartiles", "x floor", "x ours", "MB"));
    results.forEach(result -> append(text, result));
    return text.toString().stripTrailing();
  }

  private static void append(StringBuilder text, ShapeTimes result) {
    String shape = result.shape().name();
    for (Map.Entry<Contender, Measured> entry : result.measured().entrySet()) {
      Contender contender = entry.getKey();
      Measured measured = entry.getValue();
      text.append(
          ROW.formatted(
              shape,
              contender,
              number("%.1f", measured.medianMs()),
              "%.1f..%.1f".formatted(measured.quartilesMs().get(0), measured.quartilesMs().get(1)),
              number("%.2f", result.ratio(contender, Contender.MATMUL_FLOOR)),
              number("%.2f", result.ratio(contender, Contender.OURS)),
              number("%.0f", measured.mb())));
      shape = "";
    }
    if (result.fullSoftmaxSkipped() != null) {
      text.append(
          "%-15s %s not measured: %s%n"
              .formatted("", Contender.FULL_SOFTMAX, result.fullSoftmaxSkipped()));
    }
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? "-" : format.formatted(value);
  }
}
