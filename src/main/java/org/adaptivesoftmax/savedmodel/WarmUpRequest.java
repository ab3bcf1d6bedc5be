package org.adaptivesoftmax.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.ClassifyLog;
import org.adaptivesoftmax.proto.ExampleList;
import org.adaptivesoftmax.proto.Input;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.PredictLog;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictionLog;
import org.tensorflow.Signature;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * A request that a model server runs while it loads a model.
 *
 * @param signature the key of the signature that answers it
 * @param classify whether it is a {@code Classify} request, whose one input is {@code inputs}, string [batch] of
 *     serialized {@code tf.Example}; if not, it is a {@code Predict} request
 * @param inputs by name
 */
record WarmUpRequest(String signature, boolean classify, Map<String, TensorProto> inputs) {
  /** Values that a message may leave out, as they equal the last one that it lists. */
  private static final int MAX_LEFT_OUT = 1 << 20;

  /**
   * A request to a signature.
   *
   * @param values hold at least the signature's inputs
   * @throws IllegalArgumentException if a value is missing
   */
  static WarmUpRequest of(Signature signature, Map<String, TensorProto> values) {
    Map<String, TensorProto> inputs = new TreeMap<>();
    for (String name : signature.inputNames()) {
      TensorProto value = values.get(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "warm-up has no value for input %s of signature %s".formatted(name, signature.key()));
      }
      inputs.put(name, value);
    }
    boolean classify = ServingSignature.CLASSIFY_METHOD.equals(signature.methodName());
    return new WarmUpRequest(signature.key(), classify, inputs);
  }

  /**
   * A request as it stands in a warm-up file.
   *
   * @throws IllegalArgumentException if it is of another kind
   */
  static WarmUpRequest of(PredictionLog log) {
    return switch (log.getLogTypeCase()) {
      case PREDICT_LOG -> {
        PredictRequest request = log.getPredictLog().getRequest();
        request.getInputsMap().forEach(WarmUpRequest::requireSize);
        yield new WarmUpRequest(
            key(request.getModelSpec()), false, new TreeMap<>(request.getInputsMap()));
      }
      case CLASSIFY_LOG -> {
        ClassificationRequest request = log.getClassifyLog().getRequest();
        yield new WarmUpRequest(
            key(request.getModelSpec()),
            true,
            Map.of(TensorNames.INPUTS, tensor(request.getInput().getExampleList())));
      }
      case LOGTYPE_NOT_SET ->
          throw new IllegalArgumentException("neither a Predict nor a Classify request");
    };
  }

  /** A few bytes may stand for more values than there is memory for. */
  private static void requireSize(String name, TensorProto tensor) {
    double values =
        tensor.getTensorShape().getDimList().stream()
            .mapToDouble(TensorShapeProto.Dim::getSize)
            .reduce(1, (a, b) -> a * b);
    Require.argument(
        values >= 0 && values <= (double) tensor.getSerializedSize() + MAX_LEFT_OUT,
        "input %s of %d bytes stands for %.0f values",
        name,
        tensor.getSerializedSize(),
        values);
  }

  private static String key(ModelSpec model) {
    return model.getSignatureName().isEmpty() ? SignatureKeys.DEFAULT : model.getSignatureName();
  }

  /**
   * The request as it stands in a warm-up file.
   *
   * @throws IllegalArgumentException if an example is none
   */
  PredictionLog toLog() {
    ModelSpec model = ModelSpec.newBuilder().setSignatureName(signature).build();
    if (classify) {
      ClassificationRequest request =
          ClassificationRequest.newBuilder()
              .setModelSpec(model)
              .setInput(Input.newBuilder().setExampleList(examples()))
              .build();
      return PredictionLog.newBuilder()
          .setClassifyLog(ClassifyLog.newBuilder().setRequest(request))
          .build();
    }
    PredictRequest request =
        PredictRequest.newBuilder().setModelSpec(model).putAllInputs(inputs).build();
    return PredictionLog.newBuilder()
        .setPredictLog(PredictLog.newBuilder().setRequest(request))
        .build();
  }

  private ExampleList examples() {
    ExampleList.Builder examples = ExampleList.newBuilder();
    try {
      for (ByteString bytes :
          inputs
              .getOrDefault(TensorNames.INPUTS, TensorProto.getDefaultInstance())
              .getStringValList()) {
        examples.addExamples(Example.parseFrom(bytes));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          OneLine.of(
              "warm-up of signature %s must hold serialized tf.Example: %s"
                  .formatted(signature, e.getMessage())),
          e);
    }
    return examples.build();
  }

  private static TensorProto tensor(ExampleList list) {
    TensorShapeProto.Dim batch =
        TensorShapeProto.Dim.newBuilder().setSize(list.getExamplesCount()).build();
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_STRING)
            .setTensorShape(TensorShapeProto.newBuilder().addDim(batch));
    list.getExamplesList().forEach(example -> tensor.addStringVal(example.toByteString()));
    return tensor.build();
  }
}
