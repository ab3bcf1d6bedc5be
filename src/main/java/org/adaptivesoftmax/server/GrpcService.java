package org.adaptivesoftmax.server;

import com.google.protobuf.Any;
import com.google.protobuf.Int64Value;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.internal.tensors.ProtoTensors;
import org.adaptivesoftmax.proto.ClassificationRequest;
import org.adaptivesoftmax.proto.ClassificationResponse;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.GetModelMetadataRequest;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.GetModelStatusResponse;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.ModelVersionStatus;
import org.adaptivesoftmax.proto.MultiInferenceRequest;
import org.adaptivesoftmax.proto.MultiInferenceResponse;
import org.adaptivesoftmax.proto.PredictRequest;
import org.adaptivesoftmax.proto.PredictResponse;
import org.adaptivesoftmax.proto.PredictionServiceGrpc;
import org.adaptivesoftmax.proto.RegressionRequest;
import org.adaptivesoftmax.proto.RegressionResponse;
import org.adaptivesoftmax.proto.RegressionResult;
import org.adaptivesoftmax.proto.SignatureDefMap;
import org.adaptivesoftmax.proto.StatusProto;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.error.Code;

/** TensorFlow Serving's services over gRPC. */
final class GrpcService implements AutoCloseable {
  private static final String SIGNATURES = "signature_def";

