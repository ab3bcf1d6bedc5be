package org.adaptivesoftmax.lifecycle;

/**
 * A part of the tokens of a text.
 *
 * @param kind by what they are divided
 * @param name of the part: {@code 0} for the shortlist and {@code i} for tail cluster i, {@code 1} to {@code 10} for a decile,
 *     a group's own name, or {@code all}
 */
public record Slice(Kind kind, String name) {
  /** By what tokens are divided. */
  public enum Kind {
    /** Not at all. */
    ALL,
    /** By the cluster of the token in the reported model. */
    CLUSTER,
    /** By how frequent the token is in the reported model's own counts: 1 are the most frequent. */
    DECILE,
    /** By the group of the line. */
    GROUP
  }

  /** All tokens. */
  static final Slice EVERYTHING = new Slice(Kind.ALL, "all");
}
