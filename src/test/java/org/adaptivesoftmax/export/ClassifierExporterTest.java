package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

class ClassifierExporterTest {
  private static final int K = 2;

  /** Of different lengths, with n-grams unknown, capital, beyond ASCII, or none at all. */
  private static final List<String> TEXTS =
      List.of(
          "hello there",
          "",
          "HELLO  there: DON\u2019T\u00A0wake the well\u2010known FOX!",
          "zebra",
          "good bye good night good morning hello how are you how are you what's the time",
          " \t ");

  private final Path directory;
  private TinyTextClassifier tiny;

  ClassifierExporterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void save() throws IOException {
    tiny = TinyTextClassifier.save(directory);
  }

  /** What the model answers. */
  private record Answer(List<String> classes, List<Float> values) {}

  private static TString tensor(List<String> texts) {
    return TString.tensorOf(
        StandardCharsets.UTF_8,
        Shape.of(texts.size()),
        DataBuffers.ofObjects(texts.toArray(String[]::new)));
  }

  private static Answer predict(SavedModelBundle bundle, List<String> texts) {
    try (TString text = tensor(texts);
        Result result = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", text))) {
      return answer(result, "log_probs", texts.size());
    }
  }

  private static Answer classify(SavedModelBundle bundle, List<byte[]> examples) {
    try (TString inputs =
            examples.isEmpty()
                ? tensor(List.of())
                : TString.tensorOfBytes(NdArrays.vectorOfObjects(examples.toArray(byte[][]::new)));
        Result result = bundle.function("classify").call(Map.of("inputs", inputs))) {
      return answer(result, "scores", examples.size());
    }
  }

  private static Answer answer(Result result, String name, int batch) {
    TString classes = (TString) result.get("classes").orElseThrow();
    TFloat32 numbers = (TFloat32) result.get(name).orElseThrow();
    assertThat(classes.shape()).isEqualTo(Shape.of(batch, K));
    assertThat(numbers.shape()).isEqualTo(Shape.of(batch, K));
    List<String> names = new ArrayList<>();
    classes.scalars().forEach(scalar -> names.add(scalar.getObject()));
    List<Float> values = new ArrayList<>();
    numbers.scalars().forEach(scalar -> values.add(scalar.getFloat()));
    return new Answer(names, values);
  }

