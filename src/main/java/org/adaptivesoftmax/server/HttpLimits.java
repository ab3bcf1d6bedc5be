package org.adaptivesoftmax.server;

import java.time.Duration;

/**
 * What an HTTP client may take of the server.
 *
 * @param bodyBytes of a request at most
 * @param headerBytes of a request at most
 * @param connections at once; more wait to be accepted
 * @param receive how long a request may take to arrive, its headers and its body each
 * @param idle how long a connection may be without a request, or its client without reading the answer
 */
record HttpLimits(
    long bodyBytes, int headerBytes, int connections, Duration receive, Duration idle) {}
