/** How classes are divided into a head and tail clusters. Pure Java, no TensorFlow. */
@NullMarked
package org.adaptivesoftmax.cluster;

import org.jspecify.annotations.NullMarked;
