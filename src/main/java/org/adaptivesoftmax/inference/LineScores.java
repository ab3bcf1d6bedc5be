package org.adaptivesoftmax.inference;

import java.util.List;

/**
 * What a language model says of a line, token by token: its words, and then its end.
 *
 * <p>Classes are ranks of the model's vocabulary, or {@link #OTHER}.
 *
 * @param line its place in the corpus, counted from 0, lines without a word included
 * @param words of the line; there is one token more, its end
 * @param targets the class of each token
 * @param logProbs natural logarithm of the probability of each token, given those before it
 * @param best the most probable class in place of each token
 * @param confidences the probability of the most probable class
 * @param places how many classes are better than the token's, up to {@link #TOP}: 0 if it is the best
 */
@SuppressWarnings("ArrayRecordComponent") // Read at once, never compared.
public record LineScores(
    long line,
    List<String> words,
    int[] targets,
    float[] logProbs,
    int[] best,
    float[] confidences,
    int[] places) {
  /** Any word that two models do not both have, where they are compared. */
  public static final int OTHER = -1;

  /** How many of the best classes are known: a token that is not among them has this place. */
  public static final int TOP = 5;

  /** {@return the number of tokens} */
  public int tokens() {
    return targets.length;
  }
}
