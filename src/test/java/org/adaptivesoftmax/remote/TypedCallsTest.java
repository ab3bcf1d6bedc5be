package org.adaptivesoftmax.remote;

import static java.util.Comparator.comparingDouble;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.client.ClassLogProb;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.OutputLayerClient;
import org.adaptivesoftmax.client.WordDraw;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.export.TinyTextClassifier;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.error.Code;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The calls of each kind of model, over both transports, against the same model in this process: with the same division
 * into batches, as the last bit depends on a batch's size.
 */
class TypedCallsTest {
  private static final float[][] INPUTS = {
    {1, 0.5f, -2, 0}, {0, 0.25f, 1, 3}, {-1, -1, -1, -1}, {0, 0, 0, 1e-7f}, {7, 7, 7, 7}
  };
  private static final List<String> TEXTS =
      List.of("the quick", "a fox is", "", "\"don't\" \\ \u00fc\u4e16 \uD83D\uDE00\n", "the");

  @TempDir Path directory;

  private static RemoteModelBuilder client() {
    return RemoteModel.builder("m").maxBatch(2).deadline(Duration.ofSeconds(60));
  }

  @ParameterizedTest
  @EnumSource
  void ofALanguageModel(Transport transport) throws IOException {
    ModelDirectory exported = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
    try (LocalModel local = LocalModel.builder(exported).maxBatch(2).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      assertThat(client.languageModel().complete(TEXTS))
          .hasSize(5)
          .isEqualTo(local.languageModel().complete(TEXTS));
      assertThat(client.languageModel().score(TEXTS))
          .hasSize(5)
          .isEqualTo(local.languageModel().score(TEXTS));
      List<WordDraw> draws =
          IntStream.range(0, 40)
              .mapToObj(i -> new WordDraw(TEXTS.get(i % 5), i - 20, i % 2 == 0 ? 1 : 0.5f))
              .toList();
      List<NextWord> drawn = client.languageModel().sample(draws);
      assertThat(drawn).hasSize(40).isEqualTo(local.languageModel().sample(draws));
      assertThat(drawn.stream().map(NextWord::word).distinct().count()).isGreaterThan(5);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1, Float.NaN, Float.POSITIVE_INFINITY})
  void aBadTemperatureIsRefusedBeforeItIsSent(float temperature) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WordDraw("the", 1, temperature))
        .withMessage("temperature must be above 0 and finite: " + temperature);
  }

  @ParameterizedTest
  @EnumSource
  void ofAnOutputLayer(Transport transport) throws IOException {
    ModelDirectory exported = exportLayer();
    long[] targets = {0, 3, 19, 7, 8};
    try (LocalModel local = LocalModel.builder(exported).maxBatch(2).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      OutputLayerClient layer = client.outputLayer();
      List<List<ClassLogProb<Long>>> top = layer.topK(INPUTS);
      assertThat(top).hasSize(5).isEqualTo(local.outputLayer().topK(INPUTS));
      assertThat(layer.score(INPUTS, targets))
          .hasSize(5)
          .isEqualTo(local.outputLayer().score(INPUTS, targets));
      float[] expected = new float[5];
      float[][] logProb = local.outputLayer().logProb(INPUTS);
      List<Long> best = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        expected[i] = logProb[i][(int) targets[i]];
        best.add(top.get(i).get(0).label());
      }
      assertThat(local.outputLayer().score(INPUTS, targets))
          .usingComparatorWithPrecision(1e-4f)
          .containsExactly(expected);
      assertThat(local.outputLayer().predict(INPUTS))
          .containsExactly(best.stream().mapToLong(Long::longValue).toArray());
    }
  }

  /** 4 features, 20 classes, the signatures of an exported output layer. */
  private ModelDirectory exportLayer() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("layer"));
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      AdaptiveSoftmax<TFloat32> layer =
          AdaptiveSoftmax.builder(TFloat32.class)
              .inFeatures(4)
              .nClasses(20)
              .cutoffs(5, 10)
              .divValue(2)
              .build(tf);
      var x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 4)));
      var targets = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1)));
      var top = layer.topK(tf, x, 3);
      session.initialize();
      SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict(Signature.DEFAULT_KEY)
                  .input("inputs", x)
                  .output("classes", top.classes())
                  .output("log_probs", top.logProbs())
                  .build())
          .signature(
              ServingSignature.predict("log_prob")
                  .input("inputs", x)
                  .output("log_probs", layer.logProb(tf, x))
                  .build())
          .signature(
              ServingSignature.predict("predict")
                  .input("inputs", x)
                  .output(
                      "classes",
                      tf.squeeze(layer.topK(tf, x, 1).classes(), Squeeze.axis(List.of(1L))))
                  .build())
          .signature(
              ServingSignature.predict("score")
                  .input("inputs", x)
                  .input("targets", targets)
                  .output("log_probs", layer.call(tf, x, targets).output())
                  .build())
          .build()
          .publish(model);
    }
    return model;
  }

  /** The exporter's own model: n-grams, labels and the parsing of examples are inside it. */
  @ParameterizedTest
  @EnumSource
  void ofAClassifier(Transport transport) throws IOException {
    TinyTextClassifier classifier = TinyTextClassifier.save(directory);
    ModelDirectory exported = new ModelDirectory(classifier.export(directory).getParent());
    try (LocalModel local = LocalModel.builder(exported).maxBatch(2).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      List<List<ClassScore>> classes = client.classifier().classify(TEXTS);
      List<List<ClassLogProb<String>>> top = client.classifier().topK(TEXTS);
      assertThat(classes).hasSize(5).isEqualTo(local.classifier().classify(TEXTS));
      assertThat(top).hasSize(5).isEqualTo(local.classifier().topK(TEXTS));
      for (int i = 0; i < 5; i++) {
        double[] logProbs = classifier.logProbs(TEXTS.get(i));
        List<String> labels = classifier.labels().names();
        int best =
            IntStream.range(0, labels.size()).boxed().max(comparingDouble(c -> logProbs[c])).get();
        assertThat(classes.get(i)).hasSize(2);
        assertThat(classes.get(i).get(0).label()).isEqualTo(labels.get(best));
        assertThat(classes.get(i).get(0).score())
            .isCloseTo((float) Math.exp(logProbs[best]), within(1e-5f));
        assertThat(top.get(i).get(0).label()).isEqualTo(labels.get(best));
        assertThat(top.get(i).get(0).logProb()).isCloseTo((float) logProbs[best], within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anExampleWithoutTheTextIsAnsweredAlone(Transport transport) throws IOException {
    ModelDirectory exported =
        new ModelDirectory(TinyTextClassifier.save(directory).export(directory).getParent());
    try (LocalModel local = LocalModel.builder(exported).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      Example other =
          Example.newBuilder()
              .setFeatures(
                  Features.newBuilder()
                      .putFeature(
                          "x",
                          Feature.newBuilder()
                              .setFloatList(FloatList.newBuilder().addValue(1))
                              .build()))
              .build();
      Example good =
          Example.newBuilder()
              .setFeatures(
                  Features.newBuilder()
                      .putFeature(
                          "text",
                          Feature.newBuilder()
                              .setBytesList(
                                  BytesList.newBuilder().addValue(ByteString.copyFromUtf8("hello")))
                              .build()))
              .build();
      List<List<ClassScore>> answers = client.classify("classify", List.of(other, good));
      assertThat(answers.get(0)).allMatch(score -> Float.isNaN(score.score()));
      List<ClassScore> alone = client.classifier().classify(List.of("hello")).get(0);
      for (int i = 0; i < alone.size(); i++) {
        assertThat(answers.get(1).get(i).label()).isEqualTo(alone.get(i).label());
        assertThat(answers.get(1).get(i).score()).isCloseTo(alone.get(i).score(), within(1e-5f));
      }
      // Another transport's metadata are equal, unknown dimensions included.
      assertThat(client.metadata()).isEqualTo(local.metadata());
    }
  }

  /** As the real one does, the server tells the state of all versions, whatever label it is asked for. */
  @Test
  void theStatusOfALabelIsThatOfItsVersion() throws IOException {
    ModelDirectory exported =
        new ModelDirectory(TinyTextClassifier.save(directory).export(directory).getParent());
    try (LocalModel local = LocalModel.builder(exported).poll(Duration.ZERO).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient any = server.connect(Transport.GRPC, client());
        ModelServerClient stable =
            server.connect(Transport.GRPC, client().versionLabel("stable"))) {
      Files.createDirectories(exported.base().resolve("2"));
      assertThatThrownBy(local::refresh).isInstanceOf(IllegalArgumentException.class);
      assertThat(any.status()).hasSize(2);
      assertThat(stable.status()).singleElement().matches(status -> status.version() == 1);
    }
  }

  /** Texts in a joint batch, and such as are remembered, are the serialized examples of Classify requests, too. */
  @Test
  void ofAClassifierJoinedAndRemembered() throws Exception {
    ModelDirectory exported =
        new ModelDirectory(TinyTextClassifier.save(directory).export(directory).getParent());
    MeterRegistry registry = new SimpleMeterRegistry();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try (LocalModel plain = LocalModel.builder(exported).load();
        LocalModel model =
            LocalModel.builder(exported).microBatching(4).cache(3).metrics(registry).load()) {
      List<Future<List<List<ClassScore>>>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        List<String> texts = List.of(TEXTS.get(i % 5), TEXTS.get(i % 3));
        answers.add(pool.submit(() -> model.classifier().classify(texts)));
      }
      for (int i = 0; i < 200; i++) {
        assertThat(answers.get(i).get())
            .usingRecursiveComparison()
            .withComparatorForType((x, y) -> Math.abs(x - y) < 1e-5 ? 0 : 1, Float.class)
            .isEqualTo(plain.classifier().classify(List.of(TEXTS.get(i % 5), TEXTS.get(i % 3))));
      }
      assertThat(registry.get("adaptive.softmax.cache").tag("result", "hit").counter().count())
          .isPositive();
    } finally {
      pool.shutdown();
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellTheSignaturesAndTheVersions(Transport transport) throws IOException {
    ModelDirectory exported =
        new ModelDirectory(TinyTextClassifier.save(directory).export(directory).getParent());
    try (LocalModel local = LocalModel.builder(exported).poll(Duration.ZERO).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      assertThat(client.metadata())
          .usingRecursiveComparison()
          // Shapes with an unknown size equal none.
          .withEqualsForType((x, y) -> x.toString().equals(y.toString()), Shape.class)
          .isEqualTo(local.metadata());
      assertThat(client.metadata().signatures().get("classify").methodName())
          .isEqualTo("tensorflow/serving/classify");
      Files.createDirectory(exported.base().resolve("7"));
      assertThatThrownBy(local::refresh).hasMessageContaining("no saved_model.pb");
      assertThat(client.status()).hasSize(2).isEqualTo(local.status());
      assertThat(client.status().get(1).code()).isEqualTo(Code.FAILED_PRECONDITION);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofAnOutputLayerRefuseAWrongWidthAndAnUnknownClass(Transport transport) throws IOException {
    ModelDirectory exported = exportLayer();
    try (LocalModel local = LocalModel.builder(exported).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      for (ModelServerClient some : List.of(local, client)) {
        assertThatThrownBy(() -> some.outputLayer().topK(new float[3]))
            .isInstanceOf(ModelServerException.class)
            .hasMessageContaining(
                "signature serving_default: INVALID_ARGUMENT: "
                    + "input inputs must be DT_FLOAT [-1, 4]: DT_FLOAT [1, 3]");
        for (long unknown : new long[] {-1, 20, Long.MAX_VALUE}) {
          assertThatThrownBy(
                  () -> some.outputLayer().score(INPUTS, new long[] {0, 1, unknown, 3, 4}))
              .isInstanceOf(ModelServerException.class)
              .hasMessageContaining("signature score: INVALID_ARGUMENT: ")
              .hasMessageContaining(Long.toString(unknown))
              .hasMessageContaining("0..19");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofAnotherModelFailWithItsOutputs(Transport transport) throws IOException {
    ModelDirectory exported = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
    try (LocalModel local = LocalModel.builder(exported).load();
        BridgeServer server = new BridgeServer(local, "m");
        ModelServerClient client = server.connect(transport, client())) {
      assertThatThrownBy(() -> client.classifier().topK(TEXTS))
          .isInstanceOf(ModelServerException.class)
          .hasMessage(
              "model m, latest version, signature serving_default: FAILED_PRECONDITION: "
                  + "answer has no output classes: [log_probs, words]");
    }
  }
}
