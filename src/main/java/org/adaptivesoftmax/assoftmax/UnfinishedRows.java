package org.adaptivesoftmax.assoftmax;

import org.tensorflow.Operand;
import org.tensorflow.types.TInt64;

/**
 * The rows of a batch that still have something to learn. A labelled row is <i>finished</i> if every class but its target
 * is dropped: its loss and its gradient are exactly 0, so that its backward pass may be left out. Rows are counted in
 * row-major order over all dimensions of the labels.
 *
 * @param indices the rows with a label and at least one other class kept, in increasing order, [unfinished]
 * @param labelled the number of rows with a label, a scalar
 * @param finished the number of finished rows, a scalar: labelled − unfinished
 */
public record UnfinishedRows(
    Operand<TInt64> indices, Operand<TInt64> labelled, Operand<TInt64> finished) {}
