package org.adaptivesoftmax.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.TensorInfo;

/**
 * What {@link RestAnswer} does, apart from it: without Jackson this class does not link. Requests are read and answers written
 * as the server does it.
 */
final class JsonAnswer {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private JsonAnswer() {}

  static ObjectNode of(ModelServerClient model, JsonNode request) {
    try {
      String body =
          request.has("examples") ? classified(model, request) : predicted(model, request);
      return (ObjectNode) JSON.readTree(body);
    } catch (RequestFailure e) {
      // Of one line, whatever the request looks like that it shows.
      String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      throw new IllegalArgumentException(OneLine.of(message), e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String predicted(ModelServerClient model, JsonNode request) {
    RestBody.Predict asked = RestBody.predict(request, key -> inputs(model, key));
    Map<String, NdArray<?>> outputs =
        new TreeMap<>(model.predict(key(asked.signature()), asked.inputs()).outputs());
    return RestText.predicted(outputs, asked.rows());
  }

  private static Map<String, TensorInfo> inputs(ModelServerClient model, String key) {
    SignatureMetadata signature = model.metadata().signatures().get(key);
    if (signature == null) {
      throw ServingCalls.noSuchSignature(key);
    }
    Map<String, TensorInfo> inputs = new TreeMap<>();
    signature
        .inputs()
        .forEach(
            (name, input) ->
                inputs.put(name, TensorInfo.newBuilder().setDtype(input.type()).build()));
    return inputs;
  }

  private static String classified(ModelServerClient model, JsonNode request) {
    List<Example> examples = ServingCalls.examplesInContext(RestExamples.of(request));
    ClassificationResult.Builder result = ClassificationResult.newBuilder();
    model
        .classify(key(RestBody.signature(request)), examples)
        .forEach(scores -> result.addClassifications(classes(scores)));
    return RestText.classes(result.build());
  }

  private static Classifications classes(List<ClassScore> scores) {
    Classifications.Builder classes = Classifications.newBuilder();
    scores.forEach(
        score -> classes.addClassesBuilder().setLabel(score.label()).setScore(score.score()));
    return classes.build();
  }

  private static String key(String asked) {
    return asked.isEmpty() ? SignatureKeys.DEFAULT : asked;
  }
}
