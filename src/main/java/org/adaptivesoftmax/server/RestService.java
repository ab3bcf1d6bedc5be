package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adaptivesoftmax.proto.GetModelMetadataRequest;
import org.adaptivesoftmax.proto.GetModelMetadataResponse;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.proto.SignatureDefMap;
import org.tensorflow.proto.error.Code;

/** TensorFlow Serving's REST API: a path and a body in, a body out. */
final class RestService {
  private static final String VERSION = "(?:(?:/versions/(\\d+))|(?:/labels/([^/:]+)))?";
  private static final Pattern POST =
      Pattern.compile("(?i)/v1/models/([^/:]+)" + VERSION + ":(classify|regress|predict)");
  private static final Pattern GET =
      Pattern.compile("(?i)/v1/models(?:/([^/:]+))?" + VERSION + "(?:/(metadata))?");

  private final ServedModels models;
  private final ServingCalls calls;

  RestService(ServedModels models, ServingCalls calls) {
    this.models = models;
    this.calls = calls;
  }

  /**
   * A request.
   *
   * @param method "predict", "classify", "regress", "metadata" or "status"
   */
  record Request(String method, ModelSpec spec) {}

  /**
   * Reads a request's path.
   *
   * @throws RequestFailure if there is no such request
   */
  static Request request(String httpMethod, String path) {
    boolean post = httpMethod.equals("POST");
    Matcher matcher = (post ? POST : GET).matcher(path);
    if (!matcher.matches() || !(post || httpMethod.equals("GET"))) {
      throw RequestFailure.invalid("Malformed request: %s %s".formatted(httpMethod, path));
    } else if (matcher.group(1) == null) {
      throw RequestFailure.invalid("Missing model name in request.");
    }
    ModelSpec.Builder spec = ModelSpec.newBuilder().setName(decoded(matcher.group(1)));
    if (matcher.group(2) != null) {
      spec.setVersion(Int64Value.of(number(matcher.group(2))));
    } else if (matcher.group(3) != null) {
      spec.setVersionLabel(decoded(matcher.group(3)));
    }
    String last = matcher.group(4);
    return new Request(last == null ? "status" : last.toLowerCase(Locale.ROOT), spec.build());
  }

  static String decoded(String name) {
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw RequestFailure.invalid("Failed to decode model name:" + name);
    }
  }

  static long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw RequestFailure.invalid("Failed to convert version: %s to numeric.".formatted(digits));
    }
  }

  /** What gives the body of the answer to a request. */
  RequestQueue.Work<String> work(Request request, byte[] body) {
    return request.method.equals("predict")
        ? new PredictWork<>(
            calls,
            () -> asked(request.spec, body),
            (asked, answered) -> RestText.predicted(answered.result(), asked.rows()))
        : RequestQueue.Work.of(() -> answer(request, body));
  }

  private String answer(Request request, byte[] body) {
    return switch (request.method) {
      case "classify" -> {
        JsonNode json = RestBody.parse(body);
        yield RestText.classes(
            calls.classify(signed(request.spec, json), RestExamples.of(json)).result());
      }
      case "regress" -> {
        JsonNode json = RestBody.parse(body);
        yield RestText.regressions(
            calls.regress(signed(request.spec, json), RestExamples.of(json)).result());
      }
      case "metadata" -> metadata(request.spec);
      default ->
          ProtoJson.of(
              GrpcService.status(
                  models, GetModelStatusRequest.newBuilder().setModelSpec(request.spec).build()));
    };
  }

  private static ModelSpec signed(ModelSpec spec, JsonNode json) {
    return spec.toBuilder().setSignatureName(RestBody.signature(json)).build();
  }

  private PredictWork.Asked asked(ModelSpec spec, byte[] body) {
    RestBody.Predict request =
        RestBody.predict(RestBody.parse(body), signature -> calls.inputs(spec, signature));
    return new PredictWork.Asked(
        spec.toBuilder().setSignatureName(request.signature()).build(),
        request.inputs(),
        List.of(),
        request.rows());
  }

  private String metadata(ModelSpec spec) {
    GetModelMetadataResponse metadata =
        GrpcService.metadata(
            models,
            GetModelMetadataRequest.newBuilder()
                .setModelSpec(spec)
                .addMetadataField("signature_def")
                .build());
    try {
      SignatureDefMap signatures =
          metadata.getMetadataOrThrow("signature_def").unpack(SignatureDefMap.class);
      return "{\n\"model_spec\":%s,\n\"metadata\": {\"signature_def\": %s}\n}\n"
          .formatted(ProtoJson.of(metadata.getModelSpec()), ProtoJson.of(signatures));
    } catch (InvalidProtocolBufferException e) {
      throw new RequestFailure(Code.INTERNAL, String.valueOf(e.getMessage()));
    }
  }
}
