package org.adaptivesoftmax.lifecycle;

import java.util.List;
import java.util.Locale;
import org.adaptivesoftmax.lifecycle.DriftAdvice.Action;

/**
 * What drift says of several texts to one model.
 *
 * @param vocabulary entries of the model
 * @param cutoffs of the model
 * @param live texts that the model meets
 * @param falseAlarms over samples of the model's own counts
 */
public record DriftReport(
    int vocabulary, List<Integer> cutoffs, List<Live> live, List<FalseAlarms> falseAlarms) {
  /**
   * A text that the model meets.
   *
   * @param text what it is
   * @param jsDivergence in bits
   * @param linf the largest difference of a share
   * @param unknownRate share of unknown tokens
   * @param up share of the tokens that would move towards the shortlist
   * @param advice by the default thresholds
   */
  public record Live(
      String text,
      Figure jsDivergence,
      Figure linf,
      Figure unknownRate,
      Figure up,
      Action advice) {}

  /**
   * Alarms that were none.
   *
   * @param tokens of a sample
   * @param samples how many
   * @param alarms samples with another advice than to keep the model
   */
  public record FalseAlarms(int tokens, int samples, int alarms) {}

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%,d entries, cutoffs %s%n".formatted(vocabulary, cutoffs));
    for (Live of : live) {
      text.append(
          "%-28s js %.3f (%.3f to %.3f), linf %.3f, unknown %.1f %%, up %.1f %%: %s%n"
              .formatted(
                  of.text(),
                  of.jsDivergence().value(),
                  of.jsDivergence().low(),
                  of.jsDivergence().high(),
                  of.linf().value(),
                  100 * of.unknownRate().value(),
                  100 * of.up().value(),
                  of.advice().name().toLowerCase(Locale.ROOT)));
    }
    for (FalseAlarms of : falseAlarms) {
      text.append(
          "%,d tokens: %d false alarms in %d samples%n"
              .formatted(of.tokens(), of.alarms(), of.samples()));
    }
    return text.toString().stripTrailing();
  }
}
