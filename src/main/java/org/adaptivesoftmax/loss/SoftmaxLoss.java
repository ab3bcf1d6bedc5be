package org.adaptivesoftmax.loss;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * What an output layer computes for targets, as the named tuple that PyTorch's {@code AdaptiveLogSoftmaxWithLoss}
 * returns. Both are differentiable. They have the layer's type, or float32 if that is bfloat16 or float16.
 *
 * @param output the log-probability of each row's target, [N] (a scalar for an unbatched input); 0 for a row whose target
 *     is {@code ignoreIndex}
 * @param loss the reduced loss: a scalar, or [N] for {@link Reduction#NONE}
 */
public record SoftmaxLoss(Operand<? extends TFloating> output, Operand<? extends TFloating> loss) {}
