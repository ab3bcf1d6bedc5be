/**
 * Calling a served model: TensorFlow Serving over gRPC or REST. Needs this library's optional dependencies gRPC or
 * Jackson, for the one or the other.
 */
@NullMarked
package org.adaptivesoftmax.client;

import org.jspecify.annotations.NullMarked;
