package org.adaptivesoftmax.lifecycle;

import java.util.List;
import java.util.Locale;

/**
 * What re-bucketing keeps and costs.
 *
 * @param pairs of an old text and a new one
 */
public record RebucketReport(List<Pair> pairs) {
  /**
   * A model of one text that was renewed for another one.
   *
   * @param texts which
   * @param transfer what was carried over
   * @param anew training a model of the new text from the start
   * @param courses of the training after the transfer
   */
  public record Pair(String texts, Transfer transfer, Course anew, List<Course> courses) {}

  /**
   * What was carried over without training, on the validation part of the old text, with the words of both vocabularies as
   * themselves and all others as one.
   *
   * @param before the old model's perplexity
   * @param transferred the new model's
   * @param added new words
   * @param moved words in another cluster
   * @param seconds that it took, reading and measuring included
   */
  public record Transfer(double before, double transferred, int added, int moved, double seconds) {
    /** How many times as high the perplexity became. */
    public double ratio() {
      return transferred / before;
    }
  }

  /**
   * A training.
   *
   * @param learned what was trained
   * @param perplexity of the new text's validation part, all words of the new vocabulary
   * @param seconds of the training
   */
  public record Course(String learned, double perplexity, double seconds) {}

  /** The results as a table. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Pair pair : pairs) {
      Transfer transfer = pair.transfer();
      text.append(
          "%s: %,d words added, %,d moved%n"
              .formatted(pair.texts(), transfer.added(), transfer.moved()));
      text.append(
          "  old text: perplexity %.2f before, %.2f carried over, %.4f times%n"
              .formatted(transfer.before(), transfer.transferred(), transfer.ratio()));
      text.append(line("trained anew", pair.anew(), pair.anew()));
      for (Course course : pair.courses()) {
        String name = course.learned().toLowerCase(Locale.ROOT).replace('_', ' ');
        text.append(line("re-bucketed, " + name, course, pair.anew()));
      }
    }
    return text.toString().stripTrailing();
  }

  private static String line(String name, Course course, Course anew) {
    return "  new text: %-28s perplexity %.2f, %.3f times; %.1f s, %.2f times%n"
        .formatted(
            name,
            course.perplexity(),
            course.perplexity() / anew.perplexity(),
            course.seconds(),
            course.seconds() / anew.seconds());
  }
}
