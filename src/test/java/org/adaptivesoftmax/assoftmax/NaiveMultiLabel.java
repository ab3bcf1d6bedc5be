package org.adaptivesoftmax.assoftmax;

import java.util.Arrays;

/** The equations of multi-label AS-Softmax for one row, as they stand in the paper. */
final class NaiveMultiLabel {
  private final double[] logits;
  private final boolean[] positive;
  private final double delta;

  NaiveMultiLabel(double[] logits, boolean[] positive, double delta) {
    this.logits = logits;
    this.positive = positive;
    this.delta = delta;
  }

  boolean kept(int i) {
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    double p = Math.exp(logits[i]) / sum;
    for (int j = 0; j < logits.length; j++) {
      double other = Math.exp(logits[j]) / sum;
      double ahead = positive[i] ? p - other : other - p;
      if (positive[i] != positive[j] && ahead <= delta) {
        return true;
      }
    }
    return !hasOpposite(i);
  }

  private boolean hasOpposite(int i) {
    for (boolean other : positive) {
      if (other != positive[i]) {
        return true;
      }
    }
    return false;
  }

  double loss() {
    return Math.log(sum(false)) + Math.log(sum(true));
  }

  double gradient(int i) {
    if (!kept(i)) {
      return 0;
    }
    return positive[i] ? -Math.exp(-logits[i]) / sum(true) : Math.exp(logits[i]) / sum(false);
  }

  private double sum(boolean ofPositives) {
    double sum = 1;
    for (int i = 0; i < logits.length; i++) {
      if (positive[i] == ofPositives && kept(i)) {
        sum += Math.exp(ofPositives ? -logits[i] : logits[i]);
      }
    }
    return sum;
  }
}
