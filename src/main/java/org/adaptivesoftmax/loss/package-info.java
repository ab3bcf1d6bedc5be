/**
 * The loss of an output layer and its gradient, computed together, in a dynamic form and in one that XLA compiles. The
 * layers that own the weights are in the root package; what a trained layer predicts is in {@code decoding}.
 */
@NullMarked
package org.adaptivesoftmax.loss;

import org.jspecify.annotations.NullMarked;
