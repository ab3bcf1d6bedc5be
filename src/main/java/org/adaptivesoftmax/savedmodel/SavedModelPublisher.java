package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.LabelOrder;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.op.Op;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Publishes a session's graph, with its variables' values, as the next version of a {@link ModelDirectory}: a SavedModel
 * with tag {@code serve} that Python TensorFlow, TensorFlow Serving and {@link SavedModelBundle} load.
 *
 * <p>The model holds what its signatures need, and every variable of the graph: give it an inference graph, as an
 * optimizer's variables would be published, too. Beyond what {@link SavedModelBundle.Exporter} writes, it gets its assets
 * with the operation that initializes tables from them, the version of TensorFlow and of the schema, the definitions of
 * its operations, a fingerprint of its weights and one of its other files ({@code assets.extra/weights.sha256} and {@code
 * files.sha256}, as {@code sha256sum -c} reads them), a record of where it comes from, and requests that a server warms up with.
 *
 * <pre>{@code
 * Path version =
 *     SavedModelPublisher.builder(session)
 *         .signature(ServingSignature.predict("serving_default").input("x", x).output("y", y).build())
 *         .build()
 *         .publish(new ModelDirectory(Path.of("savedmodels", "my-model")));
 * }</pre>
 */
public final class SavedModelPublisher {
  private static final String ASSETS = "assets";
  private static final String EXTRA = "assets.extra";

  private final Session session;
  private final List<Signature> signatures;
  private final Map<String, Asset> assets;
  private final @Nullable Op initOp;
  private final Map<String, ?> provenance;
  private final @Nullable Classes classes;
  private final @Nullable PublishedCounts counts;
  private final Map<String, AssetContent> extras;
  private final List<WarmUpRequest> warmUp;
  private final boolean finiteAnswers;

  private SavedModelPublisher(Builder builder) {
    session = builder.session;
    signatures = List.copyOf(builder.signatures.values());
    assets = Collections.unmodifiableMap(new LinkedHashMap<>(builder.assets));
    initOp = builder.initOp;
    provenance = builder.provenance;
    classes = builder.classes;
    counts = builder.counts;
    extras = new LinkedHashMap<>(builder.extras);
    warmUp = builder.warmUpRequests();
    finiteAnswers = builder.finiteAnswers;
  }

  /**
   * Starts to describe a SavedModel.
   *
   * @param session holds the graph and the values of its variables
   * @return a builder that lacks signatures
   */
  public static Builder builder(Session session) {
    return new Builder(session);
  }

  /**
   * Writes the model and makes it the next version, at once and complete.
   *
   * @param model where to publish
   * @return the directory of the new version
   * @throws IllegalArgumentException if the model directory is a file, or a warm-up request fails; nothing is left then
   * @throws IOException if writing fails; nothing is left then
   */
  public Path publish(ModelDirectory model) throws IOException {
    return model.publish(this::writeTo);
  }

  private void writeTo(Path directory) throws IOException {
    for (Map.Entry<String, Asset> asset : assets.entrySet()) {
      write(directory.resolve(ASSETS).resolve(asset.getKey()), asset.getValue().content());
    }
    SavedModelBundle.exporter(directory.toString())
        .withSession(session)
        .withSignatures(signatures.toArray(Signature[]::new))
        .export();
    Map<String, String> assetTensors = new LinkedHashMap<>();
    assets.forEach((fileName, asset) -> assetTensors.put(fileName, asset.tensorName()));
    ModelDescription.complete(directory.resolve(ModelDirectory.SAVED_MODEL), assetTensors, initOp);
    String fingerprint = Fingerprint.WEIGHTS.write(directory);
    if (!provenance.isEmpty()) {
      Provenance.write(complete(provenance, directory), fingerprint, directory);
    }
    if (counts != null) {
      counts.write(directory);
    }
    if (!warmUp.isEmpty()) {
      WarmUpFile.write(warmUp, directory);
      initialize(directory);
      warmUp.forEach(this::run);
    }
    for (Map.Entry<String, AssetContent> extra : extras.entrySet()) {
      Path file = directory.resolve(EXTRA).resolve(extra.getKey());
      Require.argument(!Files.exists(file), "extra file name is taken: %s", extra.getKey());
      write(file, extra.getValue());
    }
    Fingerprint.FILES.write(directory);
  }

