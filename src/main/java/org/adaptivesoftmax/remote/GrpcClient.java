package org.adaptivesoftmax.remote;

import com.google.protobuf.Any;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.AbstractStub;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.ModelVersion;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.internal.tensors.BatchSize;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.proto.ExampleList;
import org.adaptivesoftmax.proto.GetModelMetadataRequest;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.Input;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.ModelVersionStatus;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.adaptivesoftmax.proto.SignatureDefMap;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.error.Code;

/** A client over gRPC: one channel, which connects by itself and multiplexes requests. */
final class GrpcClient implements ModelServerClient {
  private static final String SIGNATURE_DEF = "signature_def";
  private static final long CLOSE_SECONDS = 5;
  private static final Pattern TOO_LARGE =
      Pattern.compile("(?i)message.*(larger|exceeds|too large)");

  private final ManagedChannel channel;
  private final PredictionServiceGrpc.PredictionServiceBlockingStub predictions;
  private final ModelServiceGrpc.ModelServiceBlockingStub models;
  private final ModelVersion model;
  private final Calls calls;
  private final int maxBatch;
  private final int maxAnswerBytes;

  GrpcClient(String target, @Nullable Trust trust, ModelVersion model, Calls calls, Limits limits) {
    ChannelCredentials credentials =
        trust == null
            ? InsecureChannelCredentials.create()
            : TlsChannelCredentials.newBuilder().trustManager(trust.managers()).build();
    this.channel =
        Grpc.newChannelBuilder(target, credentials)
            .maxInboundMessageSize(limits.answerBytes())
            .disableRetry()
            .build();
    this.predictions = PredictionServiceGrpc.newBlockingStub(channel);
    this.models = ModelServiceGrpc.newBlockingStub(channel);
    this.model = model;
    this.calls = calls;
    this.maxBatch = limits.batch();
    this.maxAnswerBytes = limits.answerBytes();
  }

  @Override
  public Prediction predict(String signature, Map<String, ? extends NdArray<?>> inputs) {
    String target = target(signature);
    long rows = BatchSize.of(inputs);
    if (rows == 0) {
      return new Prediction(target, OptionalLong.empty(), Map.of());
    }
    PredictRequest.Builder request = PredictRequest.newBuilder().setModelSpec(spec(signature));
    inputs.forEach((name, input) -> request.putInputs(name, ProtoTensors.encode(input)));
    PredictResponse response = call(target, predictions, stub -> stub.predict(request.build()));
    return new Prediction(
        target,
        OptionalLong.of(response.getModelSpec().getVersion().getValue()),
        outputs(target, response, rows));
  }

  private Map<String, NdArray<?>> outputs(String target, PredictResponse response, long rows) {
    Map<String, NdArray<?>> outputs = new TreeMap<>();
    long[] left = {maxAnswerBytes};
    response
        .getOutputsMap()
        .forEach(
            (name, output) -> {
              try {
                left[0] -= ProtoTensors.bytes(output);
                if (left[0] < 0) {
                  throw new ModelServerException(
                      Code.RESOURCE_EXHAUSTED,
                      target,
                      "answer is larger than %d bytes (maxAnswerBytes)".formatted(maxAnswerBytes),
                      null);
                }
                outputs.put(name, BatchSize.requireRows(ProtoTensors.decode(output), rows));
              } catch (IllegalArgumentException e) {
                throw new ModelServerException(
                    Code.INTERNAL, target, "output %s: %s".formatted(name, e.getMessage()), e);
              }
            });
    return outputs;
  }

  @Override
  public List<List<ClassScore>> classify(String signature, List<Example> examples) {
    if (examples.isEmpty()) {
      return List.of();
    }
    ExampleList list = ExampleList.newBuilder().addAllExamples(examples).build();
    ClassificationRequest request =
        ClassificationRequest.newBuilder()
            .setModelSpec(spec(signature))
            .setInput(Input.newBuilder().setExampleList(list))
            .build();
    String target = target(signature);
    List<Classifications> results =
        call(target, predictions, stub -> stub.classify(request))
            .getResult()
            .getClassificationsList();
    if (results.size() != examples.size()) {
      throw new ModelServerException(
          Code.INTERNAL,
          target,
          "answer must have %d rows of results: %d".formatted(examples.size(), results.size()),
          null);
    }
    return results.stream().map(GrpcClient::scores).toList();
  }

