package org.adaptivesoftmax.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.internal.tensors.BatchRows;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.proto.SignatureDef;

/**
 * One version of a model in this process, for a server that chooses its versions itself, with the micro-batches, cache and
 * metrics of its {@link LocalModelBuilder}. Threads share it.
 *
 * <p>A server that may close a version while requests are on their way takes it with {@link #retain} and gives it back with
 * {@link #release}.
 */
public final class LocalVersion implements AutoCloseable {
  private final LoadedVersion version;
  private final Runner runner;
  private final @Nullable PublishedClusters clusters;
  private final @Nullable ServingMetrics metrics;
  private final @Nullable LiveText liveText;
  private final AtomicBoolean closed = new AtomicBoolean();

  private LocalVersion(
      LoadedVersion version, LocalModelBuilder builder, @Nullable PublishedClusters clusters) {
    this.version = version;
    this.clusters = clusters;
    metrics = builder.metrics();
    runner = builder.runner(version, metrics);
    liveText = builder.liveText();
  }

  static LocalVersion load(LocalModelBuilder builder, Path path) throws IOException {
    LoadedVersion version = LoadedVersion.load(path, builder.trusted);
    try {
      version.warmUp();
      LocalVersion loaded =
          new LocalVersion(version, builder, PublishedClusters.of(path).orElse(null));
      if (loaded.liveText != null) {
        loaded.liveText.turned(path);
      }
      return loaded;
    } catch (Throwable failure) {
      version.uses().release();
      throw failure;
    }
  }

  /** {@return its number} */
  public long number() {
    return version.number();
  }

  /** {@return its directory} */
  public Path path() {
    return version.path();
  }

  /** {@return its signatures by key, as the model has them} */
  public Map<String, SignatureDef> signatures() {
    return Collections.unmodifiableMap(version.signatures());
  }

  /** {@return its clusters; empty if it does not tell them} */
  public Optional<PublishedClusters> clusters() {
    return Optional.ofNullable(clusters);
  }

  /** {@return whether it may be run until {@link #release}; false if it is closed} */
  public boolean retain() {
    return version.uses().retain();
  }

  /** Gives back what {@link #retain} took. */
  public void release() {
    version.uses().release();
  }

  /**
   * Runs a signature, for an empty batch, too. Inputs that the signature does not take are TensorFlow's to refuse.
   *
   * @param signature key of one that there is
   * @param inputs by name, all that the signature has
   * @return outputs by name
   * @throws ModelServerException if the signature refuses the inputs
   */
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    long start = System.nanoTime();
    Map<String, NdArray<?>> outputs =
        counted(
            () -> isBatch(inputs) ? runner.run(signature, inputs) : version.run(signature, inputs));
    answered(signature, outputs, System.nanoTime() - start);
    count(inputs);
    return outputs;
  }

  private <T> T counted(Supplier<T> run) {
    try {
      return run.get();
    } catch (ModelServerException e) {
      if (metrics != null) {
        metrics.failed(e.code());
      }
      throw e;
    }
  }

  /**
   * Runs a signature for somebody who looks into the model beside the requests that it has: it is not counted, joined with
   * other requests, or remembered.
   *
   * @param signature key of one that there is
   * @param inputs by name, all that the signature has
   * @return outputs by name
   * @throws ModelServerException if the signature refuses the inputs
   */
  public Map<String, NdArray<?>> look(String signature, Map<String, ? extends NdArray<?>> inputs) {
    return version.run(signature, inputs);
  }

  private void count(Map<String, ? extends NdArray<?>> inputs) {
    if (liveText != null) {
      liveText.answered(inputs);
    }
  }

  /** {@return whether it has the signature {@code head_only}, which only models with tail clusters have} */
  public boolean answersByHead() {
    return version.signatures().containsKey(SignatureKeys.HEAD_ONLY);
  }

  /**
   * Answers a request to {@code serving_default} without the tail clusters.
   *
   * @param inputs by name, all that the signature has, with at least one row
   * @return empty if this version has no such signature, or the inputs are no batch
   * @throws ModelServerException if the signature refuses the inputs
   */
  public Optional<HeadAnswer> answerByHead(Map<String, ? extends NdArray<?>> inputs) {
    if (!answersByHead() || !isBatch(inputs)) {
      return Optional.empty();
    }
    long start = System.nanoTime();
    Map<String, NdArray<?>> outputs = counted(() -> runner.run(SignatureKeys.HEAD_ONLY, inputs));
    return Optional.of(new HeadAnswer(number(), inputs, outputs, System.nanoTime() - start));
  }

  /**
   * Takes a head's answer for the request's, whether it is exact or not: it is counted.
   *
   * @param head what this version answered
   */
  public void accept(HeadAnswer head) {
    int inexact = head.unproven().size();
    if (metrics != null) {
      metrics.answeredByHead(head.rows() - inexact, inexact, 0);
    }
    answered(SignatureKeys.DEFAULT, head.outputs(), head.nanos());
    count(head.inputs());
  }

  /**
   * Completes a head's answer: the rows that it could not prove are run by {@code serving_default}, and all of them if another
   * version gave it.
   *
   * @param head what was answered
   * @return outputs by name
   * @throws ModelServerException if the signature refuses the inputs
   */
  public Map<String, NdArray<?>> complete(HeadAnswer head) {
    if (head.version() != number()) {
      return run(SignatureKeys.DEFAULT, head.inputs());
    }
    long start = System.nanoTime();
    List<Integer> missing = head.unproven();
    Map<String, NdArray<?>> outputs = new TreeMap<>(head.outputs());
    outputs.remove(TensorNames.EXACT);
    BatchRows.put(
        outputs,
        counted(() -> runner.run(SignatureKeys.DEFAULT, BatchRows.take(head.inputs(), missing))),
        missing);
    if (metrics != null) {
      metrics.answeredByHead(head.rows() - missing.size(), 0, missing.size());
    }
    answered(SignatureKeys.DEFAULT, outputs, head.nanos() + System.nanoTime() - start);
    count(head.inputs());
    return outputs;
  }

  /** Whether the inputs have rows, and as many each: others cannot be joined. */
  private static boolean isBatch(Map<String, ? extends NdArray<?>> inputs) {
    return inputs.values().stream().allMatch(input -> input.rank() > 0)
        && inputs.values().stream().mapToLong(input -> input.shape().get(0)).distinct().count() == 1
        && inputs.values().iterator().next().shape().get(0) > 0;
  }

  private void answered(String signature, Map<String, NdArray<?>> outputs, long nanos) {
    if (metrics != null) {
      OptionalLong number = OptionalLong.of(number());
      String target = path() + ", signature " + signature;
      metrics.answered(signature, new Prediction(target, number, outputs), clusters, nanos);
    }
  }

  /** Takes no new request. Its memory is freed when the last one has ended. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      version.uses().release();
    }
  }
}
