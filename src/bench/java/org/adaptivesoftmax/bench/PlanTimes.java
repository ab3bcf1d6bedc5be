package org.adaptivesoftmax.bench;

import java.util.List;
import java.util.Map;

/**
 * What one plan takes and is expected to cost.
 *
 * @param cutoffs of the plan
 * @param divValue of the plan
 * @param trainingMs median of a training step
 * @param servingMs median of a batch's top k
 * @param costs what is expected, by objective and, for those of {@code _measured}, in milliseconds by measured products
 */
public record PlanTimes(
    List<Integer> cutoffs,
    double divValue,
    double trainingMs,
    double servingMs,
    Map<String, Double> costs) {}
