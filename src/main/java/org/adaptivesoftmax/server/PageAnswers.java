package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Int64Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.decoding.SampleOptions;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * What the page asks a model beyond TensorFlow Serving's API: its best answers with the clusters that were looked at, under a
 * bias if one is wanted, and words drawn with temperature, top k and top p.
 *
 * <p>The best answers are those of the signature {@code serving_default}, a request as any other. What it does not say is
 * reckoned from the log-probabilities of all classes, which the signature {@code log_prob} gives.
 */
final class PageAnswers {
  static final String PREFIX = "/page/models/";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern PATH =
      Pattern.compile(PREFIX + "([^/:]+)(?:/versions/(\\d+))?:(try|sample)");
  private static final double NANOS = 1e6;

  private final ServedModels models;

  PageAnswers(ServedModels models) {
    this.models = models;
  }

  /**
   * Reads a request's path.
   *
   * @return with the method "try" or "sample"
   * @throws RequestFailure if there is no such request
   */
  static RestService.Request request(String httpMethod, String path) {
    Matcher matcher = PATH.matcher(path);
    if (!httpMethod.equals("POST") || !matcher.matches()) {
      throw RequestFailure.invalid("Malformed request: %s %s".formatted(httpMethod, path));
    }
    ModelSpec.Builder spec = ModelSpec.newBuilder().setName(RestService.decoded(matcher.group(1)));
    if (matcher.group(2) != null) {
      spec.setVersion(Int64Value.of(RestService.number(matcher.group(2))));
    }
    return new RestService.Request(matcher.group(3), spec.build());
  }

  /**
   * Answers a request.
   *
   * @param start when it had come, as {@link System#nanoTime} tells it
   * @return JSON
   * @throws RequestFailure if it is refused
   */
  String answer(RestService.Request request, byte[] body, long start) {
    PageQuestion question = new PageQuestion(RestBody.parse(body));
    return models
        .use(
            request.spec(),
            version ->
                request.method().equals("try")
                    ? best(version, question, start)
                    : drawn(version, question, start))
        .toString();
  }

  private static ObjectNode best(LocalVersion version, PageQuestion question, long start) {
    SignatureDef signature = signature(version);
    Map<String, NdArray<?>> input = input(signature, question);
    long asked = System.nanoTime();
    Map<String, NdArray<?>> outputs = version.run(SignatureKeys.DEFAULT, input);
    long answered = System.nanoTime();
    List<Found> found = found(outputs);
    Distribution whole = distribution(version, input);
    ObjectNode json = JSON.objectNode().put("version", Long.toString(version.number()));
    PublishedClusters clusters = version.clusters().orElse(null);
    if (question.hasBias() && (clusters == null || whole == null)) {
      throw RequestFailure.invalid("the model has no signature log_prob, which a bias needs");
    }
    if (clusters != null && whole != null) {
      Distribution asWanted = question.hasBias() ? whole.biased(question.bias(clusters)) : whole;
      found = question.hasBias() ? found(asWanted, clusters, found.size()) : found;
      addClusters(json.putArray("clusters"), version, asWanted, found.size());
    }
    addAnswers(json.putArray("answers"), found, clusters);
    long looked = System.nanoTime();
    return json.put("graph_ms", (answered - asked) / NANOS)
        .put("server_ms", (answered - start) / NANOS)
        .put("look_ms", (looked - answered) / NANOS);
  }

  private static SignatureDef signature(LocalVersion version) {
    SignatureDef signature = version.signatures().get(SignatureKeys.DEFAULT);
    if (signature == null
        || signature.getInputsCount() != 1
        || labels(signature.getOutputsMap()) == null
        || !signature.containsOutputs(TensorNames.LOG_PROBS)) {
      throw RequestFailure.invalid(
          "the page asks models with a signature serving_default of one input, words or classes, and log_probs");
    }
    return signature;
  }

  private static <T> @Nullable T labels(Map<String, T> outputs) {
    T words = outputs.get(TensorNames.WORDS);
    return words == null ? outputs.get(TensorNames.CLASSES) : words;
  }

  private static Map<String, NdArray<?>> input(SignatureDef signature, PageQuestion question) {
    var only = signature.getInputsMap().entrySet().iterator().next();
    return Map.of(
        only.getKey(),
        only.getValue().getDtype() == DataType.DT_STRING
            ? NdArrays.vectorOfObjects(question.text())
            : question.vector(width(only.getValue())));
  }

  /** −1 if the model leaves it open. */
  private static long width(TensorInfo input) {
    return input.getTensorShape().getDimCount() == 2
        ? input.getTensorShape().getDim(1).getSize()
        : -1;
  }

  /** A class or word, and its log-probability. */
  private record Found(Object label, double logProb) {}

