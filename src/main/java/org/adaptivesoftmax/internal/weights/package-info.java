/** A layer's weights as the packages above score them: head, tail clusters, stored rows. Not part of the public API. */
@NullMarked
package org.adaptivesoftmax.internal.weights;

import org.jspecify.annotations.NullMarked;
