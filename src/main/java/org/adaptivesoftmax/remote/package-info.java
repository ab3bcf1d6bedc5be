/**
 * Clients of a model server, over gRPC and REST. The interface they share with a model in this process is in {@code
 * client}.
 */
@NullMarked
package org.adaptivesoftmax.remote;

import org.jspecify.annotations.NullMarked;
