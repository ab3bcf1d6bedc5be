/**
 * Arrays in the heap as tensors in native memory, as JSON and as TensorFlow's messages. No model and no connection is known
 * here.
 */
@NullMarked
package org.adaptivesoftmax.internal.tensors;

import org.jspecify.annotations.NullMarked;
