package org.adaptivesoftmax.bench;

/**
 * What a {@link ServeLoadWorker} asks. It is a line that the worker reads, as JSON.
 *
 * @param way how the model is asked
 * @param target {@code host:port}, or for {@link ServeWay#IN_JVM} the model's directory
 * @param model its directory, which tells what can be asked, and whose name is the model's
 * @param inFeatures width of the rows of an output layer; 0 for a language model
 * @param connections that have one request on its way each
 * @param requests in all
 */
record ServeLoadSpec(
    ServeWay way, String target, String model, int inFeatures, int connections, int requests) {}
