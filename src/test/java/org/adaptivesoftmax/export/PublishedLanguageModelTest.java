package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.RoundedRows;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.inference.ClusterScores;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.Sampling;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.inference.TextScore;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.model.LanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.TextSource;
import org.adaptivesoftmax.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** Language models whose tail weights are rounded, and those that are exported anew from a published version. */
class PublishedLanguageModelTest {
  private static final List<String> TEXTS =
      List.of("the quick brown fox", "", "a zebra", "the dog is not lazy, a fox is");

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private TinyLanguageModel tiny;

  @BeforeEach
  void save() throws IOException {
    tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
  }

  @ParameterizedTest
  @EnumSource
  void answersAsTheModelOfTheRoundedWeights(TailWeights form) throws IOException {
    Path rounded = directory.resolve("rounded");
    saveRounded(rounded, form);
    Path expected = publish("expected", rounded, TailWeights.FLOAT32);
    assertSameAnswers(publish("actual", tiny.weights(), form), expected);
  }

  @ParameterizedTest
  @EnumSource
  void exportsAPublishedVersionAnew(TailWeights form) throws IOException {
    Path first = publish("model", tiny.weights(), TailWeights.FLOAT32);
    PublishedLanguageModel published = PublishedLanguageModel.read(first);
    assertThat(published.configuration()).isEqualTo(tiny.configuration());
    assertThat(published.vocabulary().words()).isEqualTo(tiny.vocabulary().words());
    assertThat(published.topK()).isEqualTo(3);
    assertThat(published.tailWeights()).isEqualTo(TailWeights.FLOAT32);
    assertThat(published.provenance().values()).containsEntry("corpus", "some text");
    Path second =
        published.exporter().tailWeights(form).build().publish(model("model"), published.weights());
    assertThat(second).isEqualTo(directory.resolve("model/2"));
    assertSameAnswers(second, publish("expected", tiny.weights(), form));
    Map<String, Object> values = new LinkedHashMap<>(Provenance.read(second).values());
    assertThat(values.remove("parent")).hasToString(Ancestor.asParent(first).toString());
    assertThat(values).isEqualTo(Provenance.read(directory.resolve("expected/1")).values());
    assertThat(PublishedLanguageModel.read(second).tailWeights()).isEqualTo(form);
  }

