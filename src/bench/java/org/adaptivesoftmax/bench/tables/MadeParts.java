package org.adaptivesoftmax.bench.tables;

import java.io.IOException;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a document that are made, each between {@code <!-- made: NAME -->} and {@code <!-- end -->} on lines of their
 * own.
 */
final class MadeParts {
  private static final Pattern PART =
      Pattern.compile("(?ms)^<!-- made: ([^\\n]+?) -->\\n(.*?)^<!-- end -->$");

  private static final Pattern OPENING = Pattern.compile("(?m)^<!-- made: .*");

  private MadeParts() {}

  /** Makes a part. */
  @FunctionalInterface
  interface Maker {
    /**
     * The part.
     *
     * @param name as the document gives it
     * @throws IllegalArgumentException if there is no such part, or what it is made from is missing
     */
    String make(String name) throws IOException;
  }

  /**
   * The document with every part made anew.
   *
   * @param document its text
   * @param maker makes them
   * @throws IllegalArgumentException if a part has no end
   */
  static String renew(String document, Maker maker) throws IOException {
    Matcher parts = PART.matcher(document);
    long opened = OPENING.matcher(document).results().count();
    if (opened != PART.matcher(document).results().count()) {
      throw new IllegalArgumentException("a part has no line <!-- end --> after it");
    }
    StringBuilder renewed = new StringBuilder();
    int last = 0;
    while (parts.find()) {
      MatchResult part = parts.toMatchResult();
      renewed.append(document, last, part.start());
      renewed.append(
          "<!-- made: %s -->\n%s\n<!-- end -->"
              .formatted(part.group(1), maker.make(part.group(1)).strip()));
      last = part.end();
    }
    return renewed.append(document.substring(last)).toString();
  }

  /** The name of the first part that differs between a document and the same renewed; empty if none does. */
  static String firstDifference(String document, String renewed) {
    Matcher is = PART.matcher(document);
    Matcher shouldBe = PART.matcher(renewed);
    while (is.find() && shouldBe.find()) {
      if (!is.group().equals(shouldBe.group())) {
        return is.group(1);
      }
    }
    return "";
  }
}
