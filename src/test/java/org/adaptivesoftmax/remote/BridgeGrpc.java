package org.adaptivesoftmax.remote;

import com.google.protobuf.Any;
import com.google.protobuf.Int64Value;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelMetadata.TensorMetadata;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.ClassificationResponse;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.proto.GetModelMetadataRequest;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.GetModelStatusResponse;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.ModelVersionStatus;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.adaptivesoftmax.proto.SignatureDefMap;
import org.adaptivesoftmax.proto.StatusProto;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** The services of TensorFlow Serving, answered by a model in this process. */
final class BridgeGrpc {
  private BridgeGrpc() {}

  private static String signature(ModelSpec spec) {
    return spec.getSignatureName().isEmpty() ? "serving_default" : spec.getSignatureName();
  }

  private static <T> void answer(StreamObserver<T> out, Supplier<T> answer) {
    try {
      out.onNext(answer.get());
      out.onCompleted();
    } catch (ModelServerException e) {
      out.onError(
          Status.fromCode(Status.Code.valueOf(e.code().name()))
              .withDescription(e.getMessage())
              .asException());
    }
  }

  static final class Predictions extends PredictionServiceGrpc.PredictionServiceImplBase {
    private final LocalModel model;

    Predictions(LocalModel model) {
      this.model = model;
    }

    @Override
    public void predict(PredictRequest request, StreamObserver<PredictResponse> out) {
      Map<String, NdArray<?>> inputs = new LinkedHashMap<>();
      request.getInputsMap().forEach((name, input) -> inputs.put(name, ProtoTensors.decode(input)));
      answer(
          out,
          () -> {
            PredictResponse.Builder response = PredictResponse.newBuilder();
            model
                .predict(signature(request.getModelSpec()), inputs)
                .outputs()
                .forEach((name, output) -> response.putOutputs(name, ProtoTensors.encode(output)));
            return response.build();
          });
    }

    @Override
    public void classify(
        ClassificationRequest request, StreamObserver<ClassificationResponse> out) {
      answer(
          out,
          () -> {
            ClassificationResult.Builder result = ClassificationResult.newBuilder();
            model
                .classify(
                    signature(request.getModelSpec()),
                    request.getInput().getExampleList().getExamplesList())
                .forEach(classes -> result.addClassifications(classifications(classes)));
            return ClassificationResponse.newBuilder().setResult(result).build();
          });
    }

    private static Classifications classifications(List<ClassScore> classes) {
      Classifications.Builder classifications = Classifications.newBuilder();
      for (ClassScore score : classes) {
        classifications.addClassesBuilder().setLabel(score.label()).setScore(score.score());
      }
      return classifications.build();
    }

    @Override
    public void getModelMetadata(
        GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> out) {
      answer(
          out,
          () -> {
            ModelMetadata metadata = model.metadata();
            SignatureDefMap.Builder signatures = SignatureDefMap.newBuilder();
            metadata
                .signatures()
                .forEach((key, signature) -> signatures.putSignatureDef(key, proto(signature)));
            return GetModelMetadataResponse.newBuilder()
                .setModelSpec(
                    request.getModelSpec().toBuilder()
                        .setVersion(Int64Value.of(metadata.version())))
                .putMetadata(request.getMetadataField(0), Any.pack(signatures.build()))
                .build();
          });
    }

    private static SignatureDef proto(SignatureMetadata signature) {
      SignatureDef.Builder proto = SignatureDef.newBuilder().setMethodName(signature.methodName());
      signature.inputs().forEach((name, tensor) -> proto.putInputs(name, proto(tensor)));
      signature.outputs().forEach((name, tensor) -> proto.putOutputs(name, proto(tensor)));
      return proto.build();
    }

    private static TensorInfo proto(TensorMetadata tensor) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      if (tensor.shape().isUnknown()) {
        shape.setUnknownRank(true);
      } else {
        for (long size : tensor.shape().asArray()) {
          shape.addDimBuilder().setSize(size);
        }
      }
      return TensorInfo.newBuilder().setDtype(tensor.type()).setTensorShape(shape).build();
    }
  }

  static final class Models extends ModelServiceGrpc.ModelServiceImplBase {
    private final LocalModel model;

    Models(LocalModel model) {
      this.model = model;
    }

    @Override
    public void getModelStatus(
        GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> out) {
      answer(
          out,
          () -> {
            GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
            model.status().forEach(status -> response.addModelVersionStatus(proto(status)));
            return response.build();
          });
    }

    private static ModelVersionStatus proto(VersionStatus status) {
      return ModelVersionStatus.newBuilder()
          .setVersion(status.version())
          .setState(ModelVersionStatus.State.valueOf(status.state().name()))
          .setStatus(
              StatusProto.newBuilder()
                  .setErrorCode(status.code())
                  .setErrorMessage(status.message()))
          .build();
    }
  }
}
