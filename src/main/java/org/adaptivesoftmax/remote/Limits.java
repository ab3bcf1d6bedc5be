package org.adaptivesoftmax.remote;

/**
 * How much a client asks for and takes at once.
 *
 * @param batch rows of a request at most
 * @param answerBytes of an answer at most
 */
record Limits(int batch, int answerBytes) {}
