package org.adaptivesoftmax.client;

/**
 * A class and its score, as the Classify API gives it.
 *
 * @param label the class
 * @param score as the model defines it: a probability, for classifiers of this library
 */
public record ClassScore(String label, float score) {}
