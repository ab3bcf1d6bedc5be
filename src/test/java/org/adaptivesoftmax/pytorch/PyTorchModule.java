package org.adaptivesoftmax.pytorch;

import java.util.Arrays;
import java.util.Random;
import org.adaptivesoftmax.RoundedRows;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * An adaptive softmax as PyTorch stores one, with its log-probabilities computed the plain way. Its weights are multiples of
 * 1/64 in ±2, which every float type holds exactly.
 */
public final class PyTorchModule {
  private final ClusterPlan plan;
  private final float[] headWeight;
  private final float[] headBias;
  private final float[][] projections;
  private final float[][] classes;

  public PyTorchModule(ClusterPlan plan, long seed) {
    Random random = new Random(seed);
    this.plan = plan;
    headWeight = weights(random, plan.headSize() * plan.inFeatures());
    headBias = weights(random, plan.headSize());
    projections = new float[plan.nTails()][];
    classes = new float[plan.nTails()][];
    for (int tail = 0; tail < plan.nTails(); tail++) {
      projections[tail] = weights(random, plan.tailWidth(tail) * plan.inFeatures());
      classes[tail] = weights(random, plan.tailSize(tail) * plan.tailWidth(tail));
    }
  }

  private static float[] weights(Random random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (random.nextInt(257) - 128) / 64f;
    }
    return weights;
  }

  private PyTorchModule(PyTorchModule of, TailWeights form) {
    plan = of.plan;
    headWeight = of.headWeight;
    headBias = of.headBias;
    projections = of.projections;
    classes = new float[plan.nTails()][];
    for (int tail = 0; tail < plan.nTails(); tail++) {
      classes[tail] = RoundedRows.of(of.classes[tail], plan.tailWidth(tail), form);
    }
  }

  /** This module with the class rows of its tail clusters rounded. */
  public PyTorchModule rounded(TailWeights form) {
    return new PyTorchModule(this, form);
  }

  public ClusterPlan plan() {
    return plan;
  }

  public SafetensorsBytes safetensors(String prefix, SafetensorsType type) {
    SafetensorsBytes bytes =
        new SafetensorsBytes()
            .tensor(prefix + "head.weight", type, headWeight, plan.headSize(), plan.inFeatures())
            .tensor(prefix + "head.bias", type, headBias, plan.headSize());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      int width = plan.tailWidth(tail);
      String name = prefix + "tail." + tail;
      bytes
          .tensor(name + ".0.weight", type, projections[tail], width, plan.inFeatures())
          .tensor(name + ".1.weight", type, classes[tail], plan.tailSize(tail), width);
    }
    return bytes;
  }

  /** Log-probabilities by rank. */
  public double[] logProb(double[] input) {
    double[] head = linear(headWeight, input, plan.headSize());
    for (int i = 0; i < head.length; i++) {
      head[i] += headBias[i];
    }
    head = logSoftmax(head);
    double[] result = Arrays.copyOf(head, plan.nClasses());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      double[] hidden = linear(projections[tail], input, plan.tailWidth(tail));
      double[] within = logSoftmax(linear(classes[tail], hidden, plan.tailSize(tail)));
      for (int i = 0; i < within.length; i++) {
        result[plan.tailStart(tail) + i] = head[plan.shortlistSize() + tail] + within[i];
      }
    }
    return result;
  }

  private static double[] linear(float[] weight, double[] input, int outputs) {
    double[] result = new double[outputs];
    for (int i = 0; i < outputs; i++) {
      for (int j = 0; j < input.length; j++) {
        result[i] += weight[i * input.length + j] * input[j];
      }
    }
    return result;
  }

  private static double[] logSoftmax(double[] logits) {
    double max = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(z -> Math.exp(z - max)).sum();
    return Arrays.stream(logits).map(z -> z - max - Math.log(sum)).toArray();
  }
}
