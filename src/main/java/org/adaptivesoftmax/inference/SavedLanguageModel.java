package org.adaptivesoftmax.inference;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.adaptivesoftmax.savedmodel.VocabularyTables;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

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
  private final Path version;
  private final SavedModelBundle bundle;
  private final Vocabulary vocabulary;
  private final int topK;
  private final int clusters;

  @SuppressWarnings("ArrayRecordComponent") // Read at once, never compared.
  private record Scores(float[] logProbs, long[] words) {}

  private SavedLanguageModel(Path version, SavedModelBundle bundle) throws IOException {
    this.version = version;
    this.bundle = bundle;
    topK = columns(SignatureKeys.DEFAULT);
    clusters = columns(SignatureKeys.SCORE_BY_CLUSTER);
    int words = columns(SignatureKeys.LOG_PROB);
    vocabulary = Vocabulary.read(version.resolve("assets").resolve(VocabularyTables.FILE));
    require(
        vocabulary.size() == words,
        "model version has a vocabulary of %d words, and probabilities of %d: %s"
            .formatted(vocabulary.size(), words, version));
  }

  /** The last dimension of the log-probabilities that a signature answers a text with. */
  private int columns(String key) {
    return bundle.signatures().stream()
        .filter(signature -> signature.key().equals(key))
        .filter(signature -> signature.inputNames().equals(Set.of(TensorNames.TEXT)))
        .flatMap(signature -> signature.getOutputs().entrySet().stream())
        .filter(output -> output.getKey().equals(TensorNames.LOG_PROBS))
        .mapToInt(output -> (int) output.getValue().shape.get(-1))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not a language model, as it has no signature %s from text to log_probs: %s"
                        .formatted(key, version)));
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
   * Loads one version.
   *
   * @param version its directory
   * @return the model, to be closed
   * @throws IllegalArgumentException if it is incomplete or no language model
   * @throws IOException if it cannot be read
   */
  public static SavedLanguageModel load(Path version) throws IOException {
    SavedModelBundle bundle = VersionBundle.load(version);
    try {
      return new SavedLanguageModel(version, bundle);
    } catch (Throwable failure) {
      bundle.close();
      throw failure;
    }
  }

  /** {@return the directory of the version that was loaded} */
  public Path version() {
    return version;
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
    require(
        k >= 1 && k <= vocabulary.size(),
        "k must be in 1..%d (vocabulary): %d".formatted(vocabulary.size(), k));
    return k <= topK
        ? call(SignatureKeys.DEFAULT, texts, result -> exportedTop(result, texts.size(), k))
        : logProbs(texts).stream().map(logProbs -> top(logProbs, k)).toList();
  }

  private List<List<NextWord>> exportedTop(Result result, int texts, int k) {
    TString words = (TString) result.get(TensorNames.WORDS).orElseThrow();
    TFloat32 logProbs = (TFloat32) result.get(TensorNames.LOG_PROBS).orElseThrow();
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
   * @throws IllegalArgumentException if the corpus holds no word, or a line has more than 4,096
   * @throws IOException if the corpus cannot be read
   */
  public ClusterScores evaluate(Corpus corpus) throws IOException {
    long[] words = new long[clusters];
    double[] nats = new double[clusters];
    CorpusBatches.forEach(corpus, lines -> add(lines, words, nats));
    require(LongStream.of(words).sum() > 0, corpus.name() + ": no words");
    return new ClusterScores(
        LongStream.of(words).boxed().toList(), DoubleStream.of(nats).boxed().toList());
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
    return new Continuations(vocabulary, this::logProbs, sampling).of(text);
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

  private List<float[]> logProbs(List<String> texts) {
    int words = vocabulary.size();
    return call(
        SignatureKeys.LOG_PROB,
        texts,
        result -> {
          float[] all = floats(result);
          List<float[]> rows = new ArrayList<>();
          for (int i = 0; i < texts.size(); i++) {
            rows.add(Arrays.copyOfRange(all, i * words, (i + 1) * words));
          }
          return rows;
        });
  }

  private <T> T call(String key, List<String> texts, Function<Result, T> read) {
    try (TString text =
            TString.tensorOf(
                StandardCharsets.UTF_8,
                Shape.of(texts.size()),
                DataBuffers.ofObjects(texts.toArray(String[]::new)));
        Result result = bundle.function(key).call(Map.of(TensorNames.TEXT, text))) {
      return read.apply(result);
    }
  }

  private static float[] floats(Result result) {
    TFloat32 tensor = (TFloat32) result.get(TensorNames.LOG_PROBS).orElseThrow();
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }

  private Scores scores(String key, List<String> texts) {
    return call(
        key,
        texts,
        result -> {
          TInt64 tensor = (TInt64) result.get(TensorNames.WORDS).orElseThrow();
          long[] words = new long[(int) tensor.size()];
          tensor.asRawTensor().data().asLongs().read(words);
          return new Scores(floats(result), words);
        });
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }

  @Override
  public void close() {
    bundle.close();
  }
}
