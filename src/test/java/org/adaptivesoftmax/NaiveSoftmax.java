package org.adaptivesoftmax;

import java.util.Arrays;
import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;

/** The equations of the layer written out for one row at a time, in Java's doubles. */
public final class NaiveSoftmax {
  private final ClusterPlan plan;
  private final Map<String, double[]> parameters;

  public NaiveSoftmax(ClusterPlan plan, Map<String, double[]> parameters) {
    this.plan = plan;
    this.parameters = parameters;
  }

  public double[] head(double[] x) {
    return logSoftmax(linear(x, parameters.get("head.weight"), parameters.get("head.bias")));
  }

  double[] tail(double[] x, int tail) {
    double[] projected = linear(x, parameters.get("tail." + tail + ".0.weight"), null);
    return logSoftmax(
        linear(
            projected,
            parameters.get("tail." + tail + ".1.weight"),
            parameters.get("tail." + tail + ".1.bias")));
  }

  /** Log-probabilities by rank. */
  public double[] logProb(double[] x) {
    double[] all = Arrays.copyOf(head(x), plan.nClasses());
    for (int tail = 0; tail < plan.nTails(); tail++) {
      double[] within = tail(x, tail);
      for (int c = 0; c < within.length; c++) {
        all[plan.tailStart(tail) + c] = head(x)[plan.shortlistSize() + tail] + within[c];
      }
    }
    return all;
  }

  /** −(1 − ε) log p(target) − ε mean log-probability, at each level. */
  double loss(double[] x, int rank, double smoothing) {
    double[] head = head(x);
    for (int tail = 0; tail < plan.nTails(); tail++) {
      if (rank >= plan.tailStart(tail) && rank < plan.tailEnd(tail)) {
        return level(head, plan.shortlistSize() + tail, smoothing)
            + level(tail(x, tail), rank - plan.tailStart(tail), smoothing);
      }
    }
    return level(head, rank, smoothing);
  }

  private static double level(double[] logProb, int target, double smoothing) {
    double mean = Arrays.stream(logProb).average().orElseThrow();
    return -(1 - smoothing) * logProb[target] - smoothing * mean;
  }

  private static double[] linear(double[] x, double[] weight, double[] bias) {
    double[] y = new double[weight.length / x.length];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias == null ? 0 : bias[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static double[] logSoftmax(double[] z) {
    double max = Arrays.stream(z).max().orElseThrow();
    double lse = max + Math.log(Arrays.stream(z).map(v -> Math.exp(v - max)).sum());
    return Arrays.stream(z).map(v -> v - lse).toArray();
  }
}
