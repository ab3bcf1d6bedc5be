package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.PublishedCounts;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher.AssetContent;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * Exports a language model as a SavedModel that text goes into and words come out of: it divides texts as {@link
 * org.adaptivesoftmax.text.Tokenizer} does, and its vocabulary is an asset. The model is built anew in a graph that
 * has nothing but inference, and takes its weights from what a training session saved.
 *
 * <table>
 *   <caption>Signatures, each with the input {@code text} string [batch]; the batch may be empty, and so may a
 *   text</caption>
 *   <tr><th>key</th><th>outputs</th></tr>
 *   <tr><td>{@code serving_default}</td><td>the exact top k of the next word, best first: {@code words} string [batch,
 *   k], {@code log_probs} float32 [batch, k]</td></tr>
 *   <tr><td>{@code sample}, with the further inputs {@code seed} int64 [batch] and {@code temperature} float32
 *   [batch]</td><td>one next word, drawn exactly with probability proportional to p<sup>1/temperature</sup>: {@code words}
 *   string [batch]; {@code log_probs} float32 [batch], log p whatever the temperature. A row's word depends on its own text,
 *   seed and temperature alone. A row whose temperature is not above 0 and finite has an empty word and NaN</td></tr>
 *   <tr><td>{@code score}</td><td>{@code log_probs} float32 [batch], the sum over the text's words, each given those
 *   before it; {@code words} int64 [batch], their number. The end of the text is not scored</td></tr>
 *   <tr><td>{@code score_by_cluster}</td><td>{@code log_probs} float32 [batch, clusters] and {@code words} int64 [batch,
 *   clusters]: the same by the cluster of each word, and the end of each text that has a word is scored as a word, as in
 *   training</td></tr>
 *   <tr><td>{@code log_prob}</td><td>{@code log_probs} float32 [batch, vocabulary]: every next word, by rank</td></tr>
 *   <tr><td>{@code head_only}, if there are tail clusters and k words in the shortlist</td><td>the top k of the shortlist, as
 *   {@code serving_default} has them, and {@code exact} bool [batch]: whether they are proven to be the top k of all
 *   words</td></tr>
 * </table>
 *
 * <p>Log-probabilities are natural logarithms and finite. Each text begins anew, with zero states and the sentence
 * boundary. Of a text with more words than {@link Builder#maxWords} the last ones are read, and no others are scored or
 * counted. A word outside the vocabulary is read and scored as {@link Vocabulary#UNKNOWN}, and next words are the
 * model's own distribution: {@link Vocabulary#UNKNOWN} and {@link Vocabulary#BOUNDARY} are among them.
 *
 * <pre>{@code
 * session.save(weights.toString());
 * Path version =
 *     LanguageModelExporter.builder(configuration, vocabulary)
 *         .build()
 *         .publish(new ModelDirectory(Path.of("savedmodels/wordnet-lm")), weights);
 * }</pre>
 *
 * <p>A record of the configuration goes with the model, which needs Jackson ({@code jackson-databind}), an optional
 * dependency of this library.
 */
public final class LanguageModelExporter {
  /** How many next words {@code serving_default} gives by default, if there are as many. */
  public static final int DEFAULT_TOP_K = 10;

  /** How many words of a text are read by default, its last ones. */
  public static final int DEFAULT_MAX_WORDS = 1024;

  private final LanguageModelConfiguration configuration;
  private final Vocabulary vocabulary;
  private final int topK;
  private final int maxWords;
  private final TailWeights tailWeights;
  private final Map<String, ?> provenance;
  private final @Nullable CountsAbout counted;
  private final Map<String, AssetContent> extras;

  private LanguageModelExporter(Builder builder, int topK) {
    configuration = builder.configuration;
    vocabulary = builder.vocabulary;
    this.topK = topK;
    maxWords = builder.maxWords;
    tailWeights = builder.tailWeights;
    provenance = builder.provenance;
    counted = builder.counted;
    extras = new LinkedHashMap<>(builder.extras);
  }

  /**
   * Starts an exporter.
   *
   * @param configuration of the trained model
   * @param vocabulary whose ranks it was trained on
   * @return a builder with defaults for the rest
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public static Builder builder(LanguageModelConfiguration configuration, Vocabulary vocabulary) {
    Provenance.requireLibrary();
    return new Builder(configuration, vocabulary);
  }

  /**
   * Builds the graph, restores the weights and makes the model the next version.
   *
   * @param model where to publish
   * @param weights the prefix that {@link Session#save} of the training graph was given; of what it holds, only the
   *     variables of {@link LanguageModel} are read
   * @return the directory of the new version
   * @throws IllegalArgumentException if the model directory is a file, or the weights are missing or are not those of
   *     such a model
   * @throws IOException if writing fails; nothing is left then
   */
  public Path publish(ModelDirectory model, Path weights) throws IOException {
    model.requireNoFile();
    try (Graph graph = new Graph()) {
      LanguageModel trained = LanguageModel.create(Ops.create(graph), configuration);
      return tailWeights == TailWeights.FLOAT32
          ? publish(model, graph, trained, session -> SavedWeights.restore(session, weights))
          : publishQuantized(model, trained, weights);
    }
  }

  private Path publishQuantized(ModelDirectory model, LanguageModel trained, Path weights)
      throws IOException {
    try (Graph graph = new Graph()) {
      LanguageModel quantized = trained.quantized(Ops.create(graph), tailWeights);
      return publish(
          model,
          graph,
          quantized,
          session -> QuantizedWeights.restore(weights, trained, session, quantized));
    }
  }

  private Path publish(
      ModelDirectory model, Graph graph, LanguageModel built, Consumer<Session> load)
      throws IOException {
    Ops tf = Ops.create(graph);
    VocabularyTables tables = new VocabularyTables(tf, vocabulary);
    var signatures = LanguageModelSignatures.of(tf, built, tables, topK, maxWords);
    try (Session session = new Session(graph)) {
      load.accept(session);
      SavedModelPublisher.Builder publisher =
          SavedModelPublisher.builder(session)
              .provenance(provenance())
              .classes(configuration.plan(), LabelOrder.identity(vocabulary.size()));
      signatures.forEach(publisher::signature);
      tables.addTo(publisher);
      if (vocabulary.hasCounts()) {
        publisher.counts(new PublishedCounts(vocabulary.counts(), about()));
      }
      extras.forEach(publisher::extra);
      LanguageModelSignatures.addWarmUp(publisher, vocabulary);
      return publisher.build().publish(model);
    }
  }

  private CountsAbout about() {
    if (counted != null) {
      return counted;
    }
    long lines = vocabulary.count(vocabulary.boundaryRank());
    long words = Arrays.stream(vocabulary.counts()).sum() - lines;
    return new CountsAbout(
        new Totals(words, vocabulary.size() - 2, lines),
        0,
        Tokenizer.ID,
        List.of(),
        LocalDate.now(ZoneOffset.UTC),
        List.of());
  }

  private Map<String, ?> provenance() {
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.VOCABULARY, vocabulary.size());
    complete.put(ProvenanceKeys.SOFTMAX, configuration.softmax().name().toLowerCase(Locale.ROOT));
    complete.put(ProvenanceKeys.EMBEDDING, configuration.embedding());
    complete.put(ProvenanceKeys.HIDDEN, configuration.hidden());
    complete.put(ProvenanceKeys.DROPOUT, configuration.dropout());
    complete.put(ProvenanceKeys.SEED, configuration.seed());
    complete.put(ProvenanceKeys.TOP_K, topK);
    complete.put(ProvenanceKeys.MAX_WORDS, maxWords);
    complete.put(ProvenanceKeys.TAIL_WEIGHTS, tailWeights.name().toLowerCase(Locale.ROOT));
    complete.putAll(provenance);
    return complete;
  }

  /** Settings of an exporter. */
  public static final class Builder extends ExporterBuilder.OfClusters<Builder> {
    private final LanguageModelConfiguration configuration;
    private final Vocabulary vocabulary;
    private @Nullable CountsAbout counted;
    private int maxWords = DEFAULT_MAX_WORDS;
    private final Map<String, AssetContent> extras = new LinkedHashMap<>();

    private Builder(LanguageModelConfiguration configuration, Vocabulary vocabulary) {
      this.configuration = configuration;
      this.vocabulary = vocabulary;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * The text that the vocabulary's counts are of. A vocabulary with counts goes with the model in any case, as {@link
     * PublishedCounts}. Default: the totals of the vocabulary, of today, without sources.
     *
     * @param text what was counted
     * @return this builder
     */
    public Builder counted(CountsAbout text) {
      counted = text;
      return this;
    }

    /**
     * How many words of a text are read at most, its last ones: what bounds a server's memory, as a batch is padded to its
     * longest text. Each word of each text of a batch takes some ten times 4 bytes times the hidden width. Default: {@value
     * LanguageModelExporter#DEFAULT_MAX_WORDS}.
     *
     * @param words from 1
     * @return this builder
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder maxWords(int words) {
      maxWords = requireMaxWords(words);
      return this;
    }

    /**
     * A file that goes with the model, as {@link SavedModelPublisher.Builder#extra} has it. Default: none.
     *
     * @param fileName its name in {@code assets.extra}
     * @param content writes the file
     * @return this builder
     */
    public Builder extra(String fileName, AssetContent content) {
      extras.put(fileName, content);
      return this;
    }

    /**
     * Finishes the settings.
     *
     * @return the exporter
     * @throws IllegalArgumentException if the vocabulary has another size than the configuration, topK is not in
     *     1..vocabulary, or tailWeights is not float32 for a full softmax
     */
    public LanguageModelExporter build() {
      int words = configuration.vocabulary();
      Require.argument(
          vocabulary.size() == words,
          "vocabulary must have the configuration's %d words: %d",
          words,
          vocabulary.size());
      int k = topK(DEFAULT_TOP_K, words, "vocabulary");
      Require.argument(
          tailWeights == TailWeights.FLOAT32 || configuration.softmax() == Softmax.ADAPTIVE,
          "tailWeights must be FLOAT32 for a full softmax, which has no tail clusters: %s",
          tailWeights);
      return new LanguageModelExporter(this, k);
    }
  }
}
