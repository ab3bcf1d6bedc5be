package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.FullSoftmax;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.export.TinyTextClassifier;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.proto.PredictionLog;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.exceptions.TFOutOfRangeException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.io.ReaderRead;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** What TensorFlow Serving asks of a warm-up file, of every kind of model. */
class WarmUpTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private enum Model {
    ADAPTIVE_LAYER {
      @Override
      Path export(Path directory) throws IOException {
        return layer(
            directory,
            tf ->
                AdaptiveSoftmax.builder(TFloat32.class)
                    .inFeatures(5)
                    .nClasses(9)
                    .cutoffs(2, 5)
                    .divValue(2)
                    .labelOrder(LabelOrder.ranked(-4, 700, 3, 12, 9, 8, 7, 1L << 40, 5))
                    .build(tf));
      }
    },
    FULL_LAYER {
      @Override
      Path export(Path directory) throws IOException {
        return layer(
            directory,
            tf -> FullSoftmax.builder(TFloat32.class).inFeatures(5).nClasses(2).seed(1).build(tf));
      }
    },
    LANGUAGE_MODEL {
      @Override
      Path export(Path directory) throws IOException {
        return TinyLanguageModel.save(directory, Softmax.ADAPTIVE)
            .export(directory)
            .highestVersion();
      }
    },
    CLASSIFIER {
      @Override
      Path export(Path directory) throws IOException {
        return TinyTextClassifier.save(directory).export(directory);
      }
    };

    abstract Path export(Path directory) throws IOException;

    private static Path layer(Path directory, Function<Ops, OutputLayer<TFloat32>> layer)
        throws IOException {
      try (Graph graph = new Graph();
          Session session = new Session(graph)) {
        OutputLayer<TFloat32> trained = layer.apply(Ops.create(graph));
        session.initialize();
        return OutputLayerExporter.builder(layer)
            .build()
            .publish(
                new ModelDirectory(directory.resolve("layer")), WeightSource.of(session, trained));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everySignatureIsAskedInSeveralBatchSizesAndAnswers(Model model) throws IOException {
    Path version = model.export(directory);
    List<WarmUpRequest> requests = WarmUpFile.read(version);
    assertThat(requests).hasSizeLessThanOrEqualTo(1000);
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      for (Signature signature : bundle.signatures()) {
        if (signature.methodName().isEmpty()) { // initializes tables
          continue;
        }
        Set<Long> batches = new TreeSet<>();
        for (WarmUpRequest request : requests) {
          if (request.signature().equals(signature.key())) {
            batches.add(answeredRows(bundle, signature, request));
          }
        }
        assertThat(batches).as(signature.key()).containsExactly(1L, 4L);
      }
    }
  }

  private static long answeredRows(
      SavedModelBundle bundle, Signature signature, WarmUpRequest request) {
    assertThat(request.classify())
        .isEqualTo(signature.methodName().equals(ServingSignature.CLASSIFY_METHOD));
    Set<Long> rows =
        request.inputs().values().stream()
            .map(tensor -> tensor.getTensorShape().getDim(0).getSize())
            .collect(Collectors.toSet());
    assertThat(rows).hasSize(1);
    try (MessageTensors inputs = MessageTensors.of(request.inputs());
        Result result = bundle.function(signature.key()).call(inputs.byName())) {
      result.forEach(output -> assertThat(output.getValue().shape().get(0)).isIn(rows));
    }
    return rows.iterator().next();
  }

  @Test
  void textsReachEveryCluster() throws IOException {
    Path version = Model.LANGUAGE_MODEL.export(directory);
    for (WarmUpRequest request : WarmUpFile.read(version)) {
      if (request.signature().equals(SignatureKeys.SCORE_BY_CLUSTER)) {
        assertThat(wordsByCluster(version, request)).hasSize(3).doesNotContain(0L);
      }
    }
  }

  private static List<Long> wordsByCluster(Path version, WarmUpRequest request) {
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        MessageTensors inputs = MessageTensors.of(request.inputs());
        Result result = bundle.function(request.signature()).call(inputs.byName())) {
      TInt64 words = (TInt64) result.get(TensorNames.WORDS).orElseThrow();
      List<Long> sums = new ArrayList<>();
      for (long cluster = 0; cluster < words.shape().get(1); cluster++) {
        long sum = 0;
        for (long row = 0; row < words.shape().get(0); row++) {
          sum += words.getLong(row, cluster);
        }
        sums.add(sum);
      }
      return sums;
    }
  }

