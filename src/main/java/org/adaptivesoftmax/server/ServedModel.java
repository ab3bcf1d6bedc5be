package org.adaptivesoftmax.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.internal.io.FileStates;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.local.LocalVersion;
import org.adaptivesoftmax.proto.ModelSpec;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.tensorflow.proto.error.Code;

/**
 * A model and those of its versions that are loaded. A version goes only when another that is wanted has come, and its memory
 * with the last request that it answers.
 */
final class ServedModel implements AutoCloseable {
  private final ModelSource source;
  private final ModelDirectory directory;
  private final VersionLoader loader;
  private final Map<Long, Failed> failed = new TreeMap<>();
  private final Map<Long, VersionStatus> states = new ConcurrentSkipListMap<>();
  private volatile NavigableMap<Long, LocalVersion> loaded = Collections.emptyNavigableMap();
  private boolean closed;

  /** Loads a version. */
  @FunctionalInterface
  interface VersionLoader {
    LocalVersion load(ModelSource source, long version) throws IOException;
  }

  /** A version that cannot be served as its files are. */
  private record Failed(FileStates files, RuntimeException reason) {}

  ServedModel(ModelSource source, VersionLoader loader) {
    this.source = source;
    this.directory = new ModelDirectory(source.base());
    this.loader = loader;
  }

  /**
   * Loads the wanted versions, at a server's start.
   *
   * @throws IllegalArgumentException if there is none, one cannot be served, or a label's version is not among them
   */
  void start() throws IOException {
    directory.highestDirectory(); // Says what is wrong if there is none.
    refresh();
    for (Failed failure : failed.values()) {
      throw failure.reason;
    }
    Require.argument(
        !loaded.isEmpty(),
        "model %s: none of the wanted versions is there, but %s",
        source.name(),
        directory.versionNumbers());
    source
        .labels()
        .forEach(
            (label, version) ->
                Require.argument(
                    loaded.containsKey(version),
                    "model %s: label %s is of version %s, which is not served",
                    source.name(),
                    label,
                    version));
  }

  /** Loads what has come, and lets go of what is no longer wanted. */
  synchronized void refresh() throws IOException {
    if (closed) {
      return;
    }
    List<Long> present = directory.versionNumbers();
    Set<Long> wanted = source.policy().choose(present);
    for (long version : wanted) {
      if (!loaded.containsKey(version)) {
        load(version);
      }
    }
    failed.keySet().retainAll(wanted);
    if (wanted.stream().anyMatch(loaded::containsKey)) {
      loaded.keySet().stream()
          .filter(version -> !wanted.contains(version))
          .toList()
          .forEach(this::unload);
    }
    // A server that turns to new versions for years need not know them all.
    states.keySet().removeIf(version -> !loaded.containsKey(version) && !present.contains(version));
  }

  private void load(long version) throws IOException {
    FileStates files = FileStates.of(directory.base().resolve(Long.toString(version)));
    Failed before = failed.get(version);
    if (before != null && before.files.equals(files)) {
      return; // It may have been half copied: tried again when its files have changed.
    }
    state(version, State.LOADING, Code.OK, "");
    try {
      LocalVersion next = loader.load(source, version);
      NavigableMap<Long, LocalVersion> more = new TreeMap<>(loaded);
      more.put(version, next);
      loaded = Collections.unmodifiableNavigableMap(more);
      failed.remove(version);
      state(version, State.AVAILABLE, Code.OK, "");
    } catch (IllegalArgumentException e) {
      failed.put(version, new Failed(files, e));
      state(version, State.END, Code.FAILED_PRECONDITION, String.valueOf(e.getMessage()));
    }
  }

  private void unload(long version) {
    NavigableMap<Long, LocalVersion> less = new TreeMap<>(loaded);
    LocalVersion last = less.remove(version);
    loaded = Collections.unmodifiableNavigableMap(less);
    if (last != null) {
      last.close();
    }
    state(version, State.END, Code.OK, "");
  }

  private void state(long version, State state, Code code, String message) {
    states.put(version, new VersionStatus(version, state, code, message));
  }

  String name() {
    return source.name();
  }

  Map<String, Long> labels() {
    return source.labels();
  }

  /** Directories of the loaded versions. */
  Map<Long, Path> paths() {
    Map<Long, Path> paths = new TreeMap<>();
    loaded.forEach((number, version) -> paths.put(number, version.path()));
    return paths;
  }

  /** Whether all its versions can be answered by the head alone. */
  boolean answersByHead() {
    return loaded.values().stream().allMatch(LocalVersion::answersByHead);
  }

  List<VersionStatus> status() {
    List<VersionStatus> newestFirst = new ArrayList<>(states.values());
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  /**
   * Uses the version that a request asks for, which stays until that is done.
   *
   * @throws RequestFailure if it is not served
   */
  <T> T use(ModelSpec spec, Function<LocalVersion, T> call) {
    while (true) {
      LocalVersion version = find(spec);
      if (version.retain()) {
        try {
          return call.apply(version);
        } finally {
          version.release();
        }
      }
      // It went between the two steps: there is another, or the next look says that there is none.
    }
  }

  private LocalVersion find(ModelSpec spec) {
    NavigableMap<Long, LocalVersion> now = loaded;
    LocalVersion found =
        switch (spec.getVersionChoiceCase()) {
          case VERSION -> now.get(spec.getVersion().getValue());
          case VERSION_LABEL -> now.get(version(spec.getVersionLabel()));
          case VERSIONCHOICE_NOT_SET -> now.isEmpty() ? null : now.lastEntry().getValue();
        };
    if (found == null) {
      throw notFound(spec, source.labels());
    }
    return found;
  }

  private long version(String label) {
    Long version = source.labels().get(label);
    if (version == null) {
      throw RequestFailure.invalid("Unrecognized servable version label: " + label);
    }
    return version;
  }

  /** In TensorFlow Serving's words. */
  static RequestFailure notFound(ModelSpec spec, Map<String, Long> labels) {
    String wanted =
        switch (spec.getVersionChoiceCase()) {
          case VERSION ->
              "Specific(%s, %s)".formatted(spec.getName(), spec.getVersion().getValue());
          case VERSION_LABEL ->
              "Specific(%s, %s)".formatted(spec.getName(), labels.get(spec.getVersionLabel()));
          case VERSIONCHOICE_NOT_SET -> "Latest(%s)".formatted(spec.getName());
        };
    return new RequestFailure(Code.NOT_FOUND, "Servable not found for request: " + wanted);
  }

  @Override
  public synchronized void close() {
    closed = true;
    loaded.keySet().forEach(this::unload);
  }
}
