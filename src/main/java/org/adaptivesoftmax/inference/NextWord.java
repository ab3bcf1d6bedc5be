package org.adaptivesoftmax.inference;

/**
 * A word that may follow a text.
 *
 * @param word an entry of the vocabulary, its unknown word and its sentence boundary included
 * @param logProb natural logarithm of its probability
 */
public record NextWord(String word, float logProb) {}
