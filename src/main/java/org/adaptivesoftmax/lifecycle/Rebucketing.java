package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.AdamMoments;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * Renews the vocabulary of a trained language model from new counts: its words, their order and the cutoffs, for a small part of
 * the cost of training anew.
 *
 * <p>What the model has learned is carried over first, without training. Words that stay in their cluster keep their rows; words
 * that move to another cluster, the cluster entries and the unknown word are fitted to the old model's own log-probabilities on
 * hidden states of the corpus; new words start from the company that they keep, with their share of the probability that the unknown
 * word had; what dropped words had goes to the unknown word. A short training of the whole model, or of the output layer alone,
 * follows.
 *
 * <p>A version that was published with its {@link AdamMoments} hands them on, row by row as the weights, so that training goes on
 * instead of starting anew; the new version has them again.
 *
 * <p>The new plan has as many tail clusters as the old one and the same divValue, so that every cluster keeps its width and its
 * projection. Words whose counts have not changed by more than their sampling error keep their cluster, as {@link StabilityRule}
 * has it; otherwise the cutoffs are the cheapest for the new counts.
 *
 * <pre>{@code
 * PublishedLanguageModel old = PublishedLanguageModel.read(model.highestVersion());
 * Rebucketing.Result renewed =
 *     Rebucketing.builder(old, new CountsDirectory(counts)).build().run(corpus, model);
 * }</pre>
 */
public final class Rebucketing {
  /** The file in {@code assets.extra} that has a line {@code word<TAB>old rank<TAB>new rank} for each word of either version. */
  public static final String IDS = "ids.tsv";

  /** The first learning rate of the training that follows; it falls to next to nothing. */
  public static final double DEFAULT_LEARNING_RATE = 6e-3;

  /** Parallel streams: twice those of {@code train}, whose smaller steps make a trained model forget. */
  public static final int BATCH = 64;

  /**
   * The share of an epoch that is trained unless a number of steps is given: what takes a quarter of the time of the two epochs of
   * {@code train}, measured. Larger batches take less time for a word.
   */
  private static final double DEFAULT_EPOCHS = 0.45;

  private static final double FALL = 1e-3;

  private final PublishedLanguageModel model;
  private final CountsDirectory counts;
  private final @Nullable Integer maxVocabulary;
  private final @Nullable Integer steps;
  private final Learning learning;
  private final double learningRate;
  private final long seed;
  private final @Nullable StabilityRule stability;
  private final TrainingListener listener;

  private Rebucketing(Builder builder) {
    model = builder.model;
    counts = builder.counts;
    maxVocabulary = builder.maxVocabulary;
    steps = builder.steps;
    learning = builder.learning;
    learningRate = builder.learningRate;
    seed = builder.seed;
    stability = builder.stability;
    listener = builder.listener;
  }

  /**
   * What came of a re-bucketing. The first two perplexities are of the validation part of the corpus, with the words that both
   * vocabularies have as themselves and all others as one unknown word, so that the two models predict the same.
   *
   * @param perplexityBefore of the old model
   * @param perplexityTransferred of the new model before any training
   * @param perplexity of the new model in the end, of all words of its own vocabulary
   * @param words how the vocabularies differ
   * @param trainSeconds of the training alone
   * @param version the directory of the new version
   */
  public record Result(
      double perplexityBefore,
      double perplexityTransferred,
      double perplexity,
      VocabularyDiff words,
      double trainSeconds,
      Path version) {}

  /**
   * Starts a re-bucketing.
   *
   * @param model the old version, with float32 tail weights
   * @param counts of today's text
   * @return settings with defaults for the rest
   */
  public static Builder builder(PublishedLanguageModel model, CountsDirectory counts) {
    return new Builder(model, counts);
  }