  private static byte[] example(String feature, String text) {
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature(
                    feature,
                    Feature.newBuilder()
                        .setBytesList(
                            BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)))
                        .build()))
        .build()
        .toByteArray();
  }

  private void assertBest(Answer answer, String text, int row, boolean exp) {
    double[] expected = tiny.logProbs(text);
    List<Integer> best =
        IntStream.range(0, expected.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -expected[i]))
            .limit(K)
            .toList();
    for (int j = 0; j < K; j++) {
      double value = expected[best.get(j)];
      assertThat(answer.classes.get(K * row + j)).isEqualTo(tiny.labels().names().get(best.get(j)));
      assertThat(answer.values.get(K * row + j).doubleValue())
          .isCloseTo(exp ? Math.exp(value) : value, within(1e-5));
    }
  }

  @Test
  void aMovedModelAnswersAsTheEquations() throws IOException {
    try (SavedModelBundle bundle = SavedModelBundle.load(tiny.export(directory).toString())) {
      Answer answer = predict(bundle, TEXTS);
      Answer scores = classify(bundle, TEXTS.stream().map(text -> example("text", text)).toList());
      for (int i = 0; i < TEXTS.size(); i++) {
        assertBest(answer, TEXTS.get(i), i, false);
        assertBest(scores, TEXTS.get(i), i, true);
      }
    }
  }

  @Test
  void findsTheNGramsThatJavaFinds() throws IOException {
    List<String> parts = new ArrayList<>(tiny.vocabulary().ngrams());
    parts.addAll(List.of(" ", "\t", "\u00A0", "-", "'", "\u2019s", "zebra", "$", "\u00C9clair"));
    Random random = new Random(6);
    List<String> texts =
        IntStream.range(0, 500)
            .mapToObj(
                n -> {
                  StringBuilder text = new StringBuilder();
                  for (int words = random.nextInt(9); words > 0; words--) {
                    text.append(parts.get(random.nextInt(parts.size())));
                    text.append(random.nextInt(4) == 0 ? "" : " ");
                  }
                  return text.toString();
                })
            .toList();
    try (SavedModelBundle bundle = SavedModelBundle.load(tiny.export(directory).toString())) {
      Answer answer = predict(bundle, texts);
      for (int i = 0; i < texts.size(); i++) {
        assertBest(answer, texts.get(i), i, false);
      }
    }
  }

  /** A longer text is answered as its last words are, in each signature; a shorter one as ever. */
  @Test
  void ofALongTextTheLastWordsAreRead() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("short"));
    Path version =
        ClassifierExporter.builder(tiny.configuration(), tiny.vocabulary(), tiny.labels())
            .topK(K)
            .maxWords(3)
            .build()
            .publish(model, tiny.weights());
    List<String> texts = List.of("good night hello how are", "fox fox fox good bye", "good bye");
    List<String> read = List.of("hello how are", "fox good bye", "good bye");
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      Answer predicted = predict(bundle, texts);
      Answer classified =
          classify(bundle, texts.stream().map(text -> example("text", text)).toList());
      for (int row = 0; row < texts.size(); row++) {
        assertBest(predicted, read.get(row), row, false);
        assertBest(classified, read.get(row), row, true);
      }
    }
    assertThat(tiny.logProbs(texts.get(0))).isNotEqualTo(tiny.logProbs(read.get(0)));
    assertThatThrownBy(
            () ->
                ClassifierExporter.builder(tiny.configuration(), tiny.vocabulary(), tiny.labels())
                    .maxWords(0))
        .hasMessage("maxWords must be at least 1: 0");
  }

  @Test
  void rowsDoNotInfluenceEachOther() throws IOException {
    try (SavedModelBundle bundle = SavedModelBundle.load(tiny.export(directory).toString())) {
      for (int i = 0; i < TEXTS.size(); i++) {
        assertBest(predict(bundle, TEXTS.subList(i, i + 1)), TEXTS.get(i), 0, false);
        assertBest(classify(bundle, List.of(example("text", TEXTS.get(i)))), TEXTS.get(i), 0, true);
      }
    }
  }

  @Test
  void anEmptyBatchHasEmptyAnswers() throws IOException {
    try (SavedModelBundle bundle = SavedModelBundle.load(tiny.export(directory).toString())) {
      assertThat(predict(bundle, List.of()).classes).isEmpty();
      assertThat(classify(bundle, List.of()).classes).isEmpty();
    }
  }

  @Test
  void anExampleWithoutTextOrWithTwoIsAnsweredAlone() throws IOException {
    try (SavedModelBundle bundle = SavedModelBundle.load(tiny.export(directory).toString())) {
      byte[] good = example("text", "hello");
      Feature both =
          Feature.newBuilder()
              .setBytesList(
                  BytesList.newBuilder()
                      .addValue(ByteString.copyFromUtf8("hello"))
                      .addValue(ByteString.copyFromUtf8("there")))
              .build();
      byte[] two =
          Example.newBuilder()
              .setFeatures(Features.newBuilder().putFeature("text", both))
              .build()
              .toByteArray();
      Answer answer = classify(bundle, List.of(example("txt", "hello"), good, two));
      Answer alone = classify(bundle, List.of(good));
      assertThat(answer.classes.subList(K, 2 * K)).isEqualTo(alone.classes);
      for (int i = 0; i < K; i++) {
        assertThat(answer.values.get(K + i)).isCloseTo(alone.values.get(i), within(1e-5f));
      }
      for (int row : new int[] {0, 2}) {
        assertThat(answer.classes.subList(row * K, row * K + K)).containsOnly("");
        assertThat(answer.values.subList(row * K, row * K + K)).containsOnly(Float.NaN);
      }
    }
  }

  @Test
  void holdsInferenceAlone() throws IOException {
    Path version = tiny.export(directory);
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
      assertThat(bundle.metaGraphDef().getSignatureDefOrThrow("classify").getMethodName())
          .isEqualTo("tensorflow/serving/classify");
    }
    assertThat(Files.readAllLines(version.resolve("assets/ngrams.txt")))
        .isEqualTo(tiny.vocabulary().ngrams());
    assertThat(Files.readAllLines(version.resolve("assets/labels.txt")))
        .containsExactly("ask", "greet", "leave");
  }

  @Test
  void recordsWhereTheModelComesFrom() throws IOException {
    Path version =
        ClassifierExporter.builder(tiny.configuration(), tiny.vocabulary(), tiny.labels())
            .provenance(Map.of("accuracy", 0.75))
            .build()
            .publish(new ModelDirectory(directory.resolve("model")), tiny.weights());
    assertThat(version.resolve("assets.extra/provenance.json"))
        .content()
        .contains("\"library\"", "\"accuracy\" : 0.75", "\"classes\" : 3", "\"top_k\" : 3");
  }

  @Test
  void refusesWhatDoesNotFit() {
    int ngrams = tiny.vocabulary().size();
    assertThatThrownBy(() -> builder(ngrams + 1, 3, 5).build())
        .hasMessage("vocabulary must have the configuration's %d n-grams: %d", ngrams + 1, ngrams);
    assertThatThrownBy(() -> builder(ngrams, 4, 5).build())
        .hasMessage("labels must be the configuration's 4: 3");
    assertThatThrownBy(() -> builder(ngrams, 3, 5).topK(4).build())
        .hasMessage("topK must be in 1..3 (classes): 4");
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    assertThatThrownBy(() -> builder(ngrams, 3, 6).build().publish(model, tiny.weights()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weights " + tiny.weights() + " do not fit the model: ");
    assertThatThrownBy(
            () -> builder(ngrams, 3, 5).build().publish(model, directory.resolve("nothing")))
        .hasMessage("no such weights: " + directory.resolve("nothing"));
    assertThat(model.base()).doesNotExist();
  }

  private ClassifierExporter.Builder builder(int ngrams, int classes, int embedding) {
    return ClassifierExporter.builder(
        TextClassifierConfiguration.builder()
            .ngrams(ngrams)
            .classes(classes)
            .embedding(embedding)
            .hidden(7)
            .build(),
        tiny.vocabulary(),
        tiny.labels());
  }
}
