package org.adaptivesoftmax.bench.convergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.adaptivesoftmax.bench.convergence.ConvergenceReport.Comparison;
import org.adaptivesoftmax.bench.convergence.ConvergenceReport.Layer;
import org.adaptivesoftmax.bench.convergence.ConvergenceStudy.Vocabulary;
import org.adaptivesoftmax.text.Corpus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ConvergenceStudyTest {
  private final Path directory;
  private final List<String> progress = new ArrayList<>();

  ConvergenceStudyTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Corpus corpus() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 900; i++) {
      text.append(
          "the %s fox number w%d jumps over the dog of line w%d%n"
              .formatted(i % 3 == 0 ? "quick" : "slow", i % 41, i * i % 71));
    }
    return Corpus.ofFile(Files.writeString(directory.resolve("corpus.txt"), text));
  }

  private ConvergenceStudy study(Path records, Consumer<String> heard) throws IOException {
    return new ConvergenceStudy(
        corpus(),
        List.of(new Vocabulary(60, 2)),
        2,
        records,
        directory.resolve("work"),
        line -> {
          progress.add(line);
          heard.accept(line);
        });
  }

  private ConvergenceReport run(Path records) throws IOException, InterruptedException {
    progress.clear();
    return study(records, line -> {}).run();
  }

  @Test
  void comparesBothLayersAndGoesOnWhereItWasInterrupted() throws Exception {
    Path records = directory.resolve("records");
    // Ends when two epochs are written down and the checkpoint is of one.
    ConvergenceStudy broken =
        study(
            records,
            line -> {
              if (line.startsWith("  epoch 2")) {
                throw new IllegalStateException("stopped");
              }
            });
    assertThatThrownBy(broken::run).hasMessage("stopped");
    String interrupted = progress.get(progress.size() - 3);
    assertThat(interrupted).contains("2 epochs");

    ConvergenceReport report = run(records);
    assertThat(progress.get(0)).isEqualTo(interrupted);
    assertThat(progress.get(1)).startsWith("  epoch 2");

    Comparison comparison = report.comparisons().get(0);
    assertThat(comparison.vocabulary()).isEqualTo(60);
    for (Layer layer : List.of(comparison.adaptive(), comparison.full())) {
      assertThat(layer.validation().mean()).isBetween(1.0, 60.0);
      assertThat(layer.validation().halfWidth()).isNotNull();
      assertThat(layer.budgets()).isNotEmpty();
      assertThat(layer.stepMs()).isPositive();
    }
    assertThat(comparison.ratios().get(0).ratio().mean())
        .isCloseTo(
            comparison.ratios().get(0).adaptive() / comparison.ratios().get(0).full(),
            within(0.05));
    assertThat(report.text()).contains("60 words", "all all:", "decile 1:");

    // An undisturbed run comes to the same, and nothing is done twice.
    ConvergenceReport again = run(directory.resolve("undisturbed"));
    assertThat(again.comparisons().get(0).ratios()).isEqualTo(comparison.ratios());
    run(records);
    assertThat(progress).isEmpty();
    try (Stream<Path> left = Files.list(directory.resolve("work"))) {
      assertThat(left).containsExactly(directory.resolve("work/models"));
    }
  }
}