  private static List<ClassScore> scores(Classifications classes) {
    return classes.getClassesList().stream()
        .map(score -> new ClassScore(score.getLabel(), score.getScore()))
        .toList();
  }

  @Override
  public ModelMetadata metadata() {
    GetModelMetadataRequest request =
        GetModelMetadataRequest.newBuilder()
            .setModelSpec(spec(SignatureKeys.DEFAULT))
            .addMetadataField(SIGNATURE_DEF)
            .build();
    String target = model.toString();
    GetModelMetadataResponse response =
        call(target, predictions, stub -> stub.getModelMetadata(request));
    try {
      Any signatures = response.getMetadataOrDefault(SIGNATURE_DEF, Any.getDefaultInstance());
      return ModelMetadata.of(
          response.getModelSpec().getVersion().getValue(),
          signatures.unpack(SignatureDefMap.class).getSignatureDefMap());
    } catch (InvalidProtocolBufferException e) {
      throw new ModelServerException(Code.INTERNAL, target, "answer has no signatures", e);
    }
  }

  @Override
  public List<VersionStatus> status() {
    GetModelStatusRequest request =
        GetModelStatusRequest.newBuilder().setModelSpec(spec(SignatureKeys.DEFAULT)).build();
    List<VersionStatus> versions =
        call(model.toString(), models, stub -> stub.getModelStatus(request))
            .getModelVersionStatusList()
            .stream()
            .map(GrpcClient::status)
            .toList();
    return Labelled.only(model, versions, this::metadata);
  }

  private static VersionStatus status(ModelVersionStatus status) {
    State state =
        status.getState() == ModelVersionStatus.State.UNRECOGNIZED
            ? State.UNKNOWN
            : State.valueOf(status.getState().name());
    return new VersionStatus(
        status.getVersion(),
        state,
        status.getStatus().getErrorCode(),
        status.getStatus().getErrorMessage());
  }

  /** The default signature goes without saying. */
  private ModelSpec spec(String signature) {
    ModelSpec.Builder spec = ModelSpec.newBuilder().setName(model.model());
    model.number().ifPresent(number -> spec.setVersion(Int64Value.of(number)));
    model.label().ifPresent(spec::setVersionLabel);
    if (!signature.equals(SignatureKeys.DEFAULT)) {
      spec.setSignatureName(signature);
    }
    return spec.build();
  }

  private String target(String signature) {
    return model + ", signature " + signature;
  }

  private <S extends AbstractStub<S>, T> T call(String target, S stub, Function<S, T> ask) {
    if (channel.isShutdown()) {
      throw new IllegalStateException("client is closed");
    }
    return calls.run(
        target,
        nanosLeft -> {
          try {
            return ask.apply(stub.withDeadlineAfter(nanosLeft, TimeUnit.NANOSECONDS));
          } catch (StatusRuntimeException e) {
            if (channel.isShutdown()) {
              throw new Calls.Failure(Code.CANCELLED, Calls.CLOSED, e);
            }
            // Or the next attempt would fail by itself until the channel's own pause is over.
            channel.resetConnectBackoff();
            Status status = status(e);
            throw isBusy(e.getStatus())
                ? Calls.Failure.busy(description(status), e)
                : new Calls.Failure(code(status), description(status), e);
          }
        });
  }

  /** An answer that cannot be read is told as a cancelled call, with what is wrong as its cause. */
  private static Status status(StatusRuntimeException failure) {
    Status status = failure.getStatus();
    return status.getCode() == Status.Code.CANCELLED
            && status.getCause() instanceof StatusRuntimeException cause
        ? cause.getStatus()
        : status;
  }

  /** A message that is too large for one of both sides has the same code as a server without a free thread. */
  private static boolean isBusy(Status status) {
    return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && !TOO_LARGE.matcher(String.valueOf(status.getDescription())).find();
  }

  private static Code code(Status status) {
    return Code.valueOf(status.getCode().name());
  }

  private static String description(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    String text = description == null ? "no message" : description;
    return cause == null ? text : text + ": " + Calls.describe(cause);
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
