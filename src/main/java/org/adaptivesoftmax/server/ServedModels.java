package org.adaptivesoftmax.server;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.proto.ModelSpec;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.error.Code;

/** The models of a server, by name. */
final class ServedModels implements AutoCloseable {
  private final Map<String, ServedModel> models = new LinkedHashMap<>();
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "model-server-versions");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Loads the models.
   *
   * @throws IllegalArgumentException if two have one name, or one cannot be served
   */
  static ServedModels load(
      List<ModelSource> sources, ServedModel.VersionLoader loader, Duration poll)
      throws IOException {
    ServedModels loaded = new ServedModels();
    try {
      for (ModelSource source : sources) {
        ServedModel model = new ServedModel(source, loader);
        Require.argument(
            loaded.models.put(source.name(), model) == null,
            "two models have the name %s",
            source.name());
        model.start();
      }
    } catch (Throwable failure) {
      loaded.close();
      throw failure;
    }
    long nanos = poll.toNanos();
    var unused =
        loaded.poller.scheduleWithFixedDelay(loaded::refresh, nanos, nanos, TimeUnit.NANOSECONDS);
    return loaded;
  }

  private void refresh() {
    for (ServedModel model : models.values()) {
      try {
        model.refresh();
      } catch (Throwable failure) {
        // What is loaded serves on, whatever has become of the directory. Even an error, such as
        // too
        // little memory for two versions, must not end the polling.
      }
    }
  }

  Collection<ServedModel> all() {
    return models.values();
  }

  @Nullable ServedModel find(String name) {
    return models.get(name);
  }

  /**
   * Uses the version that a request asks for.
   *
   * @throws RequestFailure if it is not served
   */
  <T> T use(ModelSpec spec, Function<LocalVersion, T> call) {
    if (spec.getName().isEmpty()) {
      throw RequestFailure.invalid("ModelSpec has no name specified.");
    }
    ServedModel model = models.get(spec.getName());
    if (model == null) {
      if (spec.hasVersionLabel()) {
        throw RequestFailure.invalid(
            "Unrecognized servable version label: " + spec.getVersionLabel());
      }
      throw ServedModel.notFound(spec, Map.of());
    }
    return model.use(spec, call);
  }

  /**
   * The states of the versions that a request asks for; a label is resolved, which TensorFlow Serving does not do.
   *
   * @throws RequestFailure if there are none
   */
  List<VersionStatus> status(ModelSpec spec) {
    ServedModel model = models.get(spec.getName());
    List<VersionStatus> all = model == null ? List.of() : model.status();
    if (all.isEmpty()) {
      throw new RequestFailure(
          Code.NOT_FOUND, "Could not find any versions of model " + spec.getName());
    } else if (spec.getVersionChoiceCase() == ModelSpec.VersionChoiceCase.VERSIONCHOICE_NOT_SET) {
      return all;
    }
    long wanted =
        spec.hasVersion() ? spec.getVersion().getValue() : use(spec, LocalVersion::number);
    List<VersionStatus> one = all.stream().filter(state -> state.version() == wanted).toList();
    if (one.isEmpty()) {
      throw new RequestFailure(
          Code.NOT_FOUND,
          "Could not find version %s of model %s".formatted(wanted, spec.getName()));
    }
    return one;
  }

  @Override
  public void close() {
    poller.shutdownNow();
    models.values().forEach(ServedModel::close);
  }
}
