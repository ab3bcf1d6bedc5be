package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasuredTest {
  @Test
  void quartilesAndMedianAreInterpolated() {
    Measured measured = new Measured(List.of(4.0, 1.0, 3.0, 2.0), null);
    assertThat(measured.medianMs()).isEqualTo(2.5);
    assertThat(measured.quartilesMs()).containsExactly(1.75, 3.25);
  }

  @Test
  void theRatioIsTakenRoundByRound() {
    Measured slow = new Measured(List.of(2.0, 30.0, 8.0), null);
    Measured fast = new Measured(List.of(1.0, 10.0, 2.0), null);
    assertThat(slow.ratioTo(fast)).isEqualTo(3.0);
  }
}
