package org.adaptivesoftmax.text;

import java.io.IOException;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.jspecify.annotations.Nullable;

/** Reads the lines of {@code counts.tsv}, and makes sure of their order and sums. */
final class CountsReader {
  private final String name;
  private final CountAction action;
  private @Nullable TokenCount last;
  private long tokens;
  private long distinct;

  /**
   * @param name of the file, for errors
   */
  CountsReader(String name, CountAction action) {
    this.name = name;
    this.action = action;
  }

  void line(long number, String line) throws IOException {
    int tab = line.indexOf('\t');
    if (tab < 1) {
      throw TextFileException.at(name, number, "not token<TAB>count: '" + line + "'");
    }
    TokenCount count =
        new TokenCount(line.substring(0, tab), count(number, line.substring(tab + 1)));
    if (last != null && TokenCount.BY_RANK.compare(last, count) >= 0) {
      throw TextFileException.at(
          name, number, "counts must decrease, ties by token: '" + count.token() + "'");
    }
    last = count;
    distinct++;
    try {
      tokens = Math.addExact(tokens, count.count());
    } catch (ArithmeticException e) {
      throw TextFileException.at(name, number, "counts add up to 2^63 or more");
    }
    action.accept(count);
  }

  private long count(long number, String digits) throws TextFileException {
    if (digits.matches("[1-9][0-9]{0,18}")) {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        // Above the largest long: told below.
      }
    }
    throw TextFileException.at(name, number, "not a count: '" + digits + "'");
  }

  void requireTotals(CountsAbout about) throws TextFileException {
    Totals totals = about.totals();
    boolean sum = about.approximate() ? totals.tokens() >= tokens : totals.tokens() == tokens;
    if (totals.distinct() != distinct || !sum) {
      throw new TextFileException(
          "%s: %d tokens, %d distinct, but %s tells of %d and %d: is it complete?"
              .formatted(
                  name,
                  tokens,
                  distinct,
                  CountsDirectory.ABOUT,
                  totals.tokens(),
                  totals.distinct()));
    }
  }
}
