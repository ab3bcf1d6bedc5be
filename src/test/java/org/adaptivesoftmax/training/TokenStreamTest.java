package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.training.TokenStream.Window;
import org.junit.jupiter.api.Test;

class TokenStreamTest {
  private static final int BOUNDARY = 1_000_000;

  private static TokenStream numbered(int size, int batch, int steps) {
    return new TokenStream(IntStream.range(0, size).toArray(), BOUNDARY, batch, steps);
  }

  @Property
  void evaluationHasEveryWordAsATargetOnce(
      @ForAll @IntRange(max = 300) int size,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll @IntRange(min = 1, max = 9) int steps) {
    TokenStream stream = numbered(size, batch, steps);
    int[] seen = new int[size];
    for (int w = 0; w < stream.evaluationWindows(); w++) {
      Window window = stream.evaluationWindow(w);
      assertThat(window.time()).isBetween(1, steps);
      assertThat(window.inputs()).hasSize(window.time() * batch);
      for (int i = 0; i < window.targets().length; i++) {
        int target = window.targets()[i];
        if (target != TokenStream.NO_TARGET) {
          seen[target]++;
          assertThat(window.inputs()[i]).isEqualTo(target == 0 ? BOUNDARY : target - 1);
        }
      }
    }
    assertThat(seen).containsOnly(IntStream.of(seen).map(ignored -> 1).toArray());
  }

  @Property
  void trainingWindowsGoOnWhereTheLastOneEnded(
      @ForAll @IntRange(min = 100, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll @IntRange(min = 1, max = 9) int steps) {
    TokenStream stream = numbered(size, batch, steps);
    int streamLength = size / batch;
    assertThat(stream.trainingWindows()).isEqualTo(streamLength / steps);
    for (int w = 0; w < stream.trainingWindows(); w++) {
      Window window = stream.trainingWindow(w);
      assertThat(window.time()).isEqualTo(steps);
      for (int t = 0; t < steps; t++) {
        for (int b = 0; b < batch; b++) {
          assertThat(window.targets()[t * batch + b]).isEqualTo(b * streamLength + w * steps + t);
        }
      }
    }
  }

  @Test
  void saysHowManyWordsAreMissing() {
    assertThatThrownBy(() -> numbered(11, 3, 4).trainingWindows())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the text has 11 words, one window needs 12 (batch 3 × steps 4)");
  }
}
