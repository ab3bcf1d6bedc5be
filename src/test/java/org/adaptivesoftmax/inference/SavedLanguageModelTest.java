package org.adaptivesoftmax.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Perplexity;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class SavedLanguageModelTest {
  private static final double TOLERANCE = 1e-5;

  private final Path directory;

  SavedLanguageModelTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private TinyLanguageModel tiny(Softmax softmax) throws IOException {
    return TinyLanguageModel.save(directory, softmax);
  }

  private static List<NextWord> best(TinyLanguageModel tiny, String text) {
    double[] logProbs = tiny.naive().next(text);
    return IntStream.range(0, logProbs.length)
        .mapToObj(rank -> new NextWord(tiny.vocabulary().word(rank), (float) logProbs[rank]))
        .sorted(Comparator.comparingDouble(NextWord::logProb).reversed())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 28})
  void givesTheBestNextWords(int k) throws IOException {
    TinyLanguageModel tiny = tiny(Softmax.ADAPTIVE);
    List<String> texts = List.of("the dog", "", "a fox is");
    try (SavedLanguageModel model = SavedLanguageModel.load(tiny.export(directory))) {
      List<List<NextWord>> next = model.next(texts, k);
      assertThat(next).hasSize(3).allSatisfy(words -> assertThat(words).hasSize(k));
      for (int i = 0; i < texts.size(); i++) {
        List<NextWord> expected = best(tiny, texts.get(i));
        for (int j = 0; j < k; j++) {
          NextWord word = next.get(i).get(j);
          assertThat(word.word()).isEqualTo(expected.get(j).word());
          assertThat(word.logProb()).isCloseTo(expected.get(j).logProb(), within(1e-5f));
        }
      }
    }
  }

  @Test
  void answersNoTextsWithNothing() throws IOException {
    try (SavedLanguageModel model =
        SavedLanguageModel.load(tiny(Softmax.ADAPTIVE).export(directory))) {
      assertThat(model.next(List.of(), 3)).isEmpty();
      assertThat(model.next(List.of(), 20)).isEmpty();
      assertThat(model.score(List.of())).isEmpty();
    }
  }

  @Test
  void scoresTexts() throws IOException {
    TinyLanguageModel tiny = tiny(Softmax.FULL);
    try (SavedLanguageModel model = SavedLanguageModel.load(tiny.export(directory))) {
      List<TextScore> scores = model.score(List.of("The lazy dog!", ""));
      assertThat(scores).extracting(TextScore::words).containsExactly(4L, 0L);
      assertThat((double) scores.get(0).logProb())
          .isCloseTo(tiny.naive().score("The lazy dog!"), within(TOLERANCE));
      assertThat(scores.get(1).logProb()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void evaluatesACorpusByCluster(Softmax softmax) throws IOException {
    TinyLanguageModel tiny = tiny(softmax);
    List<String> lines = new ArrayList<>();
    double[] words = new double[3];
    double[] nats = new double[3];
    for (int i = 0; i < 60; i++) {
      String sentence = TinyLanguageModel.SENTENCES.get(i % TinyLanguageModel.SENTENCES.size());
      lines.addAll(List.of(sentence.substring(0, 5 + i % 20) + " zebra", "", "the"));
    }
    for (String line : lines) {
      List<double[]> scores = tiny.naive().scoreByCluster(line);
      for (int c = 0; c < 3; c++) {
        words[c] += scores.get(0)[c];
        nats[c] -= scores.get(1)[c];
      }
    }
    Path corpus = Files.write(directory.resolve("lines.txt"), lines);
    try (SavedLanguageModel model = SavedLanguageModel.load(tiny.export(directory))) {
      ClusterScores scores = model.evaluate(Corpus.ofFile(corpus));
      for (int c = 0; c < 3; c++) {
        assertThat((double) scores.words().get(c)).isEqualTo(words[c]);
        assertThat(scores.nats().get(c)).isCloseTo(nats[c], within(TOLERANCE * nats[c]));
      }
    }
  }

  @Test
  void aCorpusWithoutWordsHasNoPerplexity() throws IOException {
    Corpus corpus = Corpus.ofFile(Files.writeString(directory.resolve("none.txt"), "\u200B\n"));
    try (SavedLanguageModel model =
        SavedLanguageModel.load(tiny(Softmax.ADAPTIVE).export(directory))) {
      assertThatThrownBy(() -> model.evaluate(corpus)).hasMessage(corpus.name() + ": no words");
    }
  }

  /** What training reports for a text of one line is what the export reports. */
  @ParameterizedTest
  @EnumSource
  void agreesWithTraining(Softmax softmax) throws Exception {
    TinyLanguageModel tiny = tiny(softmax);
    Path line =
        Files.writeString(
            directory.resolve("line.txt"), String.join(" ", TinyLanguageModel.SENTENCES));
    int[] train = Encoder.forTraining(tiny.vocabulary()).encode(Corpus.ofFile(line));
    int[] validation = Encoder.forEvaluation(tiny.vocabulary()).encode(Corpus.ofFile(line));
    Path checkpoints = directory.resolve("checkpoints");
    Perplexity expected;
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(
            tiny.configuration(),
            TrainingConfiguration.builder().batch(1).steps(7).epochs(2).learningRate(0.1).build(),
            new LanguageModelText(train, validation, tiny.vocabulary().boundaryRank()))) {
      trainer.train(Optional.of(checkpoints), TrainingListener.SILENT);
      expected = trainer.evaluate(validation);
    }
    Path checkpoint;
    try (Stream<Path> found = Files.list(checkpoints)) {
      checkpoint = found.findFirst().orElseThrow();
    }
    ModelDirectory exported = new ModelDirectory(directory.resolve("trained"));
    LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
        .build()
        .publish(exported, checkpoint.resolve("variables"));
    try (SavedLanguageModel model = SavedLanguageModel.load(exported)) {
      ClusterScores scores = model.evaluate(Corpus.ofFile(line));
      Perplexity actual = new Perplexity(scores.words(), scores.nats());
      assertThat(actual.words()).isEqualTo(expected.words());
      assertThat(actual.total()).isCloseTo(expected.total(), within(1e-4 * expected.total()));
    }
  }

  @Test
  void samplesRepeatably() throws IOException {
    TinyLanguageModel tiny = tiny(Softmax.ADAPTIVE);
    try (SavedLanguageModel model = SavedLanguageModel.load(tiny.export(directory))) {
      Sampling.Builder settings = Sampling.builder().temperature(2).maxWords(12);
      List<String> samples = model.sample("the", settings.count(40).seed(1).build());
      assertThat(samples).hasSize(40);
      assertThat(model.sample("the", settings.count(40).seed(1).build())).isEqualTo(samples);
      assertThat(model.sample("the", settings.count(3).seed(1).build()))
          .isEqualTo(samples.subList(0, 3));
      assertThat(model.sample("the", settings.count(40).seed(2).build())).isNotEqualTo(samples);
      assertThat(samples)
          .allSatisfy(
              sample -> {
                List<String> words = Tokenizer.words(sample);
                assertThat(sample).isEqualTo(String.join(" ", words));
                assertThat(words).hasSizeLessThanOrEqualTo(12);
                assertThat(words).allMatch(tiny.vocabulary()::contains);
              });
      assertThat(samples).anyMatch(sample -> Tokenizer.words(sample).size() == 12);
      assertThat(samples).anyMatch(sample -> Tokenizer.words(sample).size() < 12);
      assertThat(String.join(" ", samples)).doesNotContain(Vocabulary.UNKNOWN, "</s>");
    }
  }

  @Test
  void theColdestSampleTakesTheBestWordEachTime() throws IOException {
    TinyLanguageModel tiny = tiny(Softmax.ADAPTIVE);
    List<String> expected = new ArrayList<>();
    while (expected.size() < 8) {
      String word =
          best(tiny, "a " + String.join(" ", expected)).stream()
              .map(NextWord::word)
              .filter(next -> !next.equals(Vocabulary.UNKNOWN))
              .findFirst()
              .orElseThrow();
      if (word.equals(Vocabulary.BOUNDARY)) {
        break;
      }
      expected.add(word);
    }
    try (SavedLanguageModel model = SavedLanguageModel.load(tiny.export(directory))) {
      assertThat(model.sample("a", Sampling.builder().temperature(1e-6).maxWords(8).build()))
          .containsExactly(String.join(" ", expected));
    }
  }

  @Test
  void threadsShareAModel() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (SavedLanguageModel model =
        SavedLanguageModel.load(tiny(Softmax.ADAPTIVE).export(directory))) {
      List<List<NextWord>> expected = model.next(TinyLanguageModel.SENTENCES, 3);
      List<Future<List<List<NextWord>>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(pool.submit(() -> model.next(TinyLanguageModel.SENTENCES, 3)));
      }
      for (Future<List<List<NextWord>>> answer : answers) {
        assertThat(answer.get()).isEqualTo(expected);
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void answersNothingOnceClosed() throws IOException {
    SavedLanguageModel model = SavedLanguageModel.load(tiny(Softmax.ADAPTIVE).export(directory));
    model.close();
    assertThatThrownBy(() -> model.score(List.of("a"))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void namesWhatIsWrongWithADirectory() throws IOException {
    ModelDirectory none = new ModelDirectory(directory.resolve("none"));
    assertThatThrownBy(() -> SavedLanguageModel.load(none))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such model directory: " + none.base());
    ModelDirectory empty = new ModelDirectory(Files.createDirectory(directory.resolve("empty")));
    assertThatThrownBy(() -> SavedLanguageModel.load(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model directory has no version");
    ModelDirectory other = new ModelDirectory(directory.resolve("other"));
    Path version = exportAnotherModel(other);
    assertThatThrownBy(() -> SavedLanguageModel.load(other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "not a language model, as it has no signature serving_default from text to log_probs: "
                + version);
  }

  private static Path exportAnotherModel(ModelDirectory model) throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var x = tf.placeholder(TFloat32.class);
      session.run(tf.assign(tf.variable(Shape.of(1), TFloat32.class), tf.array(1f)));
      return SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict("serving_default")
                  .input("x", x)
                  .output("log_probs", tf.math.neg(x))
                  .build())
          .build()
          .publish(model);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "saved_model.pb",
        "assets/vocabulary.txt",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001"
      })
  void namesATruncatedExport(String file) throws IOException {
    ModelDirectory model = tiny(Softmax.ADAPTIVE).export(directory);
    Path version = model.highestVersion();
    try (RandomAccessFile content = new RandomAccessFile(version.resolve(file).toFile(), "rw")) {
      content.setLength(content.length() * 9 / 10);
    }
    assertThatThrownBy(() -> SavedLanguageModel.load(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model version cannot be loaded, is it complete? " + version);
    Files.delete(version.resolve(file));
    assertThatThrownBy(() -> SavedLanguageModel.load(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model version ")
        .hasMessageContaining(version.toString());
  }

  @Test
  void namesAVocabularyOfAnotherSize() throws IOException {
    ModelDirectory model = tiny(Softmax.ADAPTIVE).export(directory);
    Path vocabulary = model.highestVersion().resolve("assets/vocabulary.txt");
    Files.writeString(vocabulary, Files.readString(vocabulary) + "another\n");
    assertThatThrownBy(() -> SavedLanguageModel.load(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model version has a vocabulary of 29 words, and probabilities of");
  }
}
