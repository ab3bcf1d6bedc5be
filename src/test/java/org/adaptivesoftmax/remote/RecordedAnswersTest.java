package org.adaptivesoftmax.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.client.ClassLogProb;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.PredictRequest;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.FloatList;
import org.tensorflow.proto.error.Code;

/** Asks what a real server was asked, and reads what it answered. */
@SuppressWarnings("FloatingPointLiteralPrecision") // As the server writes them.
class RecordedAnswersTest {
  private static final float[] FIRST = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final float[][] ROWS = {FIRST, {0, 0, 0, 0, 0, 0, 0, 1}};

  private static final List<ClassLogProb<Long>> FIRST_TOP =
      List.of(
          new ClassLogProb<>(0L, -0.101115502f),
          new ClassLogProb<>(1L, -2.80895734f),
          new ClassLogProb<>(2L, -3.32713819f),
          new ClassLogProb<>(7L, -12.0802679f),
          new ClassLogProb<>(5L, -13.0553389f));

  private RecordedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new RecordedServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ModelServerClient probe(Transport transport) {
    return server.connect(transport, RemoteModel.builder("probe"));
  }

  /** The rows that the recorded requests of a kind have. */
  private static float[][] rows(Transport transport) {
    return transport == Transport.GRPC ? ROWS : new float[][] {FIRST};
  }

