package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Labels;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/**
 * Exports a text classifier with a pretrained encoder as a SavedModel that text goes into and labels come out of: BERT's
 * tokenizer is inside the graph, of TensorFlow's own operations, and its vocabulary and characters are assets, so that
 * TensorFlow Serving needs nothing beside it. The classifier is built anew in a graph that has nothing but inference, and
 * takes its weights from what a training session saved.
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
 *   <tr><td>{@code tokens}</td><td>{@code input_ids} int64 [batch, time], with the first and the last token of each text,
 *   {@code attention_mask} int64 [batch, time], 1 for a token and 0 for padding</td><td>as {@code serving_default}; a
 *   text with an id that is no token's, or with more tokens than the encoder has positions, is answered alone, with NaN and
 *   empty labels</td></tr>
 * </table>
 *
 * <p>A record of the configuration goes with the model, which needs Jackson ({@code jackson-databind}), an optional
 * dependency of this library.
 */
public final class EncoderClassifierExporter {
  private final EncoderClassifierConfiguration configuration;
  private final WordPieceTokenizer tokenizer;
  private final Labels labels;
  private final int topK;
  private final Map<String, ?> provenance;

  private EncoderClassifierExporter(Builder builder, int topK) {
    configuration = builder.configuration;
    tokenizer = builder.tokenizer;
    labels = builder.labels;
    this.topK = topK;
    provenance = builder.provenance;
  }

  /**
   * Starts an exporter.
   *
   * @param configuration of the trained classifier
   * @param tokenizer of its encoder
   * @param labels whose classes it was trained on
   * @return a builder with defaults for the rest
   * @throws IllegalStateException if Jackson is not on the class path
   */
  public static Builder builder(
      EncoderClassifierConfiguration configuration, WordPieceTokenizer tokenizer, Labels labels) {
    Provenance.requireLibrary();
    return new Builder(configuration, tokenizer, labels);
  }

  /**
   * Builds the graph, restores the weights and makes the model the next version.
   *
   * @param model where to publish
   * @param weights the prefix that {@link Session#save} of the training graph was given; of what it holds, only the
   *     variables of {@link EncoderClassifier} are read
   * @return the directory of the new version
   * @throws IllegalArgumentException if the model directory is a file, or the weights are missing or are not those of
   *     such a classifier
   * @throws IOException if writing fails; nothing is left then
   */
  public Path publish(ModelDirectory model, Path weights) throws IOException {
    model.requireNoFile();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      EncoderClassifier built = EncoderClassifier.create(tf, configuration);
      TextTokens tokens = TextTokens.create(tf, tokenizer);
      AssetLines labelLines =
          AssetLines.create(tf, "label_table", ClassifierExporter.LABELS, labels.names());
      var signatures =
          ClassifierSignatures.of(
              tf, texts -> logits(tf, built, tokens, texts), built, labelLines, topK);
      List<Op> inits = new ArrayList<>(tokens.inits());
      inits.add(labelLines.init());
      Op init = tf.withControlDependencies(inits).noOp();
      return new ClassifierVersion(
              graph,
              signatures,
              init,
              publisher -> {
                tokens.characters().addTo(publisher);
                tokens.vocabulary().addTo(publisher);
                labelLines.addTo(publisher);
              },
              words(),
              provenance())
          .publish(model, weights);
    }
  }

  private Operand<TFloat32> logits(
      Ops tf, EncoderClassifier model, TextTokens tokens, Operand<TString> texts) {
    Operand<TInt32> ids = tokens.ids(tf, texts, configuration.maxLength());
    return model.logits(tf, ids, model.mask(tf, ids));
  }

  /** Pieces that are words. */
  private List<String> words() {
    List<String> words =
        tokenizer.pieces().stream()
            .filter(piece -> piece.codePoints().allMatch(Character::isLetter))
            .toList();
    return words.isEmpty() ? tokenizer.pieces() : words;
  }

  private Map<String, ?> provenance() {
    EncoderConfiguration encoder = configuration.encoder();
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.CLASSES, configuration.classes());
    complete.put(ProvenanceKeys.VOCABULARY, tokenizer.pieces().size());
    complete.put(ProvenanceKeys.MAX_LENGTH, configuration.maxLength());
    complete.put(ProvenanceKeys.EMBEDDING, encoder.width());
    complete.put("layers", encoder.layers());
    complete.put("heads", encoder.heads());
    complete.put("intermediate", encoder.intermediate());
    complete.put("pooling", encoder.pooling().name());
    complete.put(ProvenanceKeys.DROPOUT, configuration.dropout());
    complete.put(ProvenanceKeys.SEED, configuration.seed());
    complete.put(ProvenanceKeys.TOP_K, topK);
    complete.putAll(provenance);
    return complete;
  }

  /** Settings of an exporter. */
  public static final class Builder extends ExporterBuilder<Builder> {
    private final EncoderClassifierConfiguration configuration;
    private final WordPieceTokenizer tokenizer;
    private final Labels labels;

    private Builder(
        EncoderClassifierConfiguration configuration, WordPieceTokenizer tokenizer, Labels labels) {
      this.configuration = configuration;
      this.tokenizer = tokenizer;
      this.labels = labels;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Finishes the settings.
     *
     * @return the exporter
     * @throws IllegalArgumentException if the tokenizer has more pieces than the encoder, another padding than the
     *     configuration, or labels another size, or topK is not in 1..classes
     */
    public EncoderClassifierExporter build() {
      int classes = configuration.classes();
      int vocabulary = configuration.encoder().embeddings().vocabulary();
      Require.argument(
          tokenizer.pieces().size() <= vocabulary,
          "tokenizer must have at most the encoder's %d pieces: %d",
          vocabulary,
          tokenizer.pieces().size());
      Require.argument(
          tokenizer.id(WordPieceTokenizer.PADDING) == configuration.padding(),
          "padding must be the tokenizer's %d: %d",
          tokenizer.id(WordPieceTokenizer.PADDING),
          configuration.padding());
      Require.argument(
          labels.size() == classes,
          "labels must be the configuration's %d: %d",
          classes,
          labels.size());
      int k = topK(ClassifierExporter.DEFAULT_TOP_K, classes, "classes");
      return new EncoderClassifierExporter(this, k);
    }
  }
}
