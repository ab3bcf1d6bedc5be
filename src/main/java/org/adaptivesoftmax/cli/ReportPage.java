package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.lifecycle.Figure;
import org.adaptivesoftmax.lifecycle.GenerationFigures;
import org.adaptivesoftmax.lifecycle.GroupRouting;
import org.adaptivesoftmax.lifecycle.ModelComparison;
import org.adaptivesoftmax.lifecycle.ModelQuality;
import org.adaptivesoftmax.lifecycle.QualityReport.Measured;
import org.adaptivesoftmax.lifecycle.Slice;
import org.adaptivesoftmax.lifecycle.SliceComparison;
import org.adaptivesoftmax.lifecycle.SliceFigures;
import org.adaptivesoftmax.lifecycle.TextFigures;
import org.jspecify.annotations.Nullable;

/** A report as one page that needs nothing else: no script, no file beside it. */
final class ReportPage {
  /** With fewer, an interval by resampling lines is too narrow. */
  private static final int FEW_LINES = 20;

  private static final String STYLE =
      """
      :root{color-scheme:light dark;--line:#999;--warn:#b00020}
      @media(prefers-color-scheme:dark){:root{--warn:#ff8a80}}
      body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1rem}
      main{max-width:70rem;margin:auto}
      .wide{overflow-x:auto}
      table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}
      caption{text-align:left;font-weight:600;padding:.3rem 0}
      th,td{border:1px solid var(--line);padding:.2rem .6rem;text-align:right}
      th[scope=row]{text-align:left}
      .warning{color:var(--warn);font-weight:600}
      figure{margin:1rem 0}
      img{max-width:100%;height:auto;background:#fff}
      """;

  private final ReportResult result;
  private final List<ModelQuality> models;
  private final Html html = new Html();

  private ReportPage(ReportResult result) {
    this.result = result;
    models = result.quality().models();
  }

  static String of(ReportResult result) throws IOException {
    return new ReportPage(result).whole();
  }

  /** What a model is called in tables and plots: paths are long. */
  static String letter(int model) {
    return "model " + (model < 26 ? String.valueOf((char) ('A' + model)) : "" + (model + 1));
  }

  static String cluster(int cluster) {
    return cluster == 0 ? "shortlist" : "tail cluster " + cluster;
  }

  private String whole() throws IOException {
    html.text("h1", "Report on " + models.get(0).model());
    what();
    result.warnings().forEach(warning -> html.text("p", "warning", "Warning: " + warning));
    html.text("h2", "Each model");
    for (int i = 0; i < models.size(); i++) {
      figures(letter(i) + ": " + models.get(i).model(), models.get(i).slices());
    }
    plots();
    for (int i = 0; i < result.quality().comparisons().size(); i++) {
      comparison(result.quality().comparisons().get(i), letter(i + 1));
    }
    groups();
    vocabulary();
    generation();
    meaning();
    return html.page("Report on " + models.get(0).model(), STYLE);
  }

