package org.adaptivesoftmax.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.adaptivesoftmax.client.ClassScore;
import org.adaptivesoftmax.client.ModelMetadata;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.internal.io.FileStates;
import org.adaptivesoftmax.internal.tensors.Answers;
import org.adaptivesoftmax.internal.tensors.BatchSize;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedClusters;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.error.Code;

/**
 * A published model in this process, with the calls of a client of a model server. It serves the highest version, turns
 * to a higher one as soon as that is published, and lets no request fail by that: each ends with the version that it
 * began with, whose memory is freed then.
 *
 * <pre>{@code
 * try (LocalModel model =
 *     LocalModel.builder(new ModelDirectory(Path.of("savedmodels/wordnet-lm"))).cache(10_000).load()) {
 *   List<List<NextWord>> next = model.languageModel().complete(List.of("the act of"));
 * }
 * }</pre>
 */
public final class LocalModel implements ModelServerClient {
  private final ModelDirectory directory;
  private final BiFunction<LoadedVersion, @Nullable ServingMetrics, Runner> runners;
  private final int maxBatch;
  private final boolean trusted;
  private final @Nullable ServingMetrics metrics;
  private final @Nullable LiveText liveText;
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "local-model");
            thread.setDaemon(true);
            return thread;
          });

  private final Latest<Current> latest;
  private volatile @Nullable Rejected rejected;

  /** The version that new requests run, and how. */
  private record Current(LoadedVersion version, Runner runner, @Nullable PublishedClusters clusters)
      implements Latest.Used {
    @Override
    public Uses uses() {
      return version.uses();
    }
  }

  /** The highest version, if it cannot be served as its files are. */
  private record Rejected(Path path, FileStates files, String reason) {}

  LocalModel(LocalModelBuilder builder) throws IOException {
    directory = builder.directory;
    runners = builder::runner;
    maxBatch = builder.maxBatch;
    trusted = builder.trusted;
    metrics = builder.metrics();
    liveText = builder.liveText();
    latest = new Latest<>(load(directory.highestVersion()));
    if (liveText != null) {
      liveText.turned(latest.get().version.path());
    }
    long nanos = builder.poll.toNanos();
    if (nanos > 0) {
      var unused = poller.scheduleWithFixedDelay(this::poll, nanos, nanos, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Starts to describe a model in this process.
   *
   * @param directory where it is published
   * @return a builder with defaults
   */
  public static LocalModelBuilder builder(ModelDirectory directory) {
    return new LocalModelBuilder(directory);
  }

  private Current load(Path path) throws IOException {
    LoadedVersion version = LoadedVersion.load(path, trusted);
    try {
      PublishedClusters clusters = metrics == null ? null : PublishedClusters.of(path).orElse(null);
      return new Current(version, runners.apply(version, metrics), clusters);
    } catch (Throwable failure) {
      version.uses().release();
      throw failure;
    }
  }

  /** {@return the version that new requests run} */
  public long version() {
    return latest.get().version.number();
  }

  /**
   * Turns to the highest version, if that is another one, without waiting for the next look at the directory. A version that
   * cannot be served is tried again when its files have changed: it may have been half copied.
   *
   * @return whether it turned to another version
   * @throws IllegalArgumentException if the highest version cannot be served; the model stays with its version
   * @throws IOException if the directory cannot be read
   */
  public synchronized boolean refresh() throws IOException {
    if (latest.isClosed()) {
      return false;
    }
    Path highest = directory.highestDirectory();
    if (highest.equals(latest.get().version.path())) {
      rejected = null;
      return false;
    }
    FileStates files = FileStates.of(highest);
    Rejected known = rejected;
    if (known != null && known.path.equals(highest) && known.files.equals(files)) {
      throw new IllegalArgumentException(known.reason);
    }
    try {
      turnTo(load(highest));
      return true;
    } catch (Throwable failure) {
      rejected = new Rejected(highest, files, String.valueOf(failure.getMessage()));
      if (metrics != null) {
        metrics.turned(false);
      }
      throw failure;
    }
  }

  private void turnTo(Current next) {
    latest.turnTo(next);
    rejected = null;
    if (liveText != null) {
      liveText.turned(next.version.path());
    }
    if (metrics != null) {
      metrics.turned(true);
    }
  }

  private void poll() {
    try {
      refresh();
    } catch (Throwable failure) {
      // The version that is loaded serves on; status() and the metrics tell of one that cannot be.
      // Even an error, such as too little memory for two versions, must not end the polling.
    }
  }

  @Override
  public Prediction predict(String signature, Map<String, ? extends NdArray<?>> inputs) {
    if (BatchSize.of(inputs) == 0) {
      return new Prediction(target(signature), OptionalLong.empty(), Map.of());
    }
    return use(some -> predict(some, signature, inputs));
  }

  private Prediction predict(
      Current some, String signature, Map<String, ? extends NdArray<?>> inputs) {
    long start = System.nanoTime();
    some.version.requireInputs(signature, inputs);
    Prediction prediction =
        new Prediction(
            some.version.path() + ", signature " + signature,
            OptionalLong.of(some.version.number()),
            some.runner.run(signature, inputs));
    if (metrics != null) {
      metrics.answered(signature, prediction, some.clusters, System.nanoTime() - start);
    }
    if (liveText != null) {
      liveText.answered(inputs);
    }
    return prediction;
  }

  private String target(String signature) {
    return directory.base() + ", signature " + signature;
  }

  private <T> T use(Function<Current, T> call) {
    Current some = retained();
    try {
      return call.apply(some);
    } catch (ModelServerException e) {
      if (metrics != null) {
        metrics.failed(e.code());
      }
      throw e;
    } finally {
      some.uses().release();
    }
  }

  private Current retained() {
    Current some = latest.retained();
    if (some == null) {
      throw new IllegalStateException("model is closed: " + directory.base());
    }
    return some;
  }

  @Override
  public List<List<ClassScore>> classify(String signature, List<Example> examples) {
    if (examples.isEmpty()) {
      return List.of();
    }
    byte[][] bytes = examples.stream().map(Example::toByteArray).toArray(byte[][]::new);
    Prediction prediction =
        predict(signature, Map.of(TensorNames.INPUTS, NdArrays.vectorOfObjects(bytes)))
            .requireAlike(2, TensorNames.CLASSES, TensorNames.SCORES);
    NdArray<String> classes = prediction.strings(TensorNames.CLASSES);
    FloatNdArray scores = prediction.floats(TensorNames.SCORES);
    return Answers.lists(
        classes, (row, i) -> new ClassScore(classes.getObject(row, i), scores.getFloat(row, i)));
  }

  @Override
  public ModelMetadata metadata() {
    return use(some -> some.version.metadata());
  }

  @Override
  public List<VersionStatus> status() {
    List<VersionStatus> versions = new ArrayList<>();
    versions.add(new VersionStatus(version(), State.AVAILABLE, Code.OK, ""));
    Rejected failed = rejected;
    if (failed != null) {
      long number = Long.parseLong(failed.path.getFileName().toString());
      versions.add(new VersionStatus(number, State.END, Code.FAILED_PRECONDITION, failed.reason));
    }
    return versions;
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  /** Whether the version is freed that was served last. */
  boolean isFreed() {
    return latest.get().uses().isFreed();
  }

  /** Serves no new request. The model's memory is freed when the last request has ended. */
  @Override
  public synchronized void close() {
    poller.shutdownNow();
    latest.close();
  }
}
