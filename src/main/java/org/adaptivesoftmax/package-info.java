/**
 * The output layers: a layer's configuration, its variables in a graph and short calls for loss and prediction. What
 * the calls compute is in {@code loss} and {@code decoding}; training, export and serving are in packages of their
 * own.
 */
@NullMarked
package org.adaptivesoftmax;

import org.jspecify.annotations.NullMarked;
