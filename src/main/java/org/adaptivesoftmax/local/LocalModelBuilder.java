package org.adaptivesoftmax.local;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.DriftThresholds;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.TokenStatistics;
import org.jspecify.annotations.Nullable;

/** Describes a model in this process. */
public final class LocalModelBuilder {
  private static final Duration YEAR = Duration.ofDays(365);

  final ModelDirectory directory;
  Duration poll = Duration.ofSeconds(1);
  int maxBatch = 1000;
  private int maxWords = 100_000;
  boolean trusted;
  private int microBatch;
  private long cacheSize;
  private long cacheBytes = 64L << 20;
  private @Nullable MeterRegistry registry;
  private String name;
  private @Nullable TokenStatistics statistics;
  private DriftThresholds driftThresholds = DriftThresholds.DEFAULT;
  private Duration driftInterval = Duration.ofMinutes(1);

  LocalModelBuilder(ModelDirectory directory) {
    this.directory = directory;
    this.name = String.valueOf(directory.base().getFileName());
  }

  /**
   * How often to look for another version. Default: every second, as TensorFlow Serving does.
   *
   * @param interval zero to look only when {@link LocalModel#refresh} is called
   * @return this builder
   * @throws IllegalArgumentException if it is negative or more than a year
   */
  public LocalModelBuilder poll(Duration interval) {
    requireDuration("poll", interval);
    this.poll = interval;
    return this;
  }

  private static void requireDuration(String name, Duration duration) {
    Require.argument(!duration.isNegative(), "%s must not be negative: %s", name, duration);
    Require.argument(
        duration.compareTo(YEAR) <= 0, "%s must be at most a year: %s", name, duration);
  }

  /**
   * Texts or rows of a call at most; the typed calls divide longer lists. Default: 1,000.
   *
   * @param maxBatch from 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public LocalModelBuilder maxBatch(int maxBatch) {
    Require.argument(maxBatch >= 1, "maxBatch must be at least 1: %s", maxBatch);
    this.maxBatch = maxBatch;
    return this;
  }

  /**
   * Words of a text at most, counted as runs of letters and digits and each other sign; a longer one is refused with {@code
   * INVALID_ARGUMENT}. With {@link #maxBatch} it bounds memory: texts of like length are run together, and so many that their
   * number times the words of the longest is at most 32,768, or one. A model of this library reads the last words of a
   * text alone, as many as its exporter was told. Default: 100,000.
   *
   * @param words from 1
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public LocalModelBuilder maxWords(int words) {
    Require.argument(words >= 1, "maxWords must be at least 1: %s", words);
    this.maxWords = words;
    return this;
  }

  /**
   * Whether versions may do whatever TensorFlow can. A model that is not trusted is refused if its graph holds an operation
   * that can touch files, processes or the network, as loading a model runs it. This library exports none. Default: not
   * trusted.
   *
   * @param trusted whether whoever can publish a version is trusted as the code of this program is
   * @return this builder
   */
  public LocalModelBuilder trustModel(boolean trusted) {
    this.trusted = trusted;
    return this;
  }

  /**
   * Joins requests of several threads: those that come while another runs are run as one batch. Default: each runs by
   * itself.
   *
   * @param rows of a joint batch at most
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public LocalModelBuilder microBatching(int rows) {
    Require.argument(rows >= 1, "microBatching must be at least 1 row: %s", rows);
    this.microBatch = rows;
    return this;
  }

  /**
   * Remembers the answers for the most popular texts, or examples to classify, until the model turns to another version.
   * Answers of more than 1,000 values, such as the log-probabilities of a vocabulary, are not remembered. Needs {@code
   * com.github.ben-manes.caffeine:caffeine}. Default: none are remembered.
   *
   * @param texts to remember at most, for all signatures together
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   * @throws IllegalStateException if Caffeine is not on the class path
   */
  public LocalModelBuilder cache(long texts) {
    Require.argument(texts >= 1, "cache must be at least 1 text: %s", texts);
    OptionalLibrary.CAFFEINE.require("LocalModelBuilder.cache");
    this.cacheSize = texts;
    return this;
  }

