package org.adaptivesoftmax.bench.convergence;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.bench.study.Interval;
import org.adaptivesoftmax.lifecycle.Slice;
import org.adaptivesoftmax.lifecycle.SliceFigures;
import org.adaptivesoftmax.training.SoftmaxComparison;

/**
 * An adaptive softmax against a full one, each at its best.
 *
 * @param comparisons a vocabulary each
 */
public record ConvergenceReport(List<Comparison> comparisons) {
  private static final double MS_PER_MINUTE = 60_000;

  /** Copies the list. */
  public ConvergenceReport {
    comparisons = List.copyOf(comparisons);
  }

  /**
   * Both layers with one vocabulary.
   *
   * @param vocabulary number of words
   * @param adaptive with the adaptive softmax
   * @param full with the full softmax
   * @param ratios of the test text's perplexities, all of it and by decile
   */
  public record Comparison(int vocabulary, Layer adaptive, Layer full, List<Ratio> ratios) {}

  /**
   * One layer.
   *
   * @param rate the learning rate that was found best
   * @param stepMs milliseconds of a step, measured in turns with the other layer
   * @param validation perplexity of the validation text, over the seeds
   * @param test perplexity of the test text, over the seeds
   * @param budgets what trainings of one epoch, two and so on came to, seed 0
   */
  public record Layer(
      double rate, double stepMs, Interval validation, Interval test, List<Budget> budgets) {}

  /**
   * A training.
   *
   * @param epochs passes over the text
   * @param minutes steps × milliseconds of a step
   * @param validation perplexity in the end
   */
  public record Budget(int epochs, double minutes, double validation) {}

  /**
   * A part of the test text.
   *
   * @param slice which
   * @param tokens in it
   * @param adaptive perplexity, the mean over the seeds
   * @param full perplexity, the mean over the seeds
   * @param ratio adaptive / full, over the seeds, a ratio each
   */
  public record Ratio(Slice slice, long tokens, double adaptive, double full, Interval ratio) {}

  static Comparison compare(LayerCourse adaptive, LayerCourse full, SoftmaxComparison times) {
    return new Comparison(
        adaptive.bySeed().get(0).vocabulary(),
        layer(adaptive, times.adaptiveMs()),
        layer(full, times.fullMs()),
        ratios(adaptive.bySeed(), full.bySeed()));
  }

  private static Layer layer(LayerCourse course, double stepMs) {
    List<Budget> budgets = new ArrayList<>();
    for (TrialResult result : course.byEpochs()) {
      int epochs = result.trial().epochs();
      budgets.add(new Budget(epochs, course.steps(epochs) * stepMs / MS_PER_MINUTE, result.last()));
    }
    return new Layer(
        course.best().rate(),
        stepMs,
        Interval.of(course.bySeed().stream().map(TrialResult::last).toList()),
        Interval.of(course.bySeed().stream().map(result -> perplexity(result, 0)).toList()),
        budgets);
  }

  private static List<Ratio> ratios(List<TrialResult> adaptive, List<TrialResult> full) {
    List<Ratio> ratios = new ArrayList<>();
    List<SliceFigures> slices = adaptive.get(0).test();
    for (int i = 0; i < slices.size(); i++) {
      int slice = i;
      List<Double> ours = adaptive.stream().map(result -> perplexity(result, slice)).toList();
      List<Double> theirs = full.stream().map(result -> perplexity(result, slice)).toList();
      List<Double> bySeed = new ArrayList<>();
      for (int seed = 0; seed < ours.size(); seed++) {
        bySeed.add(ours.get(seed) / theirs.get(seed));
      }
      ratios.add(
          new Ratio(
              slices.get(i).slice(),
              slices.get(i).tokens(),
              mean(ours),
              mean(theirs),
              Interval.of(bySeed)));
    }
    return ratios;
  }

  private static double perplexity(TrialResult result, int slice) {
    return result.test().get(slice).perplexity().value();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** The results, to read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Comparison comparison : comparisons) {
      text.append(String.format(Locale.ROOT, "%,d words%n", comparison.vocabulary()));
      text.append(line("adaptive softmax", comparison.adaptive()));
      text.append(line("full softmax", comparison.full()));
      for (Ratio ratio : comparison.ratios()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %s %s: %.2f against %.2f, %s times%n",
                ratio.slice().kind().name().toLowerCase(Locale.ROOT),
                ratio.slice().name(),
                ratio.adaptive(),
                ratio.full(),
                ratio.ratio().text(1, 4)));
      }
    }
    return text.toString().stripTrailing();
  }

  private static String line(String name, Layer layer) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "  %s: rate %s, validation %s, test %s%n",
                name,
                layer.rate(),
                layer.validation().text(1, 2),
                layer.test().text(1, 2)));
    for (Budget budget : layer.budgets()) {
      line.append(
          String.format(
              Locale.ROOT,
              "    epochs %d: %.1f minutes, validation %.2f%n",
              budget.epochs(),
              budget.minutes(),
              budget.validation()));
    }
    return line.toString();
  }
}