  @Test
  void targetsReachTheFirstAndTheLastClass() throws IOException {
    Path version = Model.ADAPTIVE_LAYER.export(directory);
    List<Long> targets = new ArrayList<>();
    for (WarmUpRequest request : WarmUpFile.read(version)) {
      if (request.signature().equals(SignatureKeys.SCORE)) {
        try (MessageTensors inputs = MessageTensors.of(request.inputs())) {
          ((TInt64) inputs.byName().get("targets"))
              .scalars()
              .forEach(t -> targets.add(t.getLong()));
        }
      }
    }
    assertThat(targets).containsExactly(-4L, -4L, 3L, 8L, 5L);
  }

  @Test
  void tensorFlowItselfReadsTheFile() throws IOException {
    Path version = Model.CLASSIFIER.export(directory);
    List<PredictionLog> logs = new ArrayList<>();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var files = tf.io.fifoQueue(List.of(TString.class));
      var file = tf.constant(version.resolve(WarmUpFile.FILE).toString());
      session.run(tf.io.queueEnqueue(files, List.of(file)));
      session.run(tf.io.queueClose(files));
      ReaderRead read = tf.io.readerRead(tf.io.tfRecordReader(), files);
      for (int i = 0; i < 4; i++) {
        try (Result record = session.runner().fetch(read.value()).run()) {
          logs.add(PredictionLog.parseFrom(((TString) record.get(0)).asBytes().getObject()));
        }
      }
      assertThatThrownBy(() -> session.runner().fetch(read.value()).run())
          .isInstanceOf(TFOutOfRangeException.class);
    }
    assertThat(logs)
        .filteredOn(PredictionLog::hasClassifyLog)
        .extracting(log -> log.getClassifyLog().getRequest().getModelSpec().getSignatureName())
        .containsExactly("classify", "classify");
    assertThat(logs)
        .filteredOn(PredictionLog::hasPredictLog)
        .extracting(log -> log.getPredictLog().getRequest().getModelSpec().getSignatureName())
        .containsExactly("serving_default", "serving_default");
  }

  @Test
  void aRequestThatFailsIsNotPublished() throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TInt64 zero = TInt64.vectorOf(0)) {
      Ops tf = Ops.create(graph);
      Placeholder<TInt64> divisor =
          tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(Shape.UNKNOWN_SIZE)));
      tf.variable(tf.constant(1f));
      SavedModelPublisher publisher =
          SavedModelPublisher.builder(session)
              .signature(
                  ServingSignature.predict("divide")
                      .input("x", divisor)
                      .output("y", tf.math.floorDiv(tf.constant(7L), divisor))
                      .build())
              .warmUp(Map.of("x", zero))
              .build();
      assertThatThrownBy(() -> publisher.publish(new ModelDirectory(directory.resolve("model"))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("warm-up request to signature divide fails: ");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void everyInputNeedsAValue() {
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TInt64 zero = TInt64.vectorOf(0)) {
      Placeholder<TInt64> x = Ops.create(graph).placeholder(TInt64.class);
      SavedModelPublisher.Builder builder =
          SavedModelPublisher.builder(session)
              .signature(ServingSignature.predict("same").input("x", x).output("y", x).build())
              .warmUp(Map.of("z", zero));
      assertThatThrownBy(builder::build)
          .hasMessage("warm-up has no value for input x of signature same");
    }
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    Path version = Model.FULL_LAYER.export(directory);
    Path file = version.resolve(WarmUpFile.FILE);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 5));
    assertThatThrownBy(() -> WarmUpFile.read(version))
        .hasMessageMatching("\\Q%s\\E: record 7 is cut off: \\d+ of \\d+ bytes".formatted(file));
    byte[] changed = whole.clone();
    changed[40]++;
    Files.write(file, changed);
    assertThatThrownBy(() -> WarmUpFile.read(version))
        .hasMessage(file + ": record 0 does not fit its checksum");
    changed = whole.clone();
    changed[3]++;
    Files.write(file, changed);
    assertThatThrownBy(() -> WarmUpFile.read(version))
        .hasMessage(file + ": record 0, length does not fit its checksum");
    RecordFile.write(file, List.of(new byte[0]));
    assertThatThrownBy(() -> WarmUpFile.read(version))
        .hasMessage(file + ": request 0: neither a Predict nor a Classify request");
  }

  @Test
  void aRequestThatStandsForMoreValuesThanItHoldsIsRefused() throws IOException {
    TensorProto claims =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(1L << 28)))
            .addFloatVal(1)
            .build();
    WarmUpFile.write(List.of(new WarmUpRequest("s", false, Map.of("x", claims))), directory);
    assertThatThrownBy(() -> WarmUpFile.read(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("request 0: input x of ", " bytes stands for 268435456 values");
  }
}