  private void what() {
    Measured measured = result.quality().measured();
    html.text(
        "p",
        format(
                "%s: %,d lines, %,d tokens, each line from its beginning and its end counted as a token.",
                measured.corpus(), measured.lines(), measured.tokens())
            + format(
                " Intervals are of 95 in 100, from %,d bootstrap replicates of whole lines, seed %d.",
                measured.resamples(), measured.seed()));
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      ModelQuality model = models.get(i);
      rows.add(
          List.of(letter(i), model.model(), model.softmax(), format("%,d", model.vocabulary())));
    }
    html.table("Models", List.of("", "version", "softmax", "words"), rows);
  }

  private void figures(String caption, List<SliceFigures> slices) {
    List<List<String>> rows = new ArrayList<>();
    for (SliceFigures slice : slices) {
      rows.add(
          List.of(
              name(slice.slice()) + (slice.lines() < FEW_LINES ? " †" : ""),
              format("%,d", slice.tokens()),
              number(slice.perplexity(), "%,.2f"),
              percent(slice.top1Accuracy()),
              percent(slice.top5Accuracy()),
              number(slice.calibrationError(), "%.4f")));
    }
    html.table(
        caption,
        List.of("", "tokens", "perplexity", "top 1, %", "top 5, %", "calibration error"),
        rows);
  }

  private void plots() throws IOException {
    boolean deciles =
        models.get(0).slices().stream()
            .anyMatch(slice -> slice.slice().kind() == Slice.Kind.DECILE);
    if (deciles) {
      html.picture(
          ReportPlots.lossByDecile(models),
          "Mean loss of each model by frequency decile; the table above has the same figures as"
              + " perplexities.");
    } else {
      html.text("p", "The model has no counts of its own, so there are no deciles.");
    }
    html.picture(
        ReportPlots.reliability(models),
        "Reliability: the share of right answers by the probability that the model gives them. A"
            + " calibrated model lies on the diagonal.");
    for (int i = 0; i < models.size(); i++) {
      html.table(
          "Reliability of " + letter(i),
          List.of("probability", "tokens", "mean probability", "accuracy"),
          models.get(i).reliability().stream()
              .map(
                  bin ->
                      List.of(
                          format("%.3f to %.3f", bin.above(), bin.upTo()),
                          format("%,d", bin.tokens()),
                          format("%.4f", bin.confidence()),
                          format("%.4f", bin.accuracy())))
              .toList());
    }
  }

  private void comparison(ModelComparison comparison, String other) {
    html.text("h2", letter(0) + " against " + other + ": " + comparison.against());
    html.text(
        "p",
        comparison.sameWords()
            ? "Both have the same words."
            : format(
                "%,d words are common; all others are one class, whose probability is the sum over them.",
                comparison.commonWords()));
    ModelComparison.Words words = comparison.words();
    html.text(
        "p",
        format(
            "%,d words stand in the same cluster, %,d were added, %,d dropped, %,d moved up, %,d moved down.",
            words.kept(), words.added(), words.dropped(), words.movedUp(), words.movedDown()));
    compared("Same lines, resampled together", other, comparison.slices());
    if (!comparison.groupSlices().isEmpty()) {
      compared("The text of the groups", other, comparison.groupSlices());
      html.table(
          "Loss of a group against all: is it treated otherwise?",
          List.of("group", letter(0), other, "ratio", "p", "p by Holm", "differs"),
          comparison.groups().stream()
              .map(
                  group ->
                      List.of(
                          group.group(),
                          format("%.3f", group.lossRatio()),
                          format("%.3f", group.lossRatioAgainst()),
                          number(group.ratio(), "%.4f"),
                          format("%.2g", group.p()),
                          format("%.2g", group.adjustedP()),
                          group.warning() ? "yes" : "no"))
              .toList());
    }
  }

  private void compared(String caption, String other, List<SliceComparison> slices) {
    html.table(
        caption,
        List.of(
            "",
            "tokens",
            "perplexity " + letter(0),
            "perplexity " + other,
            "ratio",
            "top 1, points",
            "top 5, points",
            "calibration error"),
        slices.stream()
            .map(
                slice ->
                    List.of(
                        name(slice.slice()),
                        format("%,d", slice.tokens()),
                        format("%,.2f", slice.perplexities().get(0)),
                        format("%,.2f", slice.perplexities().get(1)),
                        number(slice.perplexityRatio(), "%.4f"),
                        percent(slice.top1Difference()),
                        percent(slice.top5Difference()),
                        number(slice.calibrationErrorDifference(), "%+.4f")))
            .toList());
  }

  private void groups() {
    if (models.get(0).groups() == null) {
      return;
    }
    html.text("h2", "Groups");
    html.text("p", "Text: " + result.quality().measured().groups());
    for (int i = 0; i < models.size(); i++) {
      var groups = models.get(i).groups();
      if (groups != null) {
        figures(letter(i) + " by group", groups.slices());
        routing(letter(i), groups.routing());
      }
    }
  }

  private void routing(String model, List<GroupRouting> groups) {
    List<String> columns = new ArrayList<>(List.of("group", "loss against all"));
    for (int i = 0; !groups.isEmpty() && i < groups.get(0).clusterShares().size(); i++) {
      columns.add(i == 0 ? "tokens in the head, %" : "in " + cluster(i) + ", %");
    }
    columns.add("answers of the head, %");
    columns.add("µs a token, this machine");
    List<List<String>> rows = new ArrayList<>();
    for (GroupRouting group : groups) {
      List<String> row = new ArrayList<>();
      row.add(group.group());
      row.add(number(group.lossRatio(), "%.3f"));
      group.clusterShares().forEach(share -> row.add(percent(share)));
      row.add(percent(group.headAnswers()));
      row.add(format("%.1f", group.microsecondsPerToken()));
      rows.add(row);
    }
    html.table(model + ", routing by group", columns, rows);
  }

  private void vocabulary() throws IOException {
    DriftResult drift = result.drift();
    if (drift == null) {
      return;
    }
    html.text("h2", "The text against the model's own counts");
    html.picture(
        ReportPlots.clusterShares(drift),
        format(
            "Share of the tokens in each cluster of %s, in the text it was made from and in this one.",
            letter(0)));
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < drift.figures().sharesThen().size(); i++) {
      rows.add(
          List.of(
              cluster(i),
              percent(drift.figures().sharesThen().get(i)),
              percent(drift.figures().sharesNow().get(i))));
    }
    html.table("Share of the tokens, %", List.of("cluster", "then", "now"), rows);
    html.text("p", "Advice of the command drift, with its default thresholds: " + drift.advice());
    if (drift.migrations().top().isEmpty()) {
      html.text("p", "No word would change cluster, beyond what chance explains.");
      return;
    }
    html.picture(
        ReportPlots.migrations(drift),
        "The words that would change cluster by the counts of this text and whose share changed"
            + " most, at most 20.");
    html.table(
        "Words that would change cluster",
        List.of("word", "from", "to", "then, %", "now, %"),
        drift.migrations().top().stream()
            .map(
                move ->
                    List.of(
                        move.word(),
                        cluster(move.from()),
                        cluster(move.to()),
                        format("%.3f", 100 * move.shareThen()),
                        format("%.3f", 100 * move.shareNow())))
            .toList());
  }

  private void generation() {
    if (models.get(0).generation().isEmpty()) {
      return;
    }
    html.text("h2", "Generated texts");
    for (int i = 0; i < models.size(); i++) {
      List<List<String>> rows = new ArrayList<>();
      models.get(i).generation().forEach(texts -> rows.add(row(texts)));
      html.table(
          letter(i),
          List.of(
              "texts",
              "number",
              "words",
              "distinct 1",
              "distinct 2",
              "distinct 3",
              "repetition",
              "self-BLEU",
              "tail words, %",
              "unknown words, %"),
          rows);
    }
  }

  private static List<String> row(GenerationFigures texts) {
    TextFigures figures = texts.figures();
    String name = texts.temperature() == null ? "real" : "temperature " + texts.temperature();
    List<String> row = new ArrayList<>(List.of(name));
    if (figures == null) {
      row.add("0");
      row.addAll(Collections.nCopies(8, "–"));
      return row;
    }
    row.add(format("%,d", figures.texts()));
    row.add(format("%,d", figures.words()));
    figures.distinct().forEach(share -> row.add(orNone(share)));
    row.add(format("%.3f", figures.repetition()));
    row.add(orNone(figures.selfBleu()));
    row.add(format("%.1f", 100 * figures.tail()));
    row.add(format("%.1f", 100 * figures.unknown()));
    return row;
  }

  private static String orNone(@Nullable Double value) {
    return value == null ? "–" : format("%.3f", value);
  }

  private void meaning() {
    html.text("h2", "What the figures mean");
    html.table(
        "Definitions",
        List.of("figure", "meaning"),
        List.of(
            List.of("perplexity", "exp of the mean loss −log p of the tokens"),
            List.of("top 1, top 5", "share of tokens among the most probable classes"),
            List.of(
                "calibration error",
                "expected calibration error in 15 equal bins of the best class's probability (Guo et"
                    + " al. 2017); its interval is mirrored, as chance alone makes it too high"),
            List.of(
                "decile",
                "of the tokens of the reported model's own counts, 1 the most frequent words; a word is"
                    + " where the middle of its tokens is"),
            List.of("cluster", "of the word in the reported model, for all models alike"),
            List.of(
                "intervals",
                "95 in 100; whole lines are resampled, since words of a line depend on each other"
                    + " (Poisson bootstrap)"),
            List.of("†", format("fewer than %d lines: too few for an interval", FEW_LINES)),
            List.of(
                "differs",
                "a group's loss, against that of all, is another one in the two models: a normal test with"
                    + " the bootstrap's standard error, p below 0.05 after Holm's correction for the number"
                    + " of groups"),
            List.of(
                "µs a token",
                "reading and scoring with the exact five best classes, median, on the machine that made"
                    + " this page"),
            List.of("distinct n", "distinct n-grams / n-grams of all texts (Li et al. 2016)"),
            List.of(
                "repetition",
                "share of words that are among the 16 before them (Welleck et al. 2020)"),
            List.of(
                "self-BLEU",
                "mean BLEU-4 of each text against all others (Zhu et al. 2018): high if texts are"
                    + " alike"),
            List.of("tail words", "share of the known words that stand in a tail cluster")));
  }

  private static String name(Slice slice) {
    return switch (slice.kind()) {
      case ALL -> "all";
      case CLUSTER -> cluster(Integer.parseInt(slice.name()));
      case DECILE -> "decile " + slice.name();
      case GROUP -> slice.name();
    };
  }

  /** The page is English, whatever the locale. */
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String number(Figure figure, String digits) {
    return format(
        digits + " (" + digits + " to " + digits + ")",
        figure.value(),
        figure.low(),
        figure.high());
  }

  private static String percent(Figure figure) {
    return number(
        new Figure(100 * figure.value(), 100 * figure.low(), 100 * figure.high()), "%.2f");
  }
}
