package org.adaptivesoftmax.decoding;

import org.tensorflow.Operand;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * The k most probable classes of each row, best first; among equals the smaller class id first.
 *
 * @param classes class ids, [N, k]
 * @param logProbs their log-probabilities, [N, k]
 */
public record TopClasses(Operand<TInt64> classes, Operand<? extends TFloating> logProbs) {}
