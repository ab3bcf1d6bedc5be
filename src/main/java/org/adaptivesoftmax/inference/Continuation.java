package org.adaptivesoftmax.inference;

/**
 * A continuation that a beam search found.
 *
 * @param words without the text, divided by spaces
 * @param logProb natural logarithm of its probability after the text; that of the sentence's end is part of it, if it ended
 * @param score by which continuations are compared: the log-probability with regard to the length
 * @param ended whether the sentence ends after it, rather than that it reached the greatest length
 */
public record Continuation(String words, double logProb, double score, boolean ended) {}
