package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import org.adaptivesoftmax.OutputLayer;
import org.adaptivesoftmax.QuantizedSoftmax;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.internal.graph.ReachableGraph;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;

/**
 * Exports an output layer as a SavedModel from hidden states to classes. The layer is built anew in a graph that has
 * nothing but inference, its variables take their values from a {@link WeightSource}, and no weight is inside the graph's
 * description, so that they may have any size.
 *
 * <table>
 *   <caption>Signatures; dimension 0 is the batch, which may be empty</caption>
 *   <tr><th>key</th><th>inputs</th><th>outputs</th></tr>
 *   <tr><td>{@code serving_default}</td><td>{@code inputs} float32 [batch, inFeatures]</td><td>the exact top k, best
 *   first: {@code classes} int64 [batch, k], {@code log_probs} float32 [batch, k]</td></tr>
 *   <tr><td>{@code log_prob}</td><td>{@code inputs}</td><td>{@code log_probs} float32 [batch, nClasses], by increasing
 *   class id</td></tr>
 *   <tr><td>{@code predict}</td><td>{@code inputs}</td><td>{@code classes} int64 [batch]</td></tr>
 *   <tr><td>{@code score}</td><td>{@code inputs}, {@code targets} int64 [batch]</td><td>{@code log_probs} float32
 *   [batch], each target's</td></tr>
 *   <tr><td>{@code head_only}, if there are tail clusters and k classes in the shortlist</td><td>{@code inputs}</td><td>the
 *   top k of the shortlist, as {@code serving_default} has them, and {@code exact} bool [batch]: whether they are proven to be
 *   the top k of all classes</td></tr>
 * </table>
 *
 * <p>Log-probabilities are natural logarithms and finite. A row whose inputs hold NaN or infinity, or make a logit overflow,
 * or whose target is no class, has log-probability NaN and class −1; the other rows are answered.
 *
 * <pre>{@code
 * OutputLayerExporter.builder(softmax::build)
 *     .topK(5)
 *     .build()
 *     .publish(new ModelDirectory(Path.of("savedmodels/next-word")), WeightSource.of(session, trained));
 * }</pre>
 */
public final class OutputLayerExporter {
  /** How many classes {@code serving_default} gives by default, if there are as many. */
  public static final int DEFAULT_TOP_K = 10;

  private final Function<Ops, ? extends OutputLayer<TFloat32>> layer;
  private final OptionalInt topK;
  private final TailWeights tailWeights;
  private final Map<String, ?> provenance;

  private OutputLayerExporter(Builder builder) {
    layer = builder.layer;
    topK = builder.topK;
    tailWeights = builder.tailWeights;
    provenance = builder.provenance;
  }

  /**
   * Starts an exporter.
   *
   * @param layer builds the layer with the given ops, such as {@code AdaptiveSoftmax.builder(TFloat32.class)…::build}
   * @return a builder with defaults for the rest
   */
  public static Builder builder(Function<Ops, ? extends OutputLayer<TFloat32>> layer) {
    return new Builder(layer);
  }

  /**
   * Builds the graph, loads the weights and makes the model the next version.
   *
   * @param model where to publish
   * @param weights give the variables their values
   * @return the directory of the new version
   * @throws IllegalArgumentException if the model directory is a file, topK is not in 1..nClasses, tailWeights is not
   *     float32 for a full softmax, or the weights do not fit the layer
   * @throws IOException if reading or writing fails; nothing is left then
   */
  public Path publish(ModelDirectory model, WeightSource weights) throws IOException {
    model.requireNoFile();
    try (Graph design = new Graph();
        Graph inference = new Graph()) {
      Ops tf = Ops.create(design);
      OutputLayer<TFloat32> built = layer.apply(tf);
      Require.argument(
          tailWeights == TailWeights.FLOAT32 || built.plan().nTails() > 0,
          "tailWeights must be FLOAT32 for a layer without tail clusters: %s",
          tailWeights);
      int k = topK.orElse(Math.min(DEFAULT_TOP_K, built.nClasses()));
      List<Signature> signatures = OutputLayerSignatures.of(tf, built, k);
      // The first run of a session runs every initializer of its graph: a layer of 5 GB would draw
      // 5 GB of random weights to throw them away.
      inference.importGraphDef(withoutInitializers(design, signatures, built));
      try (Session session = new Session(inference)) {
        weights.load(session, variables(inference, built));
        return tailWeights == TailWeights.FLOAT32
            ? publish(model, session, signatures, built, k)
            : publishQuantized(model, session, built, k);
      }
    }
  }

  private Path publish(
      ModelDirectory model,
      Session session,
      List<Signature> signatures,
      OutputLayer<TFloat32> layer,
      int k)
      throws IOException {
    SavedModelPublisher.Builder publisher =
        SavedModelPublisher.builder(session)
            .provenance(provenance(layer, k))
            .classes(layer.plan(), layer.labelOrder());
    signatures.forEach(publisher::signature);
    OutputLayerSignatures.addWarmUp(publisher, layer);
    return publisher.build().publish(model);
  }

  private Map<String, ?> provenance(OutputLayer<TFloat32> layer, int k) {
    if (provenance.isEmpty()) {
      return provenance;
    }
    Map<String, Object> complete = new LinkedHashMap<>();
    complete.put(ProvenanceKeys.IN_FEATURES, layer.inFeatures());
    complete.put(ProvenanceKeys.TOP_K, k);
    complete.put(ProvenanceKeys.TAIL_WEIGHTS, tailWeights.name().toLowerCase(Locale.ROOT));
    complete.putAll(provenance);
    return complete;
  }

  /** Publishes another graph, since a published one has all of its variables: those of float32 must not be among them. */
  private Path publishQuantized(
      ModelDirectory model, Session loaded, OutputLayer<TFloat32> layer, int k) throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      QuantizedSoftmax quantized = layer.quantized(tf, tailWeights);
      List<Signature> signatures = OutputLayerSignatures.of(tf, quantized, k);
      QuantizedWeights.copy(loaded, layer, session, quantized);
      return publish(model, session, signatures, layer, k);
    }
  }

  private static GraphDef withoutInitializers(
      Graph design, List<Signature> signatures, OutputLayer<TFloat32> layer) {
    List<String> needed = new ArrayList<>();
    for (Signature signature : signatures) {
      signature.getOutputs().values().forEach(output -> needed.add(output.name));
      signature.getInputs().values().forEach(input -> needed.add(input.name));
    }
    layer.parameters().values().forEach(variable -> needed.add(variable.op().name()));
    return ReachableGraph.of(design.toGraphDef(), needed);
  }

  private static Map<String, Operand<TFloat32>> variables(
      Graph graph, OutputLayer<TFloat32> layer) {
    Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
    layer
        .parameters()
        .forEach(
            (name, variable) ->
                variables.put(name, graph.operationOrThrow(variable.op().name()).output(0)));
    return variables;
  }

  /** Settings of an exporter. */
  public static final class Builder extends ExporterBuilder.OfClusters<Builder> {
    private final Function<Ops, ? extends OutputLayer<TFloat32>> layer;

    private Builder(Function<Ops, ? extends OutputLayer<TFloat32>> layer) {
      this.layer = layer;
    }

    @Override
    Builder self() {
      return this;
    }

    /** {@return the exporter} */
    public OutputLayerExporter build() {
      return new OutputLayerExporter(this);
    }
  }
}
