/**
 * From trained or imported weights to SavedModels that TensorFlow Serving runs: reading weights, signatures, and
 * publishing version directories.
 */
@NullMarked
package org.adaptivesoftmax.serving;

import org.jspecify.annotations.NullMarked;
