/** Gradients that TensorFlow Java lacks, each registered once per process, when it is first needed. */
@NullMarked
package org.adaptivesoftmax.gradient;

import org.jspecify.annotations.NullMarked;
