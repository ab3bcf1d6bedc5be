package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.inference.LanguageModelScorer;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.QualityReport.Measured;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Measures a published language model on text: perplexity, accuracy and calibration by cluster, by frequency and by group, each
 * with an interval, also against other models; and how varied the texts are that it generates. Memory depends on neither the
 * number of lines nor their order, but for four bytes for each line with a group.
 *
 * <pre>{@code
 * QualityReport report =
 *     QualityMeasurement.builder(model, corpus).against(previous).build().run();
 * Figure ratio = report.comparisons().get(0).slices().get(0).perplexityRatio();
 * }</pre>
 */
public final class QualityMeasurement {
  /** Replicates of the bootstrap unless another number is given. */
  public static final int DEFAULT_RESAMPLES = 1000;

  /** Texts at each temperature unless another number is given. */
  public static final int DEFAULT_SAMPLES = 100;

  private final PublishedLanguageModel model;
  private final Corpus corpus;
  private final List<PublishedLanguageModel> others;
  private final @Nullable LabelledCorpus groups;
  private final GenerationMeasurement generation;
  private final LineWeights weights;
  private final LongConsumer progress;
  private final long seed;

  private QualityMeasurement(Builder builder) {
    model = builder.model;
    corpus = builder.corpus;
    others = List.copyOf(builder.others);
    groups = builder.groups;
    generation = new GenerationMeasurement(builder.temperatures, builder.samples, builder.seed);
    weights = new LineWeights(builder.resamples, builder.seed);
    progress = builder.progress;
    seed = builder.seed;
  }

  /**
   * Starts a measurement.
   *
   * @param model the model
   * @param corpus text that it has not learned, one sentence a line
   * @return settings with defaults for the rest
   */
  public static Builder builder(PublishedLanguageModel model, Corpus corpus) {
    return new Builder(model, corpus);
  }

  /** A text, and how its tokens are divided. */
  private record Text(Corpus corpus, TokenSlices slices, LineGroups groups) {}

  /** What a model made of the corpus, and of the text with groups. */
  private record Tallies(TokenTally text, @Nullable TokenTally groups) {}

  /**
   * Measures.
   *
   * @return the figures
   * @throws IllegalArgumentException if fewer than two lines of a text have a word, a model knows none of its words, a model
   *     cannot be compared, or a line is too long
   * @throws IOException if something cannot be read
   */
  public QualityReport run() throws IOException {
    others.forEach(this::requireComparable);
    List<PublishedLanguageModel> models = new ArrayList<>(List.of(model));
    models.addAll(others);
    KnownText.require(corpus, models);
    Text text = new Text(corpus, TokenSlices.byWord(words(), plan()), LineGroups.NONE);
    Text grouped = groups == null ? null : grouped(groups, models);
    List<Tallies> tallies = new ArrayList<>();
    List<ModelQuality> qualities = new ArrayList<>();
    for (PublishedLanguageModel each : models) {
      try (LanguageModelScorer scorer = LanguageModelScorer.of(each)) {
        Tallies own = tallies(scorer, text, grouped);
        tallies.add(own);
        qualities.add(quality(each, scorer, own, text, grouped));
      }
    }
    List<ModelComparison> comparisons = new ArrayList<>();
    for (int i = 0; i < others.size(); i++) {
      comparisons.add(comparison(tallies.get(0), tallies.get(i + 1), others.get(i), text, grouped));
    }
    return new QualityReport(measured(tallies.get(0).text), qualities, comparisons);
  }

  private Vocabulary words() {
    return model.vocabulary();
  }

  private ClusterPlan plan() {
    return model.configuration().plan();
  }

  private void requireComparable(PublishedLanguageModel other) {
    for (PublishedLanguageModel each : List.of(model, other)) {
      CountsAbout counted = each.counted();
      Require.argument(
          counted == null || counted.tokenizer().equals(Tokenizer.ID),
          "models must divide text by the tokenizer %s to be compared: %s has counts of another",
          Tokenizer.ID,
          each.version());
    }
    Require.argument(
        common(other) > 0,
        "models without a common word cannot be compared: %s and %s",
        model.version(),
        other.version());
  }

  /** The number of words that both models have; ends of lines and the unknown word are none. */
  private int common(PublishedLanguageModel other) {
    int common = 0;
    for (String word : words().words()) {
      boolean isWord = !word.equals(Vocabulary.UNKNOWN) && !word.equals(Vocabulary.BOUNDARY);
      common += isWord && other.vocabulary().contains(word) ? 1 : 0;
    }
    return common;
  }

  private Text grouped(LabelledCorpus lines, List<PublishedLanguageModel> models)
      throws IOException {
    LineGroups ofLines = LineGroups.of(lines);
    Corpus texts = LineGroups.texts(lines);
    KnownText.require(texts, models);
    return new Text(texts, TokenSlices.byGroup(words(), plan(), ofLines), ofLines);
  }

  private Tallies tallies(LanguageModelScorer scorer, Text text, @Nullable Text grouped)
      throws IOException {
    return new Tallies(tally(scorer, text), grouped == null ? null : tally(scorer, grouped));
  }

