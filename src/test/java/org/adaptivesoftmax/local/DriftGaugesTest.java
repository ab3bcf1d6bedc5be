package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.lifecycle.DriftThresholds;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.TokenStatistics;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftGaugesTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final TokenStatistics statistics = TokenStatistics.builder().build();
  private TinyLanguageModel tiny;
  private ModelDirectory model;

  @BeforeEach
  void export() throws IOException {
    tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    model = new ModelDirectory(directory.resolve("model"));
    publish();
  }

  private void publish() throws IOException {
    LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
        .build()
        .publish(model, tiny.weights());
  }

  private LocalModelBuilder builder() {
    return LocalModel.builder(model)
        .poll(Duration.ZERO)
        .metrics(registry)
        .statistics(statistics)
        .driftInterval(Duration.ZERO);
  }

  private double gauge(String name, String... tags) {
    return registry.get("adaptive.softmax.drift." + name).tags(tags).gauge().value();
  }

  @Test
  void liveTextIsComparedWithTheModelsOwn() throws IOException {
    try (LocalModel local = builder().load()) {
      assertThat(gauge("advice")).isNaN();
      for (int i = 0; i < 5; i++) {
        local.languageModel().complete(TinyLanguageModel.SENTENCES);
      }
      assertThat(statistics.snapshot().documents()).isEqualTo(25);
      assertThat(gauge("advice")).isZero();
      assertThat(gauge("js.divergence", "bound", "value")).isLessThan(0.05);
      assertThat(gauge("share", "text", "now", "cluster", "head", "bound", "value"))
          .isCloseTo(
              gauge("share", "text", "then", "cluster", "head", "bound", "value"), within(0.01));
      assertThat(gauge("share", "text", "now", "cluster", "tail 2", "bound", "high"))
          .isGreaterThan(gauge("share", "text", "now", "cluster", "tail 2", "bound", "low"));
      for (int i = 0; i < 300; i++) {
        local.languageModel().complete(List.of("zebras graze, giraffes and zebras drink."));
      }
      assertThat(gauge("advice")).isEqualTo(2);
      assertThat(gauge("unknown", "bound", "low")).isGreaterThan(0.4);
      assertThat(gauge("linf", "bound", "value")).isBetween(0.1, 1.0);
      assertThat(gauge("cost", "bound", "value")).isPositive();
      assertThat(statistics.drain().tokens()).isPositive();
      assertThat(gauge("advice")).isNaN();
    }
  }

  @Test
  void aVersionWithoutCountsTellsNothing() throws IOException {
    Path counts = model.highestVersion().resolve("assets.extra/counts");
    Files.delete(counts.resolve("counts.int64.gz"));
    try (LocalModel local = builder().load()) {
      local.languageModel().complete(TinyLanguageModel.SENTENCES);
      assertThat(gauge("advice")).isNaN();
      publish();
      assertThat(local.refresh()).isTrue();
      assertThat(gauge("advice")).isZero();
    }
  }

  @Test
  void figuresAreKeptForAWhile() throws IOException {
    try (LocalModel local = builder().driftInterval(Duration.ofHours(1)).load()) {
      local.languageModel().complete(TinyLanguageModel.SENTENCES);
      double share = gauge("share", "text", "now", "cluster", "head", "bound", "value");
      local.languageModel().complete(List.of("zebra zebra zebra zebra"));
      assertThat(gauge("share", "text", "now", "cluster", "head", "bound", "value"))
          .isEqualTo(share);
    }
  }

  @Test
  void thresholdsAreTheCallers() throws IOException {
    DriftThresholds all =
        DriftThresholds.builder()
            .rebucketJsDivergence(1)
            .retrainJsDivergence(1)
            .rebucketLinf(1)
            .rebucketUnknownRate(1)
            .retrainUnknownRate(1)
            .rebucketCostRatio(99)
            .rebucketMigrations(1)
            .build();
    try (LocalModel local = builder().driftThresholds(all).load()) {
      for (int i = 0; i < 100; i++) {
        local.languageModel().complete(List.of("zebras graze, giraffes drink."));
      }
      assertThat(gauge("advice")).isZero();
    }
    assertThatThrownBy(() -> builder().driftInterval(Duration.ofSeconds(-1)))
        .hasMessage("driftInterval must not be negative: PT-1S");
  }

  @Test
  void tokensAreCountedWithoutMetricsToo() throws IOException {
    try (LocalModel local =
        LocalModel.builder(model).poll(Duration.ZERO).statistics(statistics).load()) {
      local.languageModel().complete(List.of("the fox", "a dog sleeps"));
    }
    assertThat(statistics.snapshot().tokens()).isEqualTo(5);
  }
}
