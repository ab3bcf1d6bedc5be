package org.adaptivesoftmax.lifecycle;

/**
 * The tokens in whose place a model was about equally sure of its best class: one bar of a reliability diagram.
 *
 * @param above the least confidence of the bin, exclusive
 * @param upTo the most, inclusive
 * @param tokens how many there are
 * @param confidence their mean confidence, the probability of the best class
 * @param accuracy the share of them that are the best class
 */
public record ReliabilityBin(
    double above, double upTo, long tokens, double confidence, double accuracy) {}
