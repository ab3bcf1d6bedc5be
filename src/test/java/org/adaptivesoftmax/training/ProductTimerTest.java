package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.training.ProductTimer.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductTimerTest {
  private static final ProductTimer TIMER =
      new ProductTimer(1, new Grid(List.of(1, 4), List.of(8), List.of(16, 64)));

  @Test
  void timesEveryShapeOnceAndKeepsThem(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("below").resolve("products.json");
    List<Integer> progress = new ArrayList<>();
    ProductTimes times = TIMER.kept(file, progress::add);
    assertThat(progress).containsExactly(1, 2, 3, 4);
    assertThat(times.rows()).containsExactly(1, 4);
    assertThat(times.classes()).containsExactly(16, 64);
    assertThat(times.scoresMs()).hasSize(4).allMatch(ms -> ms > 0);
    assertThat(times.stepMs()).hasSize(4).allMatch(ms -> ms > 0);
    assertThat(times.machine().threads()).isEqualTo(1);
    assertThat(times.machine().processor()).isNotEmpty();
    assertThat(TIMER.kept(file, progress::add)).isEqualTo(times);
    assertThat(progress).hasSize(4);
  }

  @Test
  void aFileOfSomethingElseIsRefusedAndKept(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("products.json"), "{}");
    assertThatThrownBy(() -> TIMER.kept(file, done -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no measured products: " + file);
    assertThat(Files.readString(file)).isEqualTo("{}");
  }

  @Test
  void theFileIsNamedAfterProcessorAndThreads() throws Exception {
    Path file = ProductTimer.of(3).defaultFile();
    assertThat(file.getFileName().toString()).matches("products-[a-z0-9-]+-3\\.json");
    assertThat(file.getParent().getFileName().toString()).isEqualTo("adaptive-softmax");
  }

  @Test
  void oneQuickProductGivesARate() {
    assertThat(ProductTimer.of(1).perMultiplyAddMs()).isBetween(1e-12, 1e-3);
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> TIMER.measure(done -> {})).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void refusesNoThreads() {
    assertThatThrownBy(() -> ProductTimer.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1: 0");
  }
}
