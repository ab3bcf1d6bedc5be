package org.adaptivesoftmax.bench;

/**
 * What a {@link LongRunWorker} trains. It is the line that the worker reads, as JSON.
 *
 * @param epochs passes over the text, each with a sample at its end
 * @param stepsPerEpoch training steps of a pass
 */
record LongRunSpec(int epochs, int stepsPerEpoch) {}
