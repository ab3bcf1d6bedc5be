package org.adaptivesoftmax.inference;

/**
 * How probable a text is, without its end.
 *
 * @param logProb sum of the natural logarithms of its words' probabilities, each given the words before it
 * @param words number of words
 */
public record TextScore(float logProb, long words) {}
