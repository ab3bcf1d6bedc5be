package org.adaptivesoftmax.decoding;

import org.tensorflow.Operand;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * One class per row, drawn by chance.
 *
 * @param classes class ids, [N]
 * @param logProbs the log-probability of each under the model, [N], whatever the temperature and the truncation
 */
public record SampledClasses(Operand<TInt64> classes, Operand<? extends TFloating> logProbs) {}