  private static List<Found> found(Map<String, NdArray<?>> outputs) {
    NdArray<?> labels = labels(outputs);
    List<Found> found = new ArrayList<>();
    if (labels != null
        && labels.rank() == 2
        && outputs.get(TensorNames.LOG_PROBS) instanceof FloatNdArray logProbs) {
      for (long i = 0; i < labels.shape().get(1); i++) {
        found.add(new Found(labels.getObject(0, i), logProbs.getFloat(0, i)));
      }
    }
    return found;
  }

  private static List<Found> found(Distribution whole, PublishedClusters clusters, int k) {
    return whole.best(k).stream()
        .map(rank -> new Found(clusters.label(rank), whole.logProb(rank)))
        .toList();
  }

  /** Of all classes; null if the model does not tell it, or the row has no answer. */
  private static @Nullable Distribution distribution(
      LocalVersion version, Map<String, NdArray<?>> input) {
    Optional<PublishedClusters> clusters = version.clusters();
    SignatureDef signature = version.signatures().get(SignatureKeys.LOG_PROB);
    if (clusters.isEmpty()
        || signature == null
        || !signature.getInputsMap().keySet().equals(input.keySet())) {
      return null;
    }
    NdArray<?> row = version.look(SignatureKeys.LOG_PROB, input).get(TensorNames.LOG_PROBS);
    int[] columns = clusters.get().columnsByRank();
    if (!(row instanceof FloatNdArray logProbs) || row.size() != columns.length) {
      return null;
    }
    float[] byRank = new float[columns.length];
    for (int rank = 0; rank < byRank.length; rank++) {
      byRank[rank] = logProbs.getFloat(0, columns[rank]);
    }
    Distribution whole = Distribution.of(byRank);
    return whole.isAnswered() ? whole : null;
  }

  /** The head first. A full softmax has one cluster, whatever cutoffs its frequencies are reported by. */
  private static void addClusters(ArrayNode json, LocalVersion version, Distribution whole, int k) {
    PublishedClusters clusters = version.clusters().orElseThrow();
    int all = clusters.nClasses();
    ClusterPlan plan = new ClusterPlan(all, all, clusters.cutoffs(), 1);
    List<Boolean> scored = whole.scored(plan, k);
    boolean full = isFull(version);
    addCluster(json, whole, 0, plan.shortlistSize()).put("scored", true);
    for (int tail = 0; tail < plan.nTails(); tail++) {
      addCluster(json, whole, plan.tailStart(tail), plan.tailEnd(tail))
          .put("scored", full || scored.get(tail));
    }
  }

  private static ObjectNode addCluster(ArrayNode json, Distribution whole, int from, int to) {
    return json.addObject()
        .put("from", from)
        .put("to", to)
        .put("probability", whole.probability(from, to));
  }

  private static boolean isFull(LocalVersion version) {
    try {
      return "full".equals(Provenance.read(version.path()).values().get(ProvenanceKeys.SOFTMAX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addAnswers(
      ArrayNode json, List<Found> found, @Nullable PublishedClusters clusters) {
    for (Found one : found) {
      ObjectNode answer = json.addObject().put("label", one.label.toString());
      PageData.putFinite(answer, "log_prob", one.logProb);
      OptionalInt cluster = clusters == null ? OptionalInt.empty() : clusters.cluster(one.label);
      if (cluster.isPresent()) {
        answer.put("cluster", cluster.getAsInt());
      }
    }
  }

  /** Words that follow one another, up to the end of the text. The unknown word, which says nothing, is never drawn. */
  private static ObjectNode drawn(LocalVersion version, PageQuestion question, long start) {
    SignatureDef signature = signature(version);
    PublishedClusters clusters = version.clusters().orElse(null);
    if (clusters == null || !signature.containsOutputs(TensorNames.WORDS)) {
      throw RequestFailure.invalid("only a language model can go on");
    }
    Map<Integer, Double> bias = question.bias(clusters);
    clusters.rank(Vocabulary.UNKNOWN).ifPresent(rank -> bias.put(rank, Double.NEGATIVE_INFINITY));
    SampleOptions options = question.options();
    SplittableRandom random = new SplittableRandom(question.seed());
    String input = signature.getInputsMap().keySet().iterator().next();
    StringBuilder text = new StringBuilder(question.text());
    List<Found> words = new ArrayList<>();
    boolean ended = false;
    for (int left = question.words(); left > 0 && !ended; left--) {
      Distribution next =
          distribution(version, Map.of(input, NdArrays.vectorOfObjects(text.toString())));
      if (next == null) {
        throw RequestFailure.invalid("the model has no signature log_prob, which draws need");
      }
      int rank = next.biased(bias).draw(options, random);
      Object word = clusters.label(rank);
      ended = word.equals(Vocabulary.BOUNDARY);
      if (!ended) {
        words.add(new Found(word, next.logProb(rank)));
        text.append(' ').append(word);
      }
    }
    ObjectNode json = JSON.objectNode().put("version", Long.toString(version.number()));
    addAnswers(json.putArray("words"), words, clusters);
    return json.put("ended", ended).put("server_ms", (System.nanoTime() - start) / NANOS);
  }
}
