package org.adaptivesoftmax.bench.soak;

/**
 * What a {@link SoakWorker} does. It is the line that the worker reads, as JSON.
 *
 * @param directory of the worker's own, which is empty
 * @param odd the language model's version whose copies get odd numbers
 * @param even the one with other weights whose copies get even numbers
 * @param layer base directory of an output layer
 * @param seconds to go on
 * @param sampleSeconds from one {@link SoakSample} to the next
 * @param deadlineMs of each call over the network
 */
public record SoakSpec(
    String directory,
    String odd,
    String even,
    String layer,
    double seconds,
    double sampleSeconds,
    long deadlineMs) {}
