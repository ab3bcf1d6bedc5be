package org.adaptivesoftmax.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelMetadata.SignatureMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelVersion;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.internal.tensors.BatchSize;
import org.adaptivesoftmax.internal.tensors.JsonExamples;
import org.adaptivesoftmax.internal.tensors.JsonTensors;
import org.adaptivesoftmax.remote.Calls.Failure;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.error.Code;

/** A client over REST. */
final class RestClient implements ModelServerClient {
  private final HttpJson http;
  private final ModelVersion model;
  private final Calls calls;
  private final int maxBatch;

  /** The output of each signature that has only one: answers leave out its name. */
  private final Map<String, String> onlyOutputs = new ConcurrentHashMap<>();

  RestClient(URI server, @Nullable Trust trust, ModelVersion model, Calls calls, Limits limits) {
    String version =
        model.number().isPresent()
            ? "/versions/" + model.number().getAsLong()
            : model.label().map(label -> "/labels/" + HttpJson.encoded(label)).orElse("");
    this.http =
        new HttpJson(
            server,
            "/v1/models/" + HttpJson.encoded(model.model()) + version,
            trust,
            limits.answerBytes());
    this.model = model;
    this.calls = calls;
    this.maxBatch = limits.batch();
  }

  @Override
  public Prediction predict(String signature, Map<String, ? extends NdArray<?>> inputs) {
    String target = target(signature);
    long rows = BatchSize.of(inputs);
    Map<String, NdArray<?>> outputs = Map.of();
    if (rows > 0) {
      ObjectNode request = request(signature).set("instances", JsonTensors.instances(inputs, rows));
      outputs =
          call(
              target,
              nanosLeft -> {
                long end = System.nanoTime() + nanosLeft;
                JsonNode answer = http.post(":predict", request, nanosLeft);
                return outputs(signature, rows(answer, "predictions", rows), end);
              });
    }
    return new Prediction(target, OptionalLong.empty(), outputs);
  }

  private Map<String, NdArray<?>> outputs(String signature, JsonNode rows, long end)
      throws Failure, InterruptedException {
    Map<String, List<JsonNode>> byName = new TreeMap<>();
    boolean named = rows.get(0).isObject() && !rows.get(0).has(JsonTensors.BASE64);
    String onlyName = named ? "" : onlyOutput(signature, end);
    for (JsonNode row : rows) {
      if (named) {
        row.properties()
            .forEach(
                output ->
                    byName
                        .computeIfAbsent(output.getKey(), name -> new ArrayList<>())
                        .add(output.getValue()));
      } else {
        byName.computeIfAbsent(onlyName, name -> new ArrayList<>()).add(row);
      }
    }
    Map<String, NdArray<?>> outputs = new TreeMap<>();
    for (Map.Entry<String, List<JsonNode>> output : byName.entrySet()) {
      try {
        outputs.put(
            output.getKey(),
            BatchSize.requireRows(JsonTensors.decode(output.getValue()), rows.size()));
      } catch (IllegalArgumentException e) {
        throw new Failure(
            Code.INTERNAL, "output %s: %s".formatted(output.getKey(), e.getMessage()), e);
      }
    }
    return outputs;
  }

  private String onlyOutput(String signature, long end) throws Failure, InterruptedException {
    String known = onlyOutputs.get(signature);
    if (known != null) {
      return known;
    }
    SignatureMetadata metadata =
        metadata(Math.max(0, end - System.nanoTime())).signatures().get(signature);
    Set<String> names = metadata == null ? Set.of() : metadata.outputs().keySet();
    if (names.size() != 1) {
      throw new Failure(
          Code.INTERNAL, "answer of one output, from a signature with outputs " + names);
    }
    String name = names.iterator().next();
    onlyOutputs.put(signature, name);
    return name;
  }

  @Override
  public List<List<ClassScore>> classify(String signature, List<Example> examples) {
    if (examples.isEmpty()) {
      return List.of();
    }
    ObjectNode request = request(signature).set("examples", JsonExamples.encode(examples));
    return call(
        target(signature),
        nanosLeft -> {
          JsonNode answer = http.post(":classify", request, nanosLeft);
          return classScores(rows(answer, "results", examples.size()));
        });
  }

  @Override
  public ModelMetadata metadata() {
    return call(model.toString(), this::metadata);
  }

  private ModelMetadata metadata(long nanosLeft) throws Failure, InterruptedException {
    return JsonModels.metadata(http.get("/metadata", nanosLeft));
  }

  @Override
  public List<VersionStatus> status() {
    List<VersionStatus> versions =
        call(model.toString(), nanosLeft -> JsonModels.status(http.get("", nanosLeft)));
    return Labelled.only(model, versions, this::metadata);
  }

  /** The default signature goes without saying. */
  private static ObjectNode request(String signature) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    return signature.equals(SignatureKeys.DEFAULT)
        ? request
        : request.put("signature_name", signature);
  }

  private static JsonNode rows(JsonNode answer, String key, long rows) throws Failure {
    JsonNode found = answer.path(key);
    if (!found.isArray() || found.size() != rows) {
      throw new Failure(
          Code.INTERNAL, "answer must have %d rows of %s: %d".formatted(rows, key, found.size()));
    }
    return found;
  }

  private String target(String signature) {
    return model + ", signature " + signature;
  }

  private <T> T call(String target, Calls.Attempt<T> attempt) {
    http.requireOpen();
    return calls.run(target, attempt);
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public void close() {
    http.close();
  }

  /** For each example pairs of label and score. */
  private static List<List<ClassScore>> classScores(JsonNode results) throws Failure {
    List<List<ClassScore>> all = new ArrayList<>();
    for (JsonNode result : results) {
      List<ClassScore> scores = new ArrayList<>();
      for (JsonNode pair : result) {
        if (!pair.path(0).isTextual() || !pair.path(1).isNumber()) {
          throw new Failure(Code.INTERNAL, "answer must have pairs of label and score: " + pair);
        }
        scores.add(new ClassScore(pair.path(0).textValue(), pair.path(1).floatValue()));
      }
      all.add(scores);
    }
    return all;
  }
}
