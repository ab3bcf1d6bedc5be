package org.adaptivesoftmax.decoding;

import org.tensorflow.Operand;
import org.tensorflow.types.TBool;
import org.tensorflow.types.family.TFloating;

/**
 * The k most probable classes among those that were looked at. The log-probabilities are the model's in any case: what was
 * not looked at can only be missing.
 *
 * @param top classes and log-probabilities, best first, each [N, k]
 * @param exact whether no class that was not looked at can be among a row's k best, so that its answer is that of {@code
 *     topK}: [N]
 * @param unseenProbability sum of the probabilities of the tail clusters that a row was not scored in, [N]
 * @param scored which tail clusters a row was scored in, [N, number of tail clusters]
 */
public record PrunedTopClasses(
    TopClasses top,
    Operand<TBool> exact,
    Operand<? extends TFloating> unseenProbability,
    Operand<TBool> scored) {}