  @Test
  void itsCountsGoWithIt() throws IOException {
    Path first = publish("model", tiny.weights(), TailWeights.FLOAT32);
    PublishedLanguageModel published = PublishedLanguageModel.read(first);
    assertThat(published.vocabulary().counts()).isEqualTo(tiny.vocabulary().counts());
    assertThat(published.counted().totals().documents())
        .isEqualTo(TinyLanguageModel.SENTENCES.size());
    CountsAbout about =
        new CountsAbout(
            new CountsAbout.Totals(70, 26, 5),
            0,
            Tokenizer.ID,
            List.of(new TextSource("corpus.txt", 5, "ff")),
            LocalDate.of(2026, 1, 2),
            List.of());
    Path second =
        published.exporter().counted(about).build().publish(model("model"), published.weights());
    published = PublishedLanguageModel.read(second);
    assertThat(published.counted()).isEqualTo(about);
    assertThat(published.vocabulary().counts()).isEqualTo(tiny.vocabulary().counts());
    Path counts = second.resolve("assets.extra/counts/counts.int64.gz");
    Files.write(counts, Arrays.copyOf(Files.readAllBytes(counts), 40));
    assertThatThrownBy(() -> PublishedVersion.read(model("model")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("counts are damaged: " + counts + ": ");
    FileTree.delete(counts.getParent());
    assertThat(PublishedLanguageModel.read(second).counted()).isNull();
    assertThat(PublishedLanguageModel.read(second).vocabulary().hasCounts()).isFalse();
  }

  @Test
  void everyVersionNamesTheVersionsThatItComesFrom() throws IOException {
    Path version = publish("model", tiny.weights(), TailWeights.FLOAT32);
    assertThat(PublishedVersion.read(model("model")).lineage()).isEmpty();
    for (int i = 0; i < 2; i++) {
      PublishedLanguageModel published = PublishedLanguageModel.read(version);
      version = published.exporter().build().publish(model("model"), published.weights());
    }
    List<Ancestor> lineage = PublishedVersion.read(model("model")).lineage();
    assertThat(lineage).extracting(Ancestor::version).containsExactly(2L, 1L);
    assertThat(lineage).extracting(Ancestor::model).containsOnly("model");
    FileTree.delete(directory.resolve("model/1"));
    FileTree.delete(directory.resolve("model/2"));
    assertThat(PublishedVersion.read(model("model")).lineage()).isEqualTo(lineage);
  }

  @Test
  void tellsTheTopKThatItWasExportedWith() throws IOException {
    PublishedLanguageModel published =
        PublishedLanguageModel.read(publish("model", tiny.weights(), TailWeights.FLOAT32));
    Path second = published.exporter().topK(5).build().publish(model("model"), published.weights());
    assertThat(PublishedLanguageModel.read(second).topK()).isEqualTo(5);
  }

  @Test
  void roundedWeightsCannotBeExportedAnew() throws IOException {
    Path version = publish("model", tiny.weights(), TailWeights.INT8);
    PublishedLanguageModel published = PublishedLanguageModel.read(version);
    assertThatThrownBy(published::exporter)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "only a model with float32 tail weights can be exported anew: %s has INT8", version);
  }

  @Test
  void roundedTailsNeedFittingWeights() throws IOException {
    Path version = publish("model", tiny.weights(), TailWeights.INT8);
    Path rounded = version.resolve("variables").resolve("variables");
    assertThatThrownBy(() -> publish("other", rounded, TailWeights.BFLOAT16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("weights " + rounded + " do not fit the model: ");
    assertThatThrownBy(() -> publish("other", directory.resolve("none"), TailWeights.INT8))
        .hasMessage("no such weights: " + directory.resolve("none"));
    assertThat(directory.resolve("other")).doesNotExist();
  }

  @Test
  void aFullSoftmaxHasNoTailWeights() throws IOException {
    Path other = Files.createDirectory(directory.resolve("full"));
    TinyLanguageModel full = TinyLanguageModel.save(other, Softmax.FULL);
    var exporter =
        LanguageModelExporter.builder(full.configuration(), full.vocabulary())
            .tailWeights(TailWeights.BFLOAT16);
    assertThatThrownBy(exporter::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "tailWeights must be FLOAT32 for a full softmax, which has no tail clusters: BFLOAT16");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {                                           | provenance is no JSON object: %s: not JSON: Unexpected end-of-input
          []                                          | provenance is no JSON object: %s: []
          null                                        | provenance is no JSON object: %s: null
          {"cutoffs": [6, 15]}                        | %s does not tell what the model is made of: no softmax
          {"softmax": "half"}                         | %s does not tell what the model is made of: No enum constant
          {"softmax": "adaptive", "vocabulary": "28"} | %s does not tell what the model is made of: vocabulary is no number: 28
          """)
  void saysWhatIsWrongWithAVersion(String provenance, String message) throws IOException {
    Path version = publish("model", tiny.weights(), TailWeights.FLOAT32);
    Path file = version.resolve("assets.extra/provenance.json");
    Files.writeString(file, provenance);
    assertThatThrownBy(() -> PublishedLanguageModel.read(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message.formatted(file));
    Files.delete(file);
    assertThatThrownBy(() -> PublishedLanguageModel.read(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a language model, as it has no assets.extra/provenance.json: %s", version);
  }

  private ModelDirectory model(String name) {
    return new ModelDirectory(directory.resolve(name));
  }

  private Path publish(String name, Path weights, TailWeights form) throws IOException {
    return LanguageModelExporter.builder(tiny.configuration(), tiny.vocabulary())
        .topK(3)
        .provenance(Map.of("corpus", "some text"))
        .tailWeights(form)
        .build()
        .publish(model(name), weights);
  }

  /** The weights as {@link RoundedRows} rounds them. */
  private void saveRounded(Path prefix, TailWeights form) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LanguageModel model = LanguageModel.create(tf, tiny.configuration());
      session.restore(tiny.weights().toString());
      model
          .output()
          .parameters()
          .forEach(
              (name, variable) -> {
                if (name.endsWith(".1.weight")) {
                  float[] rounded =
                      RoundedRows.of(
                          values(session, variable), (int) variable.shape().get(1), form);
                  session.run(
                      tf.assign(
                          variable,
                          tf.reshape(
                              tf.constant(rounded), tf.constant(variable.shape().asArray()))));
                }
              });
      session.save(prefix.toString());
    }
  }

  private static float[] values(Session session, Variable<TFloat32> variable) {
    try (Result result = session.runner().fetch(variable).run()) {
      float[] values = new float[(int) variable.shape().size()];
      ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(values);
      return values;
    }
  }

  private static void assertSameAnswers(Path actual, Path expected) throws IOException {
    try (SavedLanguageModel first = SavedLanguageModel.load(actual);
        SavedLanguageModel second = SavedLanguageModel.load(expected)) {
      int words = second.vocabulary().size();
      for (int k : new int[] {3, words}) {
        for (int text = 0; text < TEXTS.size(); text++) {
          List<NextWord> next = first.next(TEXTS, k).get(text);
          List<NextWord> same = second.next(TEXTS, k).get(text);
          assertThat(next).extracting(NextWord::word).isEqualTo(words(same));
          assertThat(logProbs(next)).containsExactly(logProbs(same), within(1e-5));
        }
      }
      double[] scores = first.score(TEXTS).stream().mapToDouble(TextScore::logProb).toArray();
      assertThat(scores)
          .containsExactly(
              second.score(TEXTS).stream().mapToDouble(TextScore::logProb).toArray(), within(1e-4));
      Sampling sampling = Sampling.builder().count(5).seed(3).build();
      assertThat(first.sample("the", sampling)).isEqualTo(second.sample("the", sampling));
      Corpus corpus =
          Corpus.ofFile(
              Files.write(actual.resolveSibling("sentences.txt"), TinyLanguageModel.SENTENCES));
      assertThat(nats(first.evaluate(corpus)))
          .containsExactly(nats(second.evaluate(corpus)), within(1e-3));
    }
  }

  private static List<String> words(List<NextWord> next) {
    return next.stream().map(NextWord::word).toList();
  }

  private static double[] logProbs(List<NextWord> next) {
    return next.stream().mapToDouble(NextWord::logProb).toArray();
  }

  private static double[] nats(ClusterScores scores) {
    return scores.nats().stream().mapToDouble(nats -> nats).toArray();
  }
}