  @ParameterizedTest
  @EnumSource
  void topK(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      List<List<ClassLogProb<Long>>> top = client.outputLayer().topK(ROWS);
      assertThat(top).hasSize(2);
      assertThat(top.get(0)).isEqualTo(FIRST_TOP);
      assertThat(top.get(1))
          .startsWith(new ClassLogProb<>(0L, -1.73136914f))
          .endsWith(new ClassLogProb<>(6L, -2.32836437f));
    }
  }

  @ParameterizedTest
  @EnumSource
  void logProbUnderItsName(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      float[][] logProb = client.outputLayer().logProb(rows(transport));
      assertThat(logProb).hasDimensions(rows(transport).length, 50);
      assertThat(logProb[0]).startsWith(-0.101115502f, -2.80895734f).endsWith(-53.008461f);
      assertThat(client.predict("log_prob", inputs("inputs", rows(transport))).outputs())
          .containsOnlyKeys("log_probs");
    }
  }

  @Test
  void restAsksForTheNameOfAnOnlyOutputOnce() {
    try (ModelServerClient client = probe(Transport.REST)) {
      client.outputLayer().logProb(FIRST);
      client.outputLayer().logProb(FIRST);
      String predicted = "one output: its name is dropped";
      assertThat(server.answered()).containsExactly(predicted, "metadata", predicted);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aGivenVersion(Transport transport) {
    try (ModelServerClient client =
        server.connect(transport, RemoteModel.builder("probe").version(1))) {
      assertThat(client.outputLayer().topK(rows(transport)).get(0)).isEqualTo(FIRST_TOP);
    }
  }

  @Test
  void grpcTellsTheVersionThatAnswered() {
    try (ModelServerClient client = probe(Transport.GRPC)) {
      assertThat(client.predict("serving_default", inputs("inputs", ROWS)).version()).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyBatchNeedsNoServer(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      assertThat(client.outputLayer().topK()).isEmpty();
      assertThat(client.outputLayer().logProb()).isEmpty();
      assertThat(client.outputLayer().predict()).isEmpty();
      assertThat(client.outputLayer().score(new float[0][], new long[0])).isEmpty();
      assertThat(client.languageModel().complete(List.of())).isEmpty();
      assertThat(client.languageModel().score(List.of())).isEmpty();
      assertThat(client.classifier().classify(List.of())).isEmpty();
      assertThat(client.classifier().topK(List.of())).isEmpty();
      assertThat(client.classify("classify", List.of())).isEmpty();
      assertThat(
              client
                  .predict("serving_default", Map.of("inputs", NdArrays.ofFloats(Shape.of(0, 8))))
                  .outputs())
          .isEmpty();
    }
    assertThat(server.answered()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void metadata(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      ModelMetadata metadata = client.metadata();
      assertThat(metadata.version()).isEqualTo(1);
      TensorMetadata inputs = new TensorMetadata(DataType.DT_FLOAT, Shape.of(-1, 8));
      TensorMetadata five = new TensorMetadata(DataType.DT_FLOAT, Shape.of(-1, 5));
      TensorMetadata all = new TensorMetadata(DataType.DT_FLOAT, Shape.of(-1, 50));
      TensorMetadata classes = new TensorMetadata(DataType.DT_INT64, Shape.of(-1, 5));
      String method = "tensorflow/serving/predict";
      assertThat(metadata.signatures())
          .usingRecursiveComparison()
          // Shapes with an unknown size equal none.
          .withEqualsForType((x, y) -> x.toString().equals(y.toString()), Shape.class)
          .isEqualTo(
              Map.of(
                  "log_prob",
                  new SignatureMetadata(method, Map.of("inputs", inputs), Map.of("log_probs", all)),
                  "serving_default",
                  new SignatureMetadata(
                      method,
                      Map.of("inputs", inputs),
                      Map.of("classes", classes, "log_probs", five))));
    }
  }

  @ParameterizedTest
  @EnumSource
  void status(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      assertThat(client.status())
          .containsExactly(new VersionStatus(1, State.AVAILABLE, Code.OK, ""));
    }
  }

  @Test
  void statusOfAVersion() {
    try (ModelServerClient client =
        server.connect(Transport.REST, RemoteModel.builder("probe").version(1))) {
      assertThat(client.status())
          .containsExactly(new VersionStatus(1, State.AVAILABLE, Code.OK, ""));
    }
    try (ModelServerClient client =
        server.connect(Transport.REST, RemoteModel.builder("probe").version(9))) {
      assertFails(
          client::status,
          Code.NOT_FOUND,
          "model probe, version 9: NOT_FOUND: Could not find version 9 of model probe");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aModelThatIsNotThere(Transport transport) {
    try (ModelServerClient client = server.connect(transport, RemoteModel.builder("nosuch"))) {
      assertFails(
          client::status,
          Code.NOT_FOUND,
          "model nosuch, latest version: NOT_FOUND: Could not find any versions of model nosuch");
      assertFails(
          () -> client.outputLayer().topK(ROWS),
          Code.NOT_FOUND,
          "model nosuch, latest version, signature serving_default: NOT_FOUND: "
              + "Servable not found for request: Latest(nosuch)");
    }
  }

  @Test
  void aVersionThatIsNotThere() {
    try (ModelServerClient client =
        server.connect(Transport.GRPC, RemoteModel.builder("probe").version(9))) {
      assertFails(
          () -> client.outputLayer().topK(ROWS),
          Code.NOT_FOUND,
          "model probe, version 9, signature serving_default: NOT_FOUND: "
              + "Servable not found for request: Specific(probe, 9)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSignatureThatIsNotThere(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      boolean grpc = transport == Transport.GRPC;
      assertFails(
          () -> client.predict("nosuch", inputs("inputs", ROWS)),
          grpc ? Code.FAILED_PRECONDITION : Code.INVALID_ARGUMENT,
          grpc
              ? "model probe, latest version, signature nosuch: FAILED_PRECONDITION: "
                  + "Serving signature key \"nosuch\" not found."
              : "model probe, latest version, signature nosuch: INVALID_ARGUMENT: "
                  + "Serving signature name: \"nosuch\" not found in signature def");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWrongWidth(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      assertThatThrownBy(() -> client.outputLayer().topK(new float[] {1, 2, 3}))
          .isInstanceOfSatisfying(
              ModelServerException.class,
              e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
          .hasMessageStartingWith(
              "model probe, latest version, signature serving_default: INVALID_ARGUMENT: "
                  + "Matrix size-incompatible: In[0]: [1,3], In[1]: [8,");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWrongInputName(Transport transport) {
    try (ModelServerClient client = probe(transport)) {
      assertThatThrownBy(() -> client.predict("serving_default", inputs("wrong", rows(transport))))
          .isInstanceOfSatisfying(
              ModelServerException.class,
              e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT))
          .hasMessageContaining(
              transport == Transport.GRPC
                  ? "Inputs expected to be in the request {wrong}"
                  : "does not have named input: wrong");
    }
  }

  @ParameterizedTest
  @EnumSource
  void classifyWithAModelThatCannot(Transport transport) {
    FloatList one = FloatList.newBuilder().addValue(1).build();
    Features features =
        Features.newBuilder()
            .putFeature("x", Feature.newBuilder().setFloatList(one).build())
            .build();
    Example example = Example.newBuilder().setFeatures(features).build();
    try (ModelServerClient client = probe(transport)) {
      assertFails(
          () -> client.classify("serving_default", List.of(example)),
          Code.INVALID_ARGUMENT,
          "model probe, latest version, signature serving_default: INVALID_ARGUMENT: "
              + "Expects arg[0] to be float but string is provided");
    }
  }

  /** Each test above gets an answer only if its request is the recorded one; here are those that no client sends. */
  @Test
  void everyOtherRecordedRequestIsAsked() {
    for (Transport transport : Transport.values()) {
      topK(transport);
      logProbUnderItsName(transport);
      aGivenVersion(transport);
      metadata(transport);
      status(transport);
      aModelThatIsNotThere(transport);
      aSignatureThatIsNotThere(transport);
      aWrongWidth(transport);
      aWrongInputName(transport);
      classifyWithAModelThatCannot(transport);
    }
    statusOfAVersion();
    aVersionThatIsNotThere();
    List<String> recorded =
        new ArrayList<>(Recording.rest().stream().map(Recording.Rest::note).toList());
    Recording.grpc().forEach(exchange -> recorded.add(exchange.note()));
    recorded.removeAll(server.answered());
    assertThat(recorded)
        .containsExactlyInAnyOrder(
            "columnar format, default signature",
            "no instances",
            "broken JSON",
            "output filter",
            "empty batch");
  }

  /** What no client asks is made of the same bytes. */
  @Test
  void requestsThatAreNotSentAreTheRecordedOnes() {
    ModelSpec probe = ModelSpec.newBuilder().setName("probe").build();
    assertRecorded(
        "empty batch",
        PredictRequest.newBuilder()
            .setModelSpec(probe)
            .putInputs("inputs", ProtoTensors.encode(NdArrays.ofFloats(Shape.of(0, 8))))
            .build());
    assertRecorded(
        "output filter",
        PredictRequest.newBuilder()
            .setModelSpec(probe)
            .putInputs("inputs", ProtoTensors.encode(StdArrays.ndCopyOf(ROWS)))
            .addOutputFilter("classes")
            .build());
  }

  private static void assertRecorded(String note, PredictRequest request) {
    assertThat(Recording.grpc())
        .filteredOn(recorded -> recorded.note().equals(note))
        .singleElement()
        .satisfies(
            recorded -> assertThat(request.toByteArray()).containsExactly(recorded.request()));
  }

  private static void assertFails(ThrowingCallable call, Code code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ModelServerException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }

  private static Map<String, NdArray<?>> inputs(String name, float[][] rows) {
    return Map.of(name, StdArrays.ndCopyOf(rows));
  }
}
