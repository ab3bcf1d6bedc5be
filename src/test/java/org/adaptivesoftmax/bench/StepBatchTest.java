package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Test;

class StepBatchTest {
  private static final StepShape SHAPE =
      new StepShape("test", 20_000, ClusterPlan.of(64, 1_000, 100, 900, 999));

  @Test
  void theSeedDecides() {
    StepBatch batch = StepBatch.zipf(SHAPE, 1);
    assertThat(batch).isEqualTo(StepBatch.zipf(SHAPE, 1));
    assertThat(batch).isNotEqualTo(StepBatch.zipf(SHAPE, 2));
    assertThat(batch.targets()).startsWith(132, 11, 2, 6, 785);
  }

  @Test
  void classesFollowZipfsLaw() {
    StepBatch batch = StepBatch.zipf(SHAPE, 1);
    double harmonic = IntStream.rangeClosed(1, 1_000).mapToDouble(r -> 1.0 / r).sum();
    for (int rank : new int[] {0, 1, 2, 9}) {
      double share = Collections.frequency(batch.targets(), rank) / 20_000.0;
      assertThat(share).isCloseTo(1 / (harmonic * (rank + 1)), within(0.005));
    }
    assertThat(batch.targets()).allMatch(target -> target >= 0 && target < 1_000);
  }

  @Test
  void rowsAreCountedByTail() {
    StepBatch batch = new StepBatch(SHAPE, List.of(0, 99, 100, 899, 500, 998));
    assertThat(IntStream.range(0, 3).map(batch::rowsInTail)).containsExactly(3, 1, 0);
    assertThat(batch.usedTails()).containsExactly(0, 1);
  }
}
