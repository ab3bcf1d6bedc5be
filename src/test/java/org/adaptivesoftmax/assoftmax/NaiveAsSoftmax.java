package org.adaptivesoftmax.assoftmax;

/** The equations of AS-Softmax for one row, as they stand in the paper. */
final class NaiveAsSoftmax {
  private final double[] logits;
  private final int target;
  private final double delta;

  NaiveAsSoftmax(double[] logits, int target, double delta) {
    this.logits = logits;
    this.target = target;
    this.delta = delta;
  }

  boolean kept(int i) {
    double[] p = softmax(new boolean[logits.length]);
    return p[target] - p[i] <= delta;
  }

  double loss() {
    return -Math.log(masked()[target]);
  }

  double[] gradient() {
    double[] gradient = masked();
    gradient[target] -= 1;
    return gradient;
  }

  private double[] masked() {
    boolean[] dropped = new boolean[logits.length];
    for (int i = 0; i < logits.length; i++) {
      dropped[i] = !kept(i);
    }
    return softmax(dropped);
  }

  private double[] softmax(boolean[] dropped) {
    double sum = 0;
    double[] p = new double[logits.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = dropped[i] ? 0 : Math.exp(logits[i]);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return p;
  }
}
