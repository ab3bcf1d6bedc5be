/**
 * Training: an LSTM language model over an output layer of this library, its batches, optimizer steps, checkpoints and
 * event files.
 */
@NullMarked
package org.adaptivesoftmax.training;

import org.jspecify.annotations.NullMarked;