  private TokenTally tally(LanguageModelScorer scorer, Text text) throws IOException {
    TokenTally tally = new TokenTally(text.slices, weights, scorer.routes());
    scorer.forEachLine(
        text.corpus,
        line -> {
          tally.add(line);
          progress.accept(line.tokens());
        });
    return tally;
  }

  private ModelQuality quality(
      PublishedLanguageModel each,
      LanguageModelScorer scorer,
      Tallies tallies,
      Text text,
      @Nullable Text grouped)
      throws IOException {
    GroupQuality ofGroups =
        grouped == null || tallies.groups == null
            ? null
            : new GroupQuality(
                SliceFigures.of(tallies.groups, grouped.slices),
                GroupRouting.of(
                    tallies.groups,
                    grouped.groups,
                    GroupLatency.microseconds(scorer, grouped.corpus, grouped.groups)));
    return new ModelQuality(
        each.version().toString(),
        each.configuration().softmax().name().toLowerCase(Locale.ROOT),
        each.vocabulary().size(),
        SliceFigures.of(tallies.text, text.slices),
        tallies.text.reliability(),
        ofGroups,
        generation.of(each, corpus));
  }

  private ModelComparison comparison(
      Tallies own, Tallies theirs, PublishedLanguageModel other, Text text, @Nullable Text grouped)
      throws IOException {
    boolean same = common(other) + 2 == Math.max(words().size(), other.vocabulary().size());
    Tallies first = own;
    Tallies second = theirs;
    if (!same) {
      first = common(model, other, text, grouped);
      second = common(other, model, text, grouped);
    }
    List<SliceComparison> groupSlices = List.of();
    List<GroupDifference> differences = List.of();
    if (grouped != null && first.groups != null && second.groups != null) {
      groupSlices = SliceComparison.of(first.groups, second.groups, grouped.slices);
      differences = GroupDifference.of(first.groups, second.groups, grouped.groups);
    }
    return new ModelComparison(
        other.version().toString(),
        same,
        common(other),
        ModelComparison.Words.of(VocabularyDiff.between(clustered(other), clustered(model))),
        SliceComparison.of(first.text, second.text, text.slices),
        groupSlices,
        differences);
  }

  private Tallies common(
      PublishedLanguageModel each, PublishedLanguageModel with, Text text, @Nullable Text grouped)
      throws IOException {
    try (LanguageModelScorer scorer = LanguageModelScorer.common(each, with.vocabulary())) {
      return tallies(scorer, text, grouped);
    }
  }

  private static ClusteredVocabulary clustered(PublishedLanguageModel each) {
    return ClusteredVocabulary.of(each);
  }

  private Measured measured(TokenTally tally) {
    return new Measured(
        corpus.name(),
        tally.lines(0),
        tally.tokens(0),
        groups == null ? null : groups.name(),
        weights.replicates(),
        seed);
  }

  /** Settings of a measurement. */
  public static final class Builder {
    private final PublishedLanguageModel model;
    private final Corpus corpus;
    private final List<PublishedLanguageModel> others = new ArrayList<>();
    private @Nullable LabelledCorpus groups;
    private int resamples = DEFAULT_RESAMPLES;
    private long seed;
    private List<Double> temperatures = List.of();
    private int samples = DEFAULT_SAMPLES;
    private LongConsumer progress = tokens -> {};

    private Builder(PublishedLanguageModel model, Corpus corpus) {
      this.model = model;
      this.corpus = corpus;
    }

    /**
     * A model to compare with. May be called several times.
     *
     * @param other the model
     * @return this builder
     */
    public Builder against(PublishedLanguageModel other) {
      others.add(other);
      return this;
    }

    /**
     * Text whose lines belong to groups: languages, dialects, domains, customers.
     *
     * @param lines each with its group; at most 200 groups. Default: none
     * @return this builder
     */
    public Builder groups(LabelledCorpus lines) {
      groups = lines;
      return this;
    }

    /**
     * Replicates of the bootstrap.
     *
     * @param count 100 to 100,000. Default: {@link QualityMeasurement#DEFAULT_RESAMPLES}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder resamples(int count) {
      Require.argument(
          count >= 100 && count <= 100_000, "resamples must be in 100..100000: %s", count);
      resamples = count;
      return this;
    }

    /**
     * Seed of every random choice: the bootstrap, generated texts, real texts beside them.
     *
     * @param value any. Default: 0
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Texts to generate.
     *
     * @param atTemperatures each above 0 and finite; none generates nothing
     * @param textsEach how many at each, at least 2. Default: {@link QualityMeasurement#DEFAULT_SAMPLES}
     * @return this builder
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Builder generation(List<Double> atTemperatures, int textsEach) {
      for (double temperature : atTemperatures) {
        Require.argument(
            temperature > 0 && Double.isFinite(temperature),
            "temperature must be above 0 and finite: %s",
            temperature);
      }
      Require.argument(textsEach >= 2, "samples must be at least 2: %s", textsEach);
      temperatures = List.copyOf(atTemperatures);
      samples = textsEach;
      return this;
    }

    /**
     * Hears of tokens that were scored.
     *
     * @param heard takes the number of tokens of each line
     * @return this builder
     */
    public Builder progress(LongConsumer heard) {
      progress = heard;
      return this;
    }

    /** {@return the measurement} */
    public QualityMeasurement build() {
      return new QualityMeasurement(this);
    }
  }
}
