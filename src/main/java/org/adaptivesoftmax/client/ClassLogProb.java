package org.adaptivesoftmax.client;

/**
 * A class and its log-probability.
 *
 * @param label the class
 * @param logProb natural logarithm of its probability
 * @param <L> {@link Long} for an output layer, {@link String} for a classifier
 */
public record ClassLogProb<L>(L label, float logProb) {}
