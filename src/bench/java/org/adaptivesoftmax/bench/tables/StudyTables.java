package org.adaptivesoftmax.bench.tables;

import static org.adaptivesoftmax.bench.tables.Results.measured;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.adaptivesoftmax.bench.study.Interval;
import org.adaptivesoftmax.bench.study.RunGroup;
import org.adaptivesoftmax.bench.study.StudyReport;
import org.adaptivesoftmax.bench.study.Variant;

/**
 * Softmax and AS-Softmax compared over several seeds.
 *
 * @param results what was measured
 */
record StudyTables(Results results) {
  private static final String ENCODER = "as-softmax-encoder";
  private static final double PERCENT = 0.01;
  private static final String NONE = "–";

  /** With a bag of n-grams. */
  String study() throws IOException {
    JsonNode report = results.read("as-softmax-study");
    return StudyReport.of(report).markdown().strip() + "\n\n" + measured(report);
  }

  /** Other losses than AS-Softmax in the place of softmax, with a bag of n-grams. */
  String losses() throws IOException {
    JsonNode json = results.read("other-losses");
    Table table = Table.of("data", "loss", "accuracy, %", "against softmax", "macro F1, %");
    for (RunGroup group : StudyReport.of(json).groups()) {
      RunGroup.Metrics metrics = group.metrics();
      table.row(
          group.data(),
          group.variant(),
          metrics.accuracy().text(PERCENT, 2),
          group.variant().equals(Variant.BASELINE)
              ? ""
              : metrics.accuracyAgainstSoftmax().text(PERCENT, 2),
          metrics.macroF1().text(PERCENT, 2));
    }
    return table + "\n\n" + measured(json);
  }

  /** With a pretrained encoder: beside what the paper has, in full, and as curves. Before it is measured, the paper's alone. */
  String encoderStudy() throws IOException {
    if (!results.exists(ENCODER)) {
      return besideThePaper(Optional.empty()).toString();
    }
    JsonNode json = results.read(ENCODER);
    StudyReport report = StudyReport.of(json);
    return "%s\n\n%s\n\n%s\n\n%s"
        .formatted(
            besideThePaper(Optional.of(report)),
            report.markdown().strip(),
            measured(json),
            curves(report));
  }

  /** Lv et al., 2025, fine-tuned BERT-base. */
  private static Table besideThePaper(Optional<StudyReport> report) {
    Table table = Table.of("SST-5", "the paper, BERT-base", "here, MiniLM-L6");
    Function<RunGroup, String> accuracy = group -> group.metrics().accuracy().text(PERCENT, 2);
    table.row("softmax, accuracy, %", "51.90", found(report, Variant.BASELINE, accuracy));
    table.row("AS-Softmax, accuracy, %", "53.12", found(report, "as-softmax", accuracy));
    table.row(
        "AS-Speed, times as fast as softmax", "1.2", found(report, "as-speed", StudyTables::speed));
    table.row(
        "speculative skipping, times as fast as softmax",
        NONE,
        found(report, "speculative-skipping", StudyTables::speed));
    return table;
  }

  private static String found(
      Optional<StudyReport> report, String variant, Function<RunGroup, String> figure) {
    return report.flatMap(all -> all.group("sst5", variant)).map(figure).orElse(NONE);
  }

  private static String speed(RunGroup group) {
    Interval speedup = Objects.requireNonNull(group.encoder(), "an encoder's run").speedup();
    return speedup.text(1, 2);
  }

  private static Table curves(StudyReport report) {
    Table table = Table.of("accuracy against time", "finished rows against epoch");
    for (String data : report.byData().keySet()) {
      table.row(curve(data, "accuracy"), curve(data, "finished"));
    }
    return table;
  }

  private static String curve(String data, String of) {
    return "![%s](as-softmax/encoder/%s-%s.png)".formatted(data, data, of);
  }
}