  private final ServedModels models;
  private final ServingCalls calls;
  private final RequestQueue queue;
  private final ServerMetrics metrics;
  private final Duration defaultDeadline;
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "model-server-deadlines");
            thread.setDaemon(true);
            return thread;
          });

  GrpcService(
      ServedModels models,
      ServingCalls calls,
      RequestQueue queue,
      ServerMetrics metrics,
      Duration defaultDeadline) {
    this.models = models;
    this.calls = calls;
    this.queue = queue;
    this.metrics = metrics;
    this.defaultDeadline = defaultDeadline;
    timers.setRemoveOnCancelPolicy(true);
  }

  /** Ends the deadlines of calls that are still on their way. */
  @Override
  public void close() {
    timers.shutdownNow();
  }

  private <T> void answer(
      String method, ModelSpec spec, Supplier<T> call, StreamObserver<T> observer) {
    answer(method, spec, RequestQueue.Work.of(call), observer);
  }

  private <T> void answer(
      String method, ModelSpec spec, RequestQueue.Work<T> work, StreamObserver<T> observer) {
    ServerCallStreamObserver<T> out = (ServerCallStreamObserver<T>) observer;
    // A caller that has gone needs no error that its stream is closed.
    out.setOnCancelHandler(() -> {});
    ServerMetrics.Request request = ServerMetrics.Request.of("grpc", method, spec.getName());
    GrpcReply<T> reply = new GrpcReply<>(out, code -> metrics.done(request, code));
    Deadline asked = Context.current().getDeadline();
    if (asked == null) {
      reply.failAfter(defaultDeadline, timers);
    }
    Duration deadline =
        asked == null
            ? defaultDeadline
            : Duration.ofNanos(asked.timeRemaining(TimeUnit.NANOSECONDS));
    queue.submit(deadline, whileCalled(out, work), reply);
  }

  private static <T> RequestQueue.Work<T> whileCalled(
      ServerCallStreamObserver<T> out, RequestQueue.Work<T> work) {
    return new RequestQueue.Work<>() {
      @Override
      public Optional<T> early() {
        requireCaller();
        return work.early();
      }

      @Override
      public T inTurn() {
        requireCaller();
        return work.inTurn();
      }

      private void requireCaller() {
        if (out.isCancelled()) {
          throw new RequestFailure(Code.CANCELLED, "The caller has gone");
        }
      }
    };
  }

  /** Refuses calls without the token, but for those of the health service. */
  static ServerInterceptor guard(BearerToken token) {
    Metadata.Key<String> header =
        Metadata.Key.of(BearerToken.HEADER, Metadata.ASCII_STRING_MARSHALLER);
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        boolean health =
            "grpc.health.v1.Health".equals(call.getMethodDescriptor().getServiceName());
        if (!health && !token.admits(headers.get(header))) {
          call.close(
              Status.UNAUTHENTICATED.withDescription("a bearer token is needed"), new Metadata());
          return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
      }
    };
  }

  PredictionServiceGrpc.PredictionServiceImplBase predictions() {
    return new PredictionServiceGrpc.PredictionServiceImplBase() {
      @Override
      public void predict(PredictRequest request, StreamObserver<PredictResponse> out) {
        answer("predict", request.getModelSpec(), work(request), out);
      }

      @Override
      public void classify(
          ClassificationRequest request, StreamObserver<ClassificationResponse> out) {
        answer("classify", request.getModelSpec(), () -> classified(request), out);
      }

      @Override
      public void regress(RegressionRequest request, StreamObserver<RegressionResponse> out) {
        answer("regress", request.getModelSpec(), () -> regressed(request), out);
      }

      @Override
      public void multiInference(
          MultiInferenceRequest request, StreamObserver<MultiInferenceResponse> out) {
        ModelSpec spec =
            request.getTasksCount() == 0
                ? ModelSpec.getDefaultInstance()
                : request.getTasks(0).getModelSpec();
        answer(
            "multi-inference",
            spec,
            () ->
                MultiInferenceResponse.newBuilder().addAllResults(calls.inferAll(request)).build(),
            out);
      }

      @Override
      public void getModelMetadata(
          GetModelMetadataRequest request, StreamObserver<GetModelMetadataResponse> out) {
        answer("metadata", request.getModelSpec(), () -> metadata(models, request), out);
      }
    };
  }

  private PredictWork<PredictResponse> work(PredictRequest request) {
    return new PredictWork<>(
        calls,
        () ->
            new PredictWork.Asked(
                request.getModelSpec(),
                Strings.decode(request.getInputsMap()),
                request.getOutputFilterList(),
                false),
        (asked, answered) -> response(answered));
  }

  private static PredictResponse response(ServingCalls.Answered<Map<String, NdArray<?>>> answered) {
    PredictResponse.Builder response = PredictResponse.newBuilder().setModelSpec(answered.spec());
    answered
        .result()
        .forEach((name, output) -> response.putOutputs(name, ProtoTensors.encodeValues(output)));
    return response.build();
  }

  private ClassificationResponse classified(ClassificationRequest request) {
    ServingCalls.Answered<ClassificationResult> answered =
        calls.classify(request.getModelSpec(), request.getInput());
    return ClassificationResponse.newBuilder()
        .setModelSpec(answered.spec())
        .setResult(answered.result())
        .build();
  }

  private RegressionResponse regressed(RegressionRequest request) {
    ServingCalls.Answered<RegressionResult> answered =
        calls.regress(request.getModelSpec(), request.getInput());
    return RegressionResponse.newBuilder()
        .setModelSpec(answered.spec())
        .setResult(answered.result())
        .build();
  }

  static GetModelMetadataResponse metadata(ServedModels models, GetModelMetadataRequest request) {
    if (request.getMetadataFieldCount() == 0) {
      throw RequestFailure.invalid(
          "GetModelMetadataRequest must specify at least one metadata_field");
    }
    for (String field : request.getMetadataFieldList()) {
      if (!field.equals(SIGNATURES)) {
        throw RequestFailure.invalid("Metadata field %s is not supported".formatted(field));
      }
    }
    return models.use(
        request.getModelSpec(),
        version ->
            GetModelMetadataResponse.newBuilder()
                .setModelSpec(
                    ModelSpec.newBuilder()
                        .setName(request.getModelSpec().getName())
                        .setVersion(Int64Value.of(version.number())))
                .putMetadata(
                    SIGNATURES,
                    Any.pack(
                        SignatureDefMap.newBuilder()
                            .putAllSignatureDef(version.signatures())
                            .build()))
                .build());
  }

  ModelServiceGrpc.ModelServiceImplBase modelService() {
    return new ModelServiceGrpc.ModelServiceImplBase() {
      @Override
      public void getModelStatus(
          GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> out) {
        answer("status", request.getModelSpec(), () -> status(models, request), out);
      }
    };
  }

  static GetModelStatusResponse status(ServedModels models, GetModelStatusRequest request) {
    if (!request.hasModelSpec()) {
      throw RequestFailure.invalid("Missing ModelSpec");
    }
    GetModelStatusResponse.Builder response = GetModelStatusResponse.newBuilder();
    models
        .status(request.getModelSpec())
        .forEach(status -> response.addModelVersionStatus(proto(status)));
    return response.build();
  }

  private static ModelVersionStatus proto(VersionStatus status) {
    return ModelVersionStatus.newBuilder()
        .setVersion(status.version())
        .setState(ModelVersionStatus.State.valueOf(status.state().name()))
        .setStatus(
            StatusProto.newBuilder().setErrorCode(status.code()).setErrorMessage(status.message()))
        .build();
  }
}