  /**
   * Renews the model and publishes it.
   *
   * @param corpus text of today, which hidden states, the company of new words and the training are taken from: its train part
   *     to learn, its validation part to measure
   * @param out where the model becomes the next version; may be the old model's directory
   * @return what came of it
   * @throws IllegalArgumentException if the counts are empty or of another tokenizer, too few for the old model's tail clusters,
   *     the tail weights are not float32, or the corpus is too short
   * @throws InterruptedException if the thread is interrupted
   * @throws IOException if something cannot be read or written; nothing is left then
   */
  public Result run(Corpus corpus, ModelDirectory out) throws IOException, InterruptedException {
    out.requireNoFile();
    ClusteredVocabulary renewed = new RenewedVocabulary(model, maxVocabulary, stability).of(counts);
    Vocabulary words = renewed.vocabulary();
    LanguageModelConfiguration configuration = configuration(renewed.plan());
    LanguageModelExporter.Builder exporter = exporter(configuration, words, corpus);
    EncodedCorpus text = EncodedCorpus.of(corpus, words);
    int[] validation = text.ranks(Split.VALIDATION);
    Require.argument(validation.length > 0, "%s: no words in the validation split", corpus.name());
    ModelWeights older = ModelWeights.read(model.weights(), model.configuration());
    ModelWeights transferred =
        new WeightTransfer(older, model.vocabulary(), words)
            .to(configuration, corpus.part(Split.TRAIN));
    double before = common(older, model.vocabulary(), words, corpus);
    double after = common(transferred, words, model.vocabulary(), corpus);
    long start = System.nanoTime();
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .batch(BATCH)
            .learningRate(learningRate)
            .finalLearningRate(FALL * learningRate)
            .build();
    int wanted = steps(training, text.ranks(Split.TRAIN).length);
    State carried = new State(transferred, moments(configuration, words));
    State trained =
        wanted == 0 ? carried : train(carried, training, wanted, words, corpus, validation);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Result(
        before,
        after,
        common(trained.weights, words, words, corpus),
        VocabularyDiff.between(ClusteredVocabulary.of(model), renewed),
        seconds,
        publish(exporter, trained, out));
  }

  private LanguageModelConfiguration configuration(ClusterPlan plan) {
    LanguageModelConfiguration old = model.configuration();
    return LanguageModelConfiguration.builder()
        .softmax(old.softmax())
        .vocabulary(plan.nClasses())
        .cutoffs(plan.cutoffs())
        .divValue(old.plan().divValue())
        .embedding(old.embedding())
        .hidden(old.hidden())
        .dropout(old.dropout())
        .seed(seed)
        .build();
  }

  private static double common(
      ModelWeights weights, Vocabulary own, Vocabulary other, Corpus corpus) throws IOException {
    int[] words = Encoder.forEvaluation(own).encode(corpus.part(Split.VALIDATION));
    try (CommonPerplexity perplexity = new CommonPerplexity(weights, own, other)) {
      return perplexity.of(words);
    }
  }

  private int steps(TrainingConfiguration training, int words) {
    int windows = words / training.batch() / training.steps();
    return steps != null ? steps : (int) Math.max(1, Math.round(DEFAULT_EPOCHS * windows));
  }

  /**
   * What a training starts from, and what it ends with.
   *
   * @param moments if the old version has them
   */
  private record State(ModelWeights weights, Optional<AdamMoments> moments) {}

  private Optional<AdamMoments> moments(LanguageModelConfiguration configuration, Vocabulary words)
      throws IOException {
    return AdamMoments.read(model.version(), model.configuration())
        .map(new MomentTransfer(model.vocabulary(), words, configuration)::of);
  }

  private State train(
      State start,
      TrainingConfiguration training,
      int wanted,
      Vocabulary words,
      Corpus corpus,
      int[] validation)
      throws IOException, InterruptedException {
    int[] chosen =
        new TextSelection(model.vocabulary(), words)
            .choose(
                corpus.part(Split.TRAIN),
                (long) wanted * training.batch() * training.steps(),
                seed);
    LanguageModelText text = new LanguageModelText(chosen, validation, words.boundaryRank());
    try (LanguageModelTrainer trainer =
        start.moments.isEmpty()
            ? LanguageModelTrainer.startingFrom(start.weights, training, text, learning)
            : LanguageModelTrainer.startingFrom(
                start.weights, start.moments.get(), training, text, learning)) {
      trainer.trainSteps(wanted, listener);
      return new State(trainer.weights(), start.moments.map(before -> trainer.moments()));
    }
  }

