package org.adaptivesoftmax.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.ClassificationResponse;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.adaptivesoftmax.serving.ModelDirectory;
import org.adaptivesoftmax.serving.NextWord;
import org.adaptivesoftmax.serving.SavedModelPublisher;
import org.adaptivesoftmax.serving.ServingSignature;
import org.adaptivesoftmax.serving.TinyLanguageModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

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

  private static ModelServerClientBuilder client() {
    return ModelServerClient.builder("m").maxBatch(2).deadline(Duration.ofSeconds(60));
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

  @Test
  void ofAClassifierOverGrpc() throws IOException {
    Server server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(new TwoClasses())
            .build()
            .start();
    try (ModelServerClient client = client().grpc("localhost:" + server.getPort())) {
      assertClassifies(client);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void ofAClassifierOverRest() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/models/m:classify",
        exchange -> {
          var request =
              Recording.body(
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          assertThat(request.get("signature_name").asText()).isEqualTo("classify");
          StringBuilder results = new StringBuilder();
          request
              .get("examples")
              .forEach(
                  example ->
                      results
                          .append(results.isEmpty() ? "" : ", ")
                          .append(
                              "[[%s, 0.75], [\"other\", 0.25]]".formatted(example.get("text"))));
          RecordedServer.reply(exchange, 200, "{\"results\": [%s]}".formatted(results));
        });
    server.start();
    try (ModelServerClient client =
        client().rest(URI.create("http://localhost:" + server.getAddress().getPort()))) {
      assertClassifies(client);
    } finally {
      server.stop(0);
    }
  }

  @Test
  @SuppressWarnings("unchecked") // The parsed feature is a string.
  void ofAClassifierInThisProcess() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("classifier"));
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var examples = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
      Operand<TString> none = tf.constant(NdArrays.ofObjects(String.class, Shape.of(0)));
      Operand<?> text =
          tf.io
              .parseExample(
                  examples,
                  none,
                  none,
                  tf.array("text"),
                  none,
                  List.of(tf.constant("")),
                  0L,
                  List.of(),
                  List.of(),
                  List.of(),
                  List.of(Shape.scalar()))
              .denseValues()
              .get(0);
      Operand<TString> label = tf.reshape((Operand<TString>) text, tf.constant(new int[] {-1, 1}));
      Operand<TString> other = tf.fill(tf.shape(label), tf.constant("other"));
      Operand<TFloat32> zeros =
          tf.fill(tf.shape(tf.concat(List.of(label, other), tf.constant(1))), tf.constant(0f));
      session.run(tf.assign(tf.variable(Shape.of(1), TFloat32.class), tf.array(1f)));
      SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.classify("classify")
                  .input("inputs", examples)
                  .output("classes", tf.concat(List.of(label, other), tf.constant(1)))
                  .output("scores", tf.math.add(zeros, tf.array(0.75f, 0.25f)))
                  .build())
          .build()
          .publish(model);
    }
    try (ModelServerClient client = LocalModel.builder(model).maxBatch(2).load()) {
      assertClassifies(client);
    }
  }

  private static void assertClassifies(ModelServerClient client) {
    assertThat(client.classifier().classify(TEXTS))
        .isEqualTo(
            TEXTS.stream()
                .map(text -> List.of(new ClassScore(text, 0.75f), new ClassScore("other", 0.25f)))
                .toList());
  }

  /** The text itself, and another class. */
  private static final class TwoClasses extends PredictionServiceGrpc.PredictionServiceImplBase {
    @Override
    public void classify(
        ClassificationRequest request, StreamObserver<ClassificationResponse> out) {
      ClassificationResult.Builder result = ClassificationResult.newBuilder();
      for (var example : request.getInput().getExampleList().getExamplesList()) {
        var text = example.getFeatures().getFeatureOrThrow("text").getBytesList().getValue(0);
        var best = org.adaptivesoftmax.proto.Class.newBuilder().setLabelBytes(text).setScore(0.75f);
        var other = org.adaptivesoftmax.proto.Class.newBuilder().setLabel("other").setScore(0.25f);
        result.addClassifications(Classifications.newBuilder().addClasses(best).addClasses(other));
      }
      assertThat(request.getModelSpec().getSignatureName()).isEqualTo("classify");
      out.onNext(ClassificationResponse.newBuilder().setResult(result).build());
      out.onCompleted();
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
