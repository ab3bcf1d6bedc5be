/**
 * Gradients that TensorFlow Java lacks, registered once for the process, and ops that compute a value and its gradient
 * together. The losses that use them are in {@code loss} and {@code assoftmax}.
 */
@NullMarked
package org.adaptivesoftmax.gradient;

import org.jspecify.annotations.NullMarked;
