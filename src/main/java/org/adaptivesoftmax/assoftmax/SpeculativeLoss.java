package org.adaptivesoftmax.assoftmax;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TNumber;

/**
 * The loss of a step that guessed which rows are unfinished.
 *
 * @param loss the reduced loss, differentiable: a scalar, or one value per label without a reduction
 * @param rows which rows are finished indeed
 * @param missed the unfinished rows that were guessed finished, in increasing order, [missed]
 * @param margins by how much each row's target leads, p<sub>t</sub> − max<sub>i≠t</sub> p<sub>i</sub>, in [−1, 1]: a row
 *     with a label is finished where that is above δ, [rows]
 */
public record SpeculativeLoss<T extends TNumber>(
    Operand<T> loss, UnfinishedRows rows, Operand<TInt64> missed, Operand<TFloat32> margins) {}