  private static void write(Path file, AssetContent content) throws IOException {
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file)) {
      content.writeTo(out);
    }
  }

  private Map<String, ?> complete(Map<String, ?> told, Path directory) throws IOException {
    if (classes == null) {
      return told;
    }
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.N_CLASSES, classes.plan.nClasses());
    complete.put(ProvenanceKeys.CUTOFFS, classes.plan.cutoffs());
    complete.put(ProvenanceKeys.DIV_VALUE, classes.plan.divValue());
    complete.putAll(told);
    complete.put(ProvenanceKeys.CLASS_ORDER, PublishedClassOrder.write(classes.order, directory));
    return complete;
  }

  /** As a loader does it: with the files that were written. */
  private void initialize(Path directory) {
    if (initOp != null) {
      Session.Runner runner = session.runner().addTarget(initOp);
      List<TString> paths = new ArrayList<>();
      try {
        assets.forEach(
            (fileName, asset) -> {
              TString path =
                  TString.scalarOf(directory.resolve(ASSETS).resolve(fileName).toString());
              paths.add(path);
              runner.feed(asset.tensorName(), path);
            });
        runner.run().close();
      } finally {
        paths.forEach(TString::close);
      }
    }
  }

  private void run(WarmUpRequest request) {
    Signature signature =
        signatures.stream()
            .filter(s -> s.key().equals(request.signature()))
            .findFirst()
            .orElseThrow();
    try (MessageTensors inputs = MessageTensors.of(request.inputs())) {
      try (Result answer = session.run(signature, inputs.byName())) {
        if (finiteAnswers) {
          requireFinite(answer);
        }
      }
    } catch (RuntimeException e) { // TensorFlow's have no other common ancestor
      throw new IllegalArgumentException(
          OneLine.of(
              "warm-up request to signature %s fails: %s"
                  .formatted(request.signature(), e.getMessage())),
          e);
    }
  }

  /** Requests to warm up with are no users': what they cannot be answered with is in the model. */
  private static void requireFinite(Result answer) {
    try {
      answer.forEach(output -> VersionCheck.requireFinite(output.getValue(), output.getKey()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          e.getMessage() + ", as a weight is not finite, or so large that a product is not", e);
    }
  }

  /** Writes the contents of an asset. */
  @FunctionalInterface
  public interface AssetContent {
    /**
     * Writes everything; the caller closes the stream.
     *
     * @param out where to write
     * @throws IOException if writing fails; nothing is published then
     */
    void writeTo(OutputStream out) throws IOException;
  }

  private record Classes(ClusterPlan plan, LabelOrder order) {}

  private record Asset(String tensorName, AssetContent content) {}

  /** Collects what a SavedModel is made of: at least one signature. */
  public static final class Builder {
    private final Session session;
    private final Map<String, Signature> signatures = new LinkedHashMap<>();
    private final Map<String, Asset> assets = new LinkedHashMap<>();
    private @Nullable Op initOp;
    private final List<Map<String, TensorProto>> warmUp = new ArrayList<>();
    private Map<String, ?> provenance = Map.of();
    private @Nullable Classes classes;
    private @Nullable PublishedCounts counts;
    private final Map<String, AssetContent> extras = new LinkedHashMap<>();
    private boolean finiteAnswers;

    private Builder(Session session) {
      this.session = session;
    }

    /**
     * Adds a signature.
     *
     * @param signature made with {@link ServingSignature}
     * @return this builder
     * @throws IllegalArgumentException if its key is taken, or its method name is not one of {@link ServingSignature}'s
     */
    public Builder signature(Signature signature) {
      String key = signature.key();
      String method = signature.methodName();
      Require.argument(
          ServingSignature.PREDICT_METHOD.equals(method)
              || ServingSignature.CLASSIFY_METHOD.equals(method),
          "signature %s: method name must be one of ServingSignature's: \"%s\"",
          key,
          method);
      Require.argument(
          signatures.putIfAbsent(key, signature) == null, "signature key is taken: %s", key);
      return this;
    }

    /**
     * Adds a file of the graph, such as a vocabulary. The graph reads it by a path that a constant holds; whoever loads
     * the model feeds the constant the real path, wherever the model lies then.
     *
     * @param path the constant, whose own value is never used; do not let it tell a path of this machine
     * @param fileName the file's name within the model
     * @param content writes the file
     * @return this builder
     * @throws IllegalArgumentException if the file name is taken or has a separator, or the constant is not in the
     *     session's graph
     */
    public Builder asset(Operand<TString> path, String fileName, AssetContent content) {
      requirePlainName("asset file name", fileName);
      requireInGraph(path, "asset path");
      Asset asset = new Asset(path.asOutput().name(), content);
      Require.argument(
          assets.putIfAbsent(fileName, asset) == null, "asset name is taken: %s", fileName);
      return this;
    }

    /**
     * Adds a file of the graph, under its own name, as a copy of an existing file.
     *
     * @param path the constant, as above
     * @param source the file
     * @return this builder
     * @throws IllegalArgumentException as above, or if the source is not a file
     */
    public Builder asset(Operand<TString> path, Path source) {
      Require.argument(Files.isRegularFile(source), "asset must be a file: %s", source);
      return asset(path, source.getFileName().toString(), out -> Files.copy(source, out));
    }

    /**
     * The operation that loaders run once, such as a table's initializer; a {@code NoOp} with control dependencies
     * where there are several. Default: none.
     *
     * @param initOp of the session's graph
     * @return this builder
     * @throws IllegalArgumentException if it is not in the session's graph
     */
    public Builder initOp(Op initOp) {
      requireInGraph(initOp, "initOp");
      this.initOp = initOp;
      return this;
    }

    /**
     * Where the model comes from (hyperparameters, data), written as JSON to {@code assets.extra/provenance.json}, with
     * {@code library} and {@code tensorflow}, the versions in use, unless the map has these keys, and {@code weights_sha256}, the SHA-256 of
     * the file with the weights' fingerprint. Default: empty, and no file. Writing it needs Jackson ({@code
     * jackson-databind}), an optional dependency of this library.
     *
     * @param provenance values of the types that JSON has, lists and maps
     * @return this builder
     * @throws IllegalStateException if it is not empty, and Jackson is not on the class path
     */
    public Builder provenance(Map<String, ?> provenance) {
      if (!provenance.isEmpty()) {
        Provenance.requireLibrary();
      }
      this.provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
      return this;
    }

    /**
     * How the model's classes are divided, and their ids by rank: a part of the provenance, if there is one, by which
     * {@code LocalModel}'s metrics tell clusters. An order that is not the identity takes a file of 8 bytes a class in
     * {@code assets.extra}. Default: not told.
     *
     * @param plan of the output layer
     * @param order as many ids as the plan has classes
     * @return this builder
     * @throws IllegalArgumentException if it has another number of ids
     */
    public Builder classes(ClusterPlan plan, LabelOrder order) {
      Require.argument(
          order.size() == plan.nClasses(),
          "order must hold nClasses %d ids: %d",
          plan.nClasses(),
          order.size());
      this.classes = new Classes(plan, order);
      return this;
    }

    /**
     * The counts that the model's classes were ranked by, which drift and re-bucketing start from. Default: none.
     *
     * @param counts one for each class
     * @return this builder
     * @throws IllegalStateException if Jackson is not on the class path
     */
    public Builder counts(PublishedCounts counts) {
      Provenance.requireLibrary();
      this.counts = counts;
      return this;
    }

    /**
     * Adds a file for those who keep the model, which no server reads, to {@code assets.extra}.
     *
     * @param fileName its name there
     * @param content writes the file
     * @return this builder
     * @throws IllegalArgumentException if the file name is taken or has a separator; {@link SavedModelPublisher#publish}
     *     fails if it is that of a file which the publisher itself writes
     */
    public Builder extra(String fileName, AssetContent content) {
      requirePlainName("extra file name", fileName);
      Require.argument(
          extras.putIfAbsent(fileName, content) == null, "extra file name is taken: %s", fileName);
      return this;
    }

    private static void requirePlainName(String argument, String fileName) {
      Require.argument(
          !fileName.isEmpty() && Path.of(fileName).equals(Path.of(fileName).getFileName()),
          "%s must be a plain name: \"%s\"",
          argument,
          fileName);
    }

    /**
     * Adds a request for each of the signatures, which a model server runs before it serves the model: so no caller waits
     * for what a first run does. Requests of several batch sizes do no harm, up to 1,000 in all. The publisher runs
     * each before anything is published, as one that fails would keep the model from being served. Default: none.
     *
     * @param values at least one for every input of every signature, by the input's name; copied at once. A
     *     signature for {@code Classify} takes serialized {@code tf.Example}
     * @return this builder
     */
    public Builder warmUp(Map<String, ? extends TType> values) {
      Map<String, TensorProto> messages = new LinkedHashMap<>();
      values.forEach((name, value) -> messages.put(name, MessageTensors.message(value)));
      warmUp.add(messages);
      return this;
    }

    /**
     * Publishes nothing if the answer to a warm-up request holds NaN or infinity, as with a weight that is not finite.
     * Default: not looked at.
     *
     * @return this builder
     */
    public Builder finiteAnswers() {
      this.finiteAnswers = true;
      return this;
    }

    /**
     * Finishes the description.
     *
     * @return the publisher
     * @throws IllegalArgumentException if there is no signature, or no warm-up value for an input of one
     */
    public SavedModelPublisher build() {
      Require.argument(!signatures.isEmpty(), "signatures must not be empty");
      return new SavedModelPublisher(this);
    }

    private List<WarmUpRequest> warmUpRequests() {
      return warmUp.stream()
          .flatMap(
              values ->
                  signatures.values().stream()
                      .map(signature -> WarmUpRequest.of(signature, values)))
          .toList();
    }

    private void requireInGraph(Op op, String argument) {
      String name = op.op().name();
      Require.argument(
          session.graph().operation(name) != null,
          "%s must be in the session's graph: %s",
          argument,
          name);
    }
  }
}