  /**
   * Memory that the remembered texts and answers take at most, for {@link #cache}. Default: 64 MiB.
   *
   * @param bytes at least one for each text to remember
   * @return this builder
   * @throws IllegalArgumentException if it is less than 1
   */
  public LocalModelBuilder cacheBytes(long bytes) {
    Require.argument(bytes >= 1, "cacheBytes must be at least 1: %s", bytes);
    this.cacheBytes = bytes;
    return this;
  }

  /**
   * Counts and times into a registry, as {@link ServingMetrics} tells. Needs {@code io.micrometer:micrometer-core}.
   * Default: no metrics.
   *
   * @param registry such as one for Prometheus
   * @return this builder
   * @throws IllegalStateException if Micrometer is not on the class path of this library
   */
  public LocalModelBuilder metrics(MeterRegistry registry) {
    OptionalLibrary.MICROMETER.require("LocalModelBuilder.metrics");
    this.registry = registry;
    return this;
  }

  /**
   * The model's name in metrics. Default: that of its directory.
   *
   * @param name not empty
   * @return this builder
   * @throws IllegalArgumentException if it is empty
   */
  public LocalModelBuilder name(String name) {
    Require.argument(!name.isEmpty(), "name must not be empty");
    this.name = name;
    return this;
  }

  /**
   * Counts the tokens of each text that the model has answered. With {@link #metrics}, gauges tell how far they are from the
   * counts that the version was built on, {@code adaptive.softmax.drift.*}; they start anew when the counter is drained.
   * Default: nothing is counted.
   *
   * @param statistics the counter, which stays the caller's: to write it as a counts directory every hour, for one
   * @return this builder
   */
  public LocalModelBuilder statistics(TokenStatistics statistics) {
    this.statistics = statistics;
    return this;
  }

  /**
   * How much drift is too much, for the gauge {@code adaptive.softmax.drift.advice}. Default: {@link DriftThresholds#DEFAULT}.
   *
   * @param thresholds the thresholds
   * @return this builder
   */
  public LocalModelBuilder driftThresholds(DriftThresholds thresholds) {
    this.driftThresholds = thresholds;
    return this;
  }

  /**
   * How long the gauges of drift keep their figures, which go through all words of the model. Default: a minute.
   *
   * @param interval zero to find them each time that a gauge is read
   * @return this builder
   * @throws IllegalArgumentException if it is negative or more than a year
   */
  public LocalModelBuilder driftInterval(Duration interval) {
    requireDuration("driftInterval", interval);
    this.driftInterval = interval;
    return this;
  }

  /**
   * Loads the highest version.
   *
   * @return the model, to be closed
   * @throws IllegalArgumentException if there is no such directory or no version in it, or it is incomplete
   * @throws IOException if it cannot be read
   */
  public LocalModel load() throws IOException {
    return new LocalModel(this);
  }

  /**
   * Loads one version, which stays: for a server that chooses its versions itself. What is set for {@link #poll} and {@link
   * #maxBatch} does not concern it. Its warm-up requests, if it has some, are run.
   *
   * @param number of the version
   * @return the version, to be closed
   * @throws IllegalArgumentException if there is no such version, it is incomplete, or a warm-up request fails
   * @throws IOException if it cannot be read
   */
  public LocalVersion loadVersion(long number) throws IOException {
    return LocalVersion.load(this, directory.base().resolve(Long.toString(number)));
  }

  Runner runner(LoadedVersion version, @Nullable ServingMetrics metrics) {
    Runner rows = UnreadableExamples.around(version, version);
    Runner counted = metrics == null ? rows : metrics.counting(rows);
    Runner runner = microBatch > 0 ? new MicroBatches(counted, microBatch) : counted;
    if (cacheSize > 0) {
      runner =
          new CachedRows(
              runner,
              cacheSize,
              cacheBytes,
              metrics == null ? (hits, misses) -> {} : metrics::looked);
    }
    return new ShortTexts(runner, version.path(), maxWords);
  }

  @Nullable ServingMetrics metrics() {
    return registry == null ? null : new ServingMetrics(registry, name);
  }

  @Nullable LiveText liveText() {
    TokenStatistics counter = statistics;
    if (counter == null) {
      return null;
    }
    DriftGauges gauges =
        registry == null
            ? null
            : new DriftGauges(registry, name, counter, driftThresholds, driftInterval);
    return new LiveText(counter, gauges);
  }
}
