package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

class LanguageModelExporterTest {
  private static final double TOLERANCE = 1e-5;

  /** Of different lengths, with words unknown, capital, beyond ASCII, or none at all. */
  private static final List<String> TEXTS =
      List.of(
          "the quick brown fox",
          "",
          "The DOG isn't  lazy; DON\u2019T\u00A0wake it, well\u2010known\tÉCLAIR!",
          "a",
          "the dog is a fox of 1914-1918 , and a dog is not a zebra in the quick garden .",
          " \t ");

  private final Path directory;

  LanguageModelExporterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static TString tensor(List<String> texts) {
    return TString.tensorOf(
        StandardCharsets.UTF_8,
        Shape.of(texts.size()),
        DataBuffers.ofObjects(texts.toArray(String[]::new)));
  }

  private static Result call(SavedModelBundle bundle, String key, List<String> texts) {
    try (TString text = tensor(texts)) {
      return bundle.function(key).call(Map.of("text", text));
    }
  }

  private static double[] floats(Result result, String name, long... shape) {
    TFloat32 tensor = (TFloat32) result.get(name).orElseThrow();
    assertThat(tensor.shape()).isEqualTo(Shape.of(shape));
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static long[] longs(Result result, String name, long... shape) {
    TInt64 tensor = (TInt64) result.get(name).orElseThrow();
    assertThat(tensor.shape()).isEqualTo(Shape.of(shape));
    long[] values = new long[(int) tensor.size()];
    tensor.asRawTensor().data().asLongs().read(values);
    return values;
  }

  private static List<String> strings(Result result, String name, long... shape) {
    TString tensor = (TString) result.get(name).orElseThrow();
    assertThat(tensor.shape()).isEqualTo(Shape.of(shape));
    List<String> values = new ArrayList<>();
    tensor.scalars().forEach(scalar -> values.add(scalar.getObject()));
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void aMovedModelAnswersAsTheEquations(Softmax softmax) throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, softmax);
    int words = tiny.vocabulary().size();
    Path version = tiny.export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      try (Result next = call(bundle, Signature.DEFAULT_KEY, TEXTS)) {
        assertNextWords(tiny, next);
      }
      try (Result all = call(bundle, "log_prob", TEXTS)) {
        assertThat(floats(all, "log_probs", TEXTS.size(), words))
            .containsExactly(
                TEXTS.stream().flatMapToDouble(t -> Arrays.stream(tiny.naive().next(t))).toArray(),
                within(TOLERANCE));
      }
      try (Result score = call(bundle, "score", TEXTS)) {
        assertThat(floats(score, "log_probs", TEXTS.size()))
            .containsExactly(
                TEXTS.stream().mapToDouble(tiny.naive()::score).toArray(), within(10 * TOLERANCE));
        assertThat(longs(score, "words", TEXTS.size()))
            .containsExactly(
                TEXTS.stream().mapToLong(text -> tiny.naive().ranks(text).length).toArray());
      }
      try (Result score = call(bundle, "score_by_cluster", TEXTS)) {
        assertThat(floats(score, "log_probs", TEXTS.size(), 3))
            .containsExactly(byCluster(tiny, 1), within(10 * TOLERANCE));
        assertThat(longs(score, "words", TEXTS.size(), 3))
            .containsExactly(Arrays.stream(byCluster(tiny, 0)).mapToLong(n -> (long) n).toArray());
      }
    }
  }

  @Test
  void theLastWordsOfALongTextAreRead() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    Path version =
        LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
            .maxWords(4)
            .build()
            .publish(new ModelDirectory(directory.resolve("short")), tiny.weights());
    List<String> texts = List.of("the dog", "a fox and the quick lazy dog is", "a dog is not");
    List<String> read = List.of("the dog", "quick lazy dog is", "a dog is not");
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      try (Result all = call(bundle, "log_prob", texts)) {
        assertThat(floats(all, "log_probs", 3, tiny.vocabulary().size()))
            .containsExactly(
                read.stream().flatMapToDouble(t -> Arrays.stream(tiny.naive().next(t))).toArray(),
                within(TOLERANCE));
      }
      try (Result score = call(bundle, "score", texts)) {
        assertThat(floats(score, "log_probs", 3))
            .containsExactly(
                read.stream().mapToDouble(tiny.naive()::score).toArray(), within(10 * TOLERANCE));
        assertThat(longs(score, "words", 3)).containsExactly(2, 4, 4);
      }
    }
    assertThatThrownBy(
            () ->
                LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary()).maxWords(0))
        .hasMessage("maxWords must be at least 1: 0");
    assertEvaluates(version);
  }

  /** A line that the model would not read in whole is no line to be evaluated. */
  private void assertEvaluates(Path version) throws IOException {
    Path text = Files.writeString(directory.resolve("long.txt"), "a dog is not\n");
    try (SavedLanguageModel model = SavedLanguageModel.load(version)) {
      assertThat(model.evaluate(Corpus.ofFile(text)).words().stream().mapToLong(n -> n).sum())
          .isEqualTo(5);
      Files.writeString(text, "a dog is not\na fox and the dog\n");
      assertThatThrownBy(() -> model.evaluate(Corpus.ofFile(text)))
          .hasMessageStartingWith(text + ": a line has 5 words, at most 4 can be scored");
    }
  }

  private static double[] byCluster(TinyLanguageModel tiny, int part) {
    return TEXTS.stream()
        .flatMapToDouble(text -> Arrays.stream(tiny.naive().scoreByCluster(text).get(part)))
        .toArray();
  }

  private static void assertNextWords(TinyLanguageModel tiny, Result next) {
    List<String> words = strings(next, "words", TEXTS.size(), 3);
    double[] logProbs = floats(next, "log_probs", TEXTS.size(), 3);
    for (int i = 0; i < TEXTS.size(); i++) {
      double[] expected = tiny.naive().next(TEXTS.get(i));
      List<Integer> best =
          IntStream.range(0, expected.length)
              .boxed()
              .sorted(Comparator.comparingDouble(rank -> -expected[rank]))
              .limit(3)
              .toList();
      assertThat(words.subList(3 * i, 3 * i + 3))
          .isEqualTo(best.stream().map(tiny.vocabulary()::word).toList());
      for (int j = 0; j < 3; j++) {
        assertThat(logProbs[3 * i + j]).isCloseTo(expected[best.get(j)], within(TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsDoNotInfluenceEachOther(Softmax softmax) throws IOException {
    Path version = TinyLanguageModel.save(directory, softmax).export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        Result batch = call(bundle, "score_by_cluster", TEXTS);
        Result next = call(bundle, Signature.DEFAULT_KEY, TEXTS)) {
      for (int i = 0; i < TEXTS.size(); i++) {
        try (Result row = call(bundle, "score_by_cluster", TEXTS.subList(i, i + 1));
            Result rowNext = call(bundle, Signature.DEFAULT_KEY, TEXTS.subList(i, i + 1))) {
          assertThat(floats(row, "log_probs", 1, 3))
              .containsExactly(
                  Arrays.copyOfRange(floats(batch, "log_probs", TEXTS.size(), 3), 3 * i, 3 * i + 3),
                  within(TOLERANCE));
          assertThat(longs(row, "words", 1, 3))
              .containsExactly(
                  Arrays.copyOfRange(longs(batch, "words", TEXTS.size(), 3), 3 * i, 3 * i + 3));
          assertThat(strings(rowNext, "words", 1, 3))
              .isEqualTo(strings(next, "words", TEXTS.size(), 3).subList(3 * i, 3 * i + 3));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyBatchHasEmptyAnswers(Softmax softmax) throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, softmax);
    Path version = tiny.export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        Result next = call(bundle, Signature.DEFAULT_KEY, List.of());
        Result score = call(bundle, "score", List.of());
        Result byCluster = call(bundle, "score_by_cluster", List.of());
        Result all = call(bundle, "log_prob", List.of())) {
      assertThat(strings(next, "words", 0, 3)).isEmpty();
      assertThat(floats(next, "log_probs", 0, 3)).isEmpty();
      assertThat(floats(score, "log_probs", 0)).isEmpty();
      assertThat(longs(score, "words", 0)).isEmpty();
      assertThat(floats(byCluster, "log_probs", 0, 3)).isEmpty();
      assertThat(longs(byCluster, "words", 0, 3)).isEmpty();
      assertThat(floats(all, "log_probs", 0, tiny.vocabulary().size())).isEmpty();
    }
  }

  @Test
  void dividesTextsAsTheTokenizer() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    List<String> parts = new ArrayList<>(tiny.vocabulary().words());
    tiny.vocabulary().words().forEach(word -> parts.add(word.toUpperCase(Locale.ROOT)));
    parts.addAll(
        List.of(" ", " ", "\t", "\u00A0", "\u3000", "-", "'", "\u2019s", "\u00AD", "$", "\\1"));
    Random random = new Random(6);
    List<String> texts =
        Stream.generate(
                () ->
                    random
                        .ints(random.nextInt(12), 0, parts.size())
                        .mapToObj(i -> parts.get(i) + (random.nextInt(3) == 0 ? "" : " "))
                        .collect(Collectors.joining()))
            .limit(300)
            .toList();
    Path version = tiny.export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        Result score = call(bundle, "score", texts)) {
      assertThat(longs(score, "words", texts.size()))
          .containsExactly(
              texts.stream().mapToLong(text -> Tokenizer.words(text).size()).toArray());
      assertThat(floats(score, "log_probs", texts.size()))
          .containsExactly(texts.stream().mapToDouble(tiny.naive()::score).toArray(), within(1e-4));
    }
  }

  @Test
  void aWordOutsideTheVocabularyIsTheUnknownWord() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    Path version = tiny.export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        Result score = call(bundle, "score", List.of("zebra"))) {
      double unknown = tiny.naive().next("")[tiny.vocabulary().unknownRank()];
      assertThat(floats(score, "log_probs", 1))
          .containsExactly(new double[] {unknown}, within(TOLERANCE));
    }
  }

  @Test
  void holdsInferenceAlone() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    Path version = tiny.export(directory).highestVersion();
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      List<String> variables = new ArrayList<>();
      bundle
          .graph()
          .operations()
          .forEachRemaining(
              operation -> {
                if (operation.type().startsWith("Variable")) {
                  variables.add(operation.name());
                }
              });
      assertThat(variables).containsExactlyInAnyOrderElementsOf(tiny.variables());
    }
    assertThat(Files.readAllLines(version.resolve("assets/vocabulary.txt")))
        .isEqualTo(tiny.vocabulary().words());
    assertThat(version.resolve("assets.extra/provenance.json"))
        .content()
        .contains(
            "\"library\"",
            "\"tensorflow\"",
            "\"softmax\" : \"adaptive\"",
            "\"cutoffs\" : [ 6, 15 ]",
            "\"vocabulary\" : " + tiny.vocabulary().size());
  }

  @Test
  void recordsWhatItIsTold() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.FULL);
    Path version =
        LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
            .provenance(Map.of("metrics", Map.of("perplexity", 170.5)))
            .build()
            .publish(new ModelDirectory(directory.resolve("model")), tiny.weights());
    assertThat(version.resolve("assets.extra/provenance.json"))
        .content()
        .contains("\"perplexity\" : 170.5", "\"softmax\" : \"full\"", "\"top_k\" : 10");
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    int words = tiny.vocabulary().size();
    assertThatThrownBy(
            () ->
                LanguageModelExporter.builder(configuration(words + 1), tiny.vocabulary()).build())
        .hasMessage("vocabulary must have the configuration's %d words: %d", words + 1, words);
    assertThatThrownBy(
            () ->
                LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
                    .topK(words + 1)
                    .build())
        .hasMessage("topK must be in 1..%d (vocabulary): %d", words, words + 1);
    LanguageModelExporter wider =
        LanguageModelExporter.builder(configuration(words), tiny.vocabulary()).build();
    assertThatThrownBy(() -> wider.publish(model, tiny.weights()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weights " + tiny.weights() + " do not fit the model: ");
    assertThatThrownBy(() -> wider.publish(model, directory.resolve("nothing")))
        .hasMessage("no such weights: " + directory.resolve("nothing"));
    assertThat(model.base()).doesNotExist();
  }

  private static LanguageModelConfiguration configuration(int words) {
    return LanguageModelConfiguration.builder()
        .vocabulary(words)
        .cutoffs(List.of(10))
        .embedding(4)
        .hidden(8)
        .build();
  }
}
