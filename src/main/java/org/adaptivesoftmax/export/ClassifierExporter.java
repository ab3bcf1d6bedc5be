package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.TextClassifier;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Labels;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/**
 * Exports a text classifier as a SavedModel that text goes into and labels come out of: it divides texts as {@link
 * org.adaptivesoftmax.text.NGrams} does, and its n-grams and labels are assets. The classifier is built anew in a
 * graph that has nothing but inference, and takes its weights from what a training session saved.
 *
 * <table>
 *   <caption>Signatures; the batch may be empty, and so may a text. The k most probable classes are given, best
 *   first</caption>
 *   <tr><th>key</th><th>input</th><th>outputs</th></tr>
 *   <tr><td>{@code serving_default}</td><td>{@code text} string [batch]</td><td>{@code classes} string [batch, k], {@code
 *   log_probs} float32 [batch, k], natural logarithms</td></tr>
 *   <tr><td>{@code classify}</td><td>{@code inputs} string [batch], each a serialized {@code tf.Example} with a feature
 *   {@code text} of one string</td><td>{@code classes} string [batch, k], {@code scores} float32 [batch, k],
 *   probabilities</td></tr>
 * </table>
 *
 * <p>A record of the configuration goes with the model, which needs Jackson ({@code jackson-databind}), an optional
 * dependency of this library.
 */
public final class ClassifierExporter {
  /** How many classes an answer has by default, if there are as many. */
  public static final int DEFAULT_TOP_K = 5;

  /** How many words of a text are read by default, its last ones. */
  public static final int DEFAULT_MAX_WORDS = 10_000;

  private static final String NGRAMS = "ngrams.txt";
  static final String LABELS = "labels.txt";

  private final TextClassifierConfiguration configuration;
  private final NGramVocabulary vocabulary;
  private final Labels labels;
  private final int topK;
  private final int maxWords;
  private final Map<String, ?> provenance;

  private ClassifierExporter(Builder builder, int topK) {
    configuration = builder.configuration;
    vocabulary = builder.vocabulary;
    labels = builder.labels;
    this.topK = topK;
    maxWords = builder.maxWords;
    provenance = builder.provenance;
  }

  /**
   * Starts an exporter.
   *
   * @param configuration of the trained classifier
   * @param vocabulary whose ranks it was trained on
   * @param labels whose classes it was trained on
   * @return a builder with defaults for the rest
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public static Builder builder(
      TextClassifierConfiguration configuration, NGramVocabulary vocabulary, Labels labels) {
    Provenance.requireLibrary();
    return new Builder(configuration, vocabulary, labels);
  }

  /**
   * Builds the graph, restores the weights and makes the model the next version.
   *
   * @param model where to publish
   * @param weights the prefix that {@link Session#save} of the training graph was given; of what it holds, only the
   *     variables of {@link TextClassifier} are read
   * @return the directory of the new version
   * @throws IllegalArgumentException if the model directory is a file, or the weights are missing or are not those of
   *     such a classifier
   * @throws IOException if writing fails; nothing is left then
   */
  public Path publish(ModelDirectory model, Path weights) throws IOException {
    model.requireNoFile();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      TextClassifier built = TextClassifier.create(tf, configuration);
      AssetLines ngramLines = AssetLines.create(tf, "ngram_table", NGRAMS, vocabulary.ngrams());
      AssetLines labelLines = AssetLines.create(tf, "label_table", LABELS, labels.names());
      var signatures =
          ClassifierSignatures.of(
              tf, texts -> logits(tf, built, texts, ngramLines), labelLines, topK);
      var init = tf.withControlDependencies(List.of(ngramLines.init(), labelLines.init())).noOp();
      return new ClassifierVersion(
              graph,
              signatures,
              init,
              publisher -> {
                ngramLines.addTo(publisher);
                labelLines.addTo(publisher);
              },
              vocabulary.ngrams(),
              provenance())
          .publish(model, weights);
    }
  }

  private Operand<TFloat32> logits(
      Ops tf, TextClassifier model, Operand<TString> texts, AssetLines ngrams) {
    TextNGrams found = TextNGrams.of(tf, texts, ngrams, maxWords);
    return model.logits(tf, found.ngrams(), found.texts(), tf.size(texts));
  }

  private Map<String, ?> provenance() {
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.NGRAMS, configuration.ngrams());
    complete.put(ProvenanceKeys.CLASSES, configuration.classes());
    complete.put(ProvenanceKeys.EMBEDDING, configuration.embedding());
    complete.put(ProvenanceKeys.HIDDEN, configuration.hidden());
    complete.put(ProvenanceKeys.DROPOUT, configuration.dropout());
    complete.put(ProvenanceKeys.SEED, configuration.seed());
    complete.put(ProvenanceKeys.TOP_K, topK);
    complete.put(ProvenanceKeys.MAX_WORDS, maxWords);
    complete.putAll(provenance);
    return complete;
  }

  /** Settings of an exporter. */
  public static final class Builder extends ExporterBuilder<Builder> {
    private final TextClassifierConfiguration configuration;
    private final NGramVocabulary vocabulary;
    private final Labels labels;
    private int maxWords = DEFAULT_MAX_WORDS;

    private Builder(
        TextClassifierConfiguration configuration, NGramVocabulary vocabulary, Labels labels) {
      this.configuration = configuration;
      this.vocabulary = vocabulary;
      this.labels = labels;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * How many words of a text are read at most, its last ones: what bounds a server's memory. Default: {@value
     * ClassifierExporter#DEFAULT_MAX_WORDS}.
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
     * Finishes the settings.
     *
     * @return the exporter
     * @throws IllegalArgumentException if vocabulary or labels have another size than the configuration, or topK is not
     *     in 1..classes
     */
    public ClassifierExporter build() {
      int classes = configuration.classes();
      Require.argument(
          vocabulary.size() == configuration.ngrams(),
          "vocabulary must have the configuration's %d n-grams: %d",
          configuration.ngrams(),
          vocabulary.size());
      Require.argument(
          labels.size() == classes,
          "labels must be the configuration's %d: %d",
          classes,
          labels.size());
      int k = topK(DEFAULT_TOP_K, classes, "classes");
      return new ClassifierExporter(this, k);
    }
  }
}
