package org.adaptivesoftmax.assoftmax;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TNumber;

/**
 * An AS-Softmax loss with the rows behind it, from one softmax.
 *
 * @param loss the reduced loss, differentiable: a scalar, or one value per label without a reduction
 * @param rows which rows have a gradient
 */
public record AdaptiveSparseLoss<T extends TNumber>(Operand<T> loss, UnfinishedRows rows) {}