  private LanguageModelExporter.Builder exporter(
      LanguageModelConfiguration configuration, Vocabulary words, Corpus corpus)
      throws IOException {
    model.exporter(); // Fails if the tail weights are not float32.
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put(ProvenanceKeys.CORPUS, corpus.name());
    provenance.put(ProvenanceKeys.PARENT, Ancestor.asParent(model.version()));
    provenance.put("learning_rate", learningRate);
    provenance.put("learned", learning.name().toLowerCase(Locale.ROOT));
    CountsAbout about = counts.about();
    String ids = new RankTable(model.vocabulary(), words).lines();
    return LanguageModelExporter.builder(configuration, words)
        .topK(Math.min(model.topK(), words.size()))
        .maxWords(model.maxWords())
        .counted(about)
        .provenance(provenance)
        .extra(IDS, out -> out.write(ids.getBytes(StandardCharsets.UTF_8)));
  }

  private static Path publish(
      LanguageModelExporter.Builder exporter, State trained, ModelDirectory out)
      throws IOException {
    trained.moments.ifPresent(moments -> exporter.extra(AdamMoments.FILE, moments::writeTo));
    // What a killed process leaves there, the next to publish deletes.
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(out.base())) {
      Path prefix = unfinished.directory().resolve("weights");
      trained.weights.save(prefix);
      return exporter.build().publish(out, prefix);
    }
  }

  /** Settings of a re-bucketing. */
  public static final class Builder {
    private final PublishedLanguageModel model;
    private final CountsDirectory counts;
    private @Nullable Integer maxVocabulary;
    private @Nullable Integer steps;
    private Learning learning = Learning.WHOLE_MODEL;
    private double learningRate = DEFAULT_LEARNING_RATE;
    private long seed;
    private @Nullable StabilityRule stability = StabilityRule.DEFAULT;
    private TrainingListener listener = TrainingListener.SILENT;

    private Builder(PublishedLanguageModel model, CountsDirectory counts) {
      this.model = model;
      this.counts = counts;
    }

    /**
     * Keeps the most frequent words only.
     *
     * @param size most entries, as {@link Vocabulary.Builder#maxSize} has it. Default: no limit
     * @return this builder
     */
    public Builder maxVocabulary(int size) {
      maxVocabulary = size;
      return this;
    }

    /**
     * The steps of the training that follows, of 64 streams of 20 words.
     *
     * @param count at least 0; 0 publishes what was carried over. Default: those of 0.45 epochs
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder steps(int count) {
      Require.argument(count >= 0, "steps must be at least 0: %s", count);
      steps = count;
      return this;
    }

    /**
     * What is trained.
     *
     * @param part Default: {@link Learning#WHOLE_MODEL}
     * @return this builder
     */
    public Builder learning(Learning part) {
      learning = part;
      return this;
    }

    /**
     * The first learning rate.
     *
     * @param rate above 0 and finite. Default: {@link Rebucketing#DEFAULT_LEARNING_RATE}
     * @return this builder
     * @throws IllegalArgumentException if it is not
     */
    public Builder learningRate(double rate) {
      Require.argument(
          rate > 0 && Double.isFinite(rate), "learningRate must be above 0 and finite: %s", rate);
      learningRate = rate;
      return this;
    }

    /**
     * Seed of every random choice: which text is learned, and dropout.
     *
     * @param value any. Default: 0
     * @return this builder
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Which words keep their cluster although their counts have changed.
     *
     * @param rule Default: {@link StabilityRule#DEFAULT}
     * @return this builder
     */
    public Builder stability(StabilityRule rule) {
      stability = rule;
      return this;
    }

    /**
     * Puts every word where its count is, whether it has changed by more than its sampling error or not.
     *
     * @return this builder
     */
    public Builder rankAnew() {
      stability = null;
      return this;
    }

    /**
     * Hears how the training goes on.
     *
     * @param heard called in the training thread
     * @return this builder
     */
    public Builder listener(TrainingListener heard) {
      listener = heard;
      return this;
    }

    /** {@return the re-bucketing} */
    public Rebucketing build() {
      return new Rebucketing(this);
    }
  }
}
