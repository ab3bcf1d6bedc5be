package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ClassMetricsTest {
  /** The values are scikit-learn's, of {@code f1_score(truth, prediction, average="macro")}. */
  @Test
  void agreesWithScikitLearn() {
    int[] truth = {0, 1, 2, 0, 1, 2, 5};
    int[] prediction = {0, 2, 1, 0, 0, 1, 3};
    ClassMetrics.Sum sum = new ClassMetrics.Sum(6);
    for (int i = 0; i < truth.length; i++) {
      sum.add(truth[i], prediction[i]);
    }
    sum.addLoss(3);
    sum.addLoss(4);
    ClassMetrics metrics = sum.metrics();
    assertThat(metrics.accuracy()).isCloseTo(2 / 7.0, within(1e-15));
    // Class 4 is in neither, 0 has 0.8, four others have 0.
    assertThat(metrics.macroF1()).isCloseTo(0.16, within(1e-15));
    assertThat(metrics.loss()).isEqualTo(1);
  }
}
