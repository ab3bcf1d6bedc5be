package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.lifecycle.Drift;
import org.adaptivesoftmax.lifecycle.DriftCounts;
import org.adaptivesoftmax.lifecycle.DriftThresholds;
import org.adaptivesoftmax.lifecycle.Figure;
import org.adaptivesoftmax.lifecycle.GroupDifference;
import org.adaptivesoftmax.lifecycle.ModelComparison;
import org.adaptivesoftmax.lifecycle.ModelQuality;
import org.adaptivesoftmax.lifecycle.QualityReport;
import org.adaptivesoftmax.lifecycle.SliceFigures;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.WordCounts;
import org.jspecify.annotations.Nullable;

/**
 * A report.
 *
 * @param report the directory that it was written to
 * @param quality of the models
 * @param drift of the corpus from the model's own counts; null if the model has none
 */
record ReportResult(
    String report, @JsonUnwrapped QualityReport quality, @Nullable DriftResult drift)
    implements CommandResult {
  private static final int PLANNED_ROWS = 640;

  static ReportResult of(
      Path out, PublishedLanguageModel model, QualityReport quality, Corpus corpus)
      throws IOException {
    return new ReportResult(out.toString(), quality, drift(model, corpus));
  }

  private static @Nullable DriftResult drift(PublishedLanguageModel model, Corpus corpus)
      throws IOException {
    boolean counted = model.counted() != null && model.counted().tokenizer().equals(Tokenizer.ID);
    WordCounts now = WordCounts.of(corpus);
    if (!counted || now.byWord().size() < 2) {
      return null;
    }
    DriftCounts counts = DriftCounts.of(model.configuration().plan(), model.vocabulary(), now, 0);
    Drift drift = Drift.of(counts, CostModel.ofBatch(PLANNED_ROWS)::expectedCostOfShares);
    return DriftResult.of(
        model.version(),
        model.vocabulary(),
        drift,
        drift.advice(DriftThresholds.builder().build()));
  }

  /** Every group that another model treats otherwise, in words. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (ModelComparison comparison : quality.comparisons()) {
      for (GroupDifference group : comparison.groups()) {
        if (group.warning()) {
          warnings.add(
              String.format(
                  Locale.ROOT,
                  "group %s is %s off than with %s: loss against all %.3f, was %.3f (p = %.2g of %d"
                      + " groups)",
                  group.group(),
                  group.ratio().value() > 1 ? "worse" : "better",
                  comparison.against(),
                  group.lossRatio(),
                  group.lossRatioAgainst(),
                  group.adjustedP(),
                  comparison.groups().size()));
        }
      }
    }
    return warnings;
  }

  @Override
  public String text() {
    List<String> lines = new ArrayList<>();
    for (ModelQuality model : quality.models()) {
      SliceFigures all = model.slices().get(0);
      lines.add("%-28s %s".formatted("model", model.model()));
      lines.add(line("  perplexity", all.perplexity(), "%.2f"));
      lines.add(line("  top 1 accuracy", all.top1Accuracy(), "%.4f"));
      lines.add(line("  top 5 accuracy", all.top5Accuracy(), "%.4f"));
      lines.add(line("  calibration error", all.calibrationError(), "%.4f"));
    }
    for (ModelComparison comparison : quality.comparisons()) {
      lines.add("%-28s %s".formatted("against", comparison.against()));
      lines.add(line("  perplexity ratio", comparison.slices().get(0).perplexityRatio(), "%.4f"));
    }
    warnings().forEach(warning -> lines.add("warning: " + warning));
    lines.add("%-28s %s".formatted("report", report));
    return String.join(System.lineSeparator(), lines);
  }

  private static String line(String name, Figure figure, String digits) {
    String all = "%-28s " + digits + " (" + digits + " to " + digits + ")";
    return String.format(all, name, figure.value(), figure.low(), figure.high());
  }
}
