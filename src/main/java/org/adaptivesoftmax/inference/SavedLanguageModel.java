package org.adaptivesoftmax.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A language model that {@link LanguageModelExporter} published, in this process. Each text begins anew, and a word that
 * is not in the vocabulary is read as {@link Vocabulary#UNKNOWN}. Threads may share it, until it is closed.
 *
 * <pre>{@code
 * try (SavedLanguageModel model =
 *     SavedLanguageModel.load(new ModelDirectory(Path.of("savedmodels/wordnet-lm")))) {
 *   List<NextWord> words = model.next(List.of("the act of"), 5).get(0);
 *   List<String> continuations = model.sample("the act of", Sampling.builder().count(3).build());
 * }
 * }</pre>
 */
public final class SavedLanguageModel implements AutoCloseable {
  private final VersionBundle bundle;
  private final Vocabulary vocabulary;
  private final int topK;
  private final int clusters;

  @SuppressWarnings("ArrayRecordComponent") // Read at once, never compared.
  private record Scores(float[] logProbs, long[] words) {}

  private SavedLanguageModel(VersionBundle bundle) throws IOException {
    this.bundle = bundle;
    topK = columns(SignatureKeys.DEFAULT);
    clusters = columns(SignatureKeys.SCORE_BY_CLUSTER);
    int words = columns(SignatureKeys.LOG_PROB);
    Path version = bundle.version();
    vocabulary = Vocabulary.read(version.resolve(ModelDirectory.VOCABULARY));
    Require.argument(
        vocabulary.size() == words,
        "model version has a vocabulary of %d words, and probabilities of %d: %s",
        vocabulary.size(),
        words,
        version);
  }

  /** The last dimension of the log-probabilities that a signature answers a text with. */
  private int columns(String key) {
    SignatureDef signature =
        bundle.signatures().getOrDefault(key, SignatureDef.getDefaultInstance());
    TensorShapeProto logProbs =
        signature
            .getOutputsOrDefault(TensorNames.LOG_PROBS, TensorInfo.getDefaultInstance())
            .getTensorShape();
    Require.argument(
        signature.getInputsMap().keySet().equals(Set.of(TensorNames.TEXT))
            && logProbs.getDimCount() > 0,
        "not a language model, as it has no signature %s from text to log_probs: %s",
        key,
        bundle.version());
    return (int) logProbs.getDim(logProbs.getDimCount() - 1).getSize();
  }

  /**
   * Loads the highest version.
   *
   * @param model where it was published
   * @return the model, to be closed
   * @throws IllegalArgumentException if there is no such directory or no version in it, or the version is incomplete or
   *     no language model
   * @throws IOException if it cannot be read
   */
  public static SavedLanguageModel load(ModelDirectory model) throws IOException {
    return load(model.highestVersion());
  }

  /**
   * Loads the highest version.
   *
   * @param model where it was published
   * @param trustModel whether it may do whatever TensorFlow can; one that is not trusted is refused if its graph holds an
   *     operation that can touch files, processes or the network. This library exports none.
   * @return the model, to be closed
   * @throws IllegalArgumentException if there is no such directory or no version in it, or the version is incomplete,
   *     refused or no language model
   * @throws IOException if it cannot be read
   */
  public static SavedLanguageModel load(ModelDirectory model, boolean trustModel)
      throws IOException {
    return of(VersionBundle.load(model.highestVersion(), trustModel));
  }

  /**
   * Loads one version.
   *
   * @param version its directory
   * @return the model, to be closed
   * @throws IllegalArgumentException if it is incomplete, no language model, or holds an operation that can touch files,
   *     processes or the network
   * @throws IOException if it cannot be read
   */
  public static SavedLanguageModel load(Path version) throws IOException {
    return of(VersionBundle.load(version));
  }

  private static SavedLanguageModel of(VersionBundle bundle) throws IOException {
    try {
      return new SavedLanguageModel(bundle);
    } catch (Throwable failure) {
      bundle.close();
      throw failure;
    }
  }

  /** {@return the directory of the version that was loaded} */
  public Path version() {
    return bundle.version();
  }

  /** {@return the words that it reads and predicts; their counts are not known} */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The most probable next words, best first: the model's own distribution, with {@link Vocabulary#UNKNOWN} and {@link
   * Vocabulary#BOUNDARY}.
   *
   * @param texts any number of texts
   * @param k in 1..vocabulary; more than were exported cost the whole distribution
   * @return k words for each text
   * @throws IllegalArgumentException if k is out of its range
   */
  public List<List<NextWord>> next(List<String> texts, int k) {
    Require.argument(
        k >= 1 && k <= vocabulary.size(),
        "k must be in 1..%d (vocabulary): %d",
        vocabulary.size(),
        k);
    return k <= topK
        ? exportedTop(call(SignatureKeys.DEFAULT, texts), texts.size(), k)
        : allLogProbs(texts).stream().map(logProbs -> top(logProbs, k)).toList();
  }

  @SuppressWarnings("unchecked") // Words are strings.
  private List<List<NextWord>> exportedTop(Map<String, NdArray<?>> answer, int texts, int k) {
    NdArray<String> words = (NdArray<String>) output(answer, TensorNames.WORDS);
    FloatNdArray logProbs = (FloatNdArray) output(answer, TensorNames.LOG_PROBS);
    return IntStream.range(0, texts)
        .mapToObj(
            i ->
                IntStream.range(0, k)
                    .mapToObj(j -> new NextWord(words.getObject(i, j), logProbs.getFloat(i, j)))
                    .toList())
        .toList();
  }

  private List<NextWord> top(float[] logProbs, int k) {
    return IntStream.range(0, logProbs.length)
        .mapToObj(rank -> new NextWord(vocabulary.word(rank), logProbs[rank]))
        // Stable: among equals the more frequent word first, as exported.
        .sorted(Comparator.comparingDouble(NextWord::logProb).reversed())
        .limit(k)
        .toList();
  }

  /**
   * How probable texts are, each as the beginning of a sentence.
   *
   * @param texts any number of texts
   * @return a score for each text
   */
  public List<TextScore> score(List<String> texts) {
    Scores scores = scores(SignatureKeys.SCORE, texts);
    return IntStream.range(0, texts.size())
        .mapToObj(i -> new TextScore(scores.logProbs[i], scores.words[i]))
        .toList();
  }

  /**
   * How probable the lines of a corpus are. The end of each line is a word, {@link Vocabulary#BOUNDARY}; a line without
   * words is left out. Memory depends on neither the corpus nor its order.
   *
   * @param corpus one sentence a line
   * @return words and nats by cluster
   * @throws IllegalArgumentException if the corpus holds no word, or a line has more than the model reads of a text, or than
   *     4,096
   * @throws IllegalStateException if Jackson ({@code jackson-databind}), an optional dependency of this library, is not
   *     on the class path
   * @throws IOException if the corpus cannot be read
   */
  public ClusterScores evaluate(Corpus corpus) throws IOException {
    long[] words = new long[clusters];
    double[] nats = new double[clusters];
    CorpusBatches.forEach(corpus, maxWords(), lines -> add(lines, words, nats));
    Require.argument(LongStream.of(words).sum() > 0, "%s: no words", corpus.name());
    return new ClusterScores(
        LongStream.of(words).boxed().toList(), DoubleStream.of(nats).boxed().toList());
  }

  private int maxWords() throws IOException {
    Provenance provenance = Provenance.read(version());
    return provenance.has(ProvenanceKeys.MAX_WORDS)
        ? Math.min(
            CorpusBatches.MAX_LINE_WORDS, provenance.number(ProvenanceKeys.MAX_WORDS).intValue())
        : CorpusBatches.MAX_LINE_WORDS;
  }

  private void add(List<String> lines, long[] words, double[] nats) {
    Scores scores = scores(SignatureKeys.SCORE_BY_CLUSTER, lines);
    for (int i = 0; i < scores.words.length; i++) {
      words[i % clusters] += scores.words[i];
      nats[i % clusters] -= scores.logProbs[i];
    }
  }

  /**
   * Continues a text by chance, word by word, until the model draws the end of the sentence. {@link Vocabulary#UNKNOWN}
   * is never drawn, as it is no word that could stand in a text: the other words share its probability.
   *
   * @param text the beginning, perhaps empty
   * @param sampling how; the same settings give the same continuations, and the first of them do not depend on their
   *     count
   * @return the continuations, each without the text, its words divided by spaces; empty if the text itself was taken for
   *     a whole sentence
   */
  public List<String> sample(String text, Sampling sampling) {
    return new Continuations(vocabulary, this::allLogProbs, sampling).of(text);
  }

  /**
   * The continuations of highest score that a beam search finds. {@link Vocabulary#UNKNOWN} is part of none, as it is no word
   * that could stand in a text; probabilities are the model's own.
   *
   * @param text the beginning, perhaps empty
   * @param options how; a width of 2 less than were exported of next words, or fewer, spares the whole distribution
   * @return at most as many as the beam is wide, best first
   */
  public List<Continuation> beam(String text, BeamOptions options) {
    return new BeamSearch(this::next, vocabulary.size(), options).of(text);
  }

  private List<float[]> allLogProbs(List<String> texts) {
    int words = vocabulary.size();
    float[] all = logProbs(call(SignatureKeys.LOG_PROB, texts));
    return IntStream.range(0, texts.size())
        .mapToObj(i -> Arrays.copyOfRange(all, i * words, (i + 1) * words))
        .toList();
  }

  private Map<String, NdArray<?>> call(String key, List<String> texts) {
    return bundle.run(
        key,
        Map.of(
            TensorNames.TEXT,
            NdArrays.wrap(
                Shape.of(texts.size()), DataBuffers.ofObjects(texts.toArray(String[]::new)))));
  }

  private Scores scores(String key, List<String> texts) {
    Map<String, NdArray<?>> answer = call(key, texts);
    LongNdArray counts = (LongNdArray) output(answer, TensorNames.WORDS);
    long[] words = new long[(int) counts.size()];
    counts.copyTo(DataBuffers.of(words, false, false));
    return new Scores(logProbs(answer), words);
  }

  private static float[] logProbs(Map<String, NdArray<?>> answer) {
    FloatNdArray found = (FloatNdArray) output(answer, TensorNames.LOG_PROBS);
    float[] values = new float[(int) found.size()];
    found.copyTo(DataBuffers.of(values, false, false));
    return values;
  }

  private static NdArray<?> output(Map<String, NdArray<?>> answer, String name) {
    return Objects.requireNonNull(answer.get(name), name);
  }

  @Override
  public void close() {
    bundle.close();
  }
}
