/**
 * Output layers over many classes as TensorFlow graph modules: {@link org.adaptivesoftmax.AdaptiveSoftmax}, the full
 * softmax it is measured against, and the input embedding with the same clusters.
 */
@NullMarked
package org.adaptivesoftmax;

import org.jspecify.annotations.NullMarked;
