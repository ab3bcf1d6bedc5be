package org.adaptivesoftmax.bench;

import java.util.List;

/**
 * Tokens that change cluster between two halves of a text.
 *
 * @param corpus the text
 * @param tokens that are in both halves
 * @param cutoffs of the first half
 * @param anew with a new plan and new ranks
 * @param withoutError with the rule, and no allowance for sampling error: what the old cutoffs alone save
 * @param stable with the rule
 */
public record MigrationsReport(
    String corpus,
    int tokens,
    List<Integer> cutoffs,
    Moved anew,
    Moved withoutError,
    Moved stable) {
  /**
   * What moves by one way of renewing.
   *
   * @param cutoffs of the second half
   * @param share of the tokens that change cluster
   * @param extraCost of an expected training step over that of the new plan, as a share; below 0 if it is cheaper
   */
  public record Moved(List<Integer> cutoffs, double share, double extraCost) {}

  /** The results as a table. */
  public String text() {
    String row = "%-34s %9s %9s  %s%n";
    return "%s: %,d tokens in both halves, cutoffs of the first %s%n%n"
            .formatted(corpus, tokens, cutoffs)
        + row.formatted("the second half", "move", "time", "cutoffs")
        + line(row, "planned anew", anew)
        + line(row, "old cutoffs, no sampling error", withoutError)
        + line(row, "by the rule", stable).stripTrailing();
  }

  private static String line(String row, String name, Moved moved) {
    return row.formatted(
        name,
        "%.3f %%".formatted(100 * moved.share()),
        "%+.3f %%".formatted(100 * moved.extraCost()),
        moved.cutoffs());
  }
}
