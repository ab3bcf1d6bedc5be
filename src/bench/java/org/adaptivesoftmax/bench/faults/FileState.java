package org.adaptivesoftmax.bench.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.Sha256;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;

/**
 * What is in a directory: the SHA-256 of each file by its name, and nothing for a directory.
 *
 * @param files by name
 */
record FileState(Map<String, String> files) {
  private static final String VERSION = "^out/\\d+";

  static FileState of(Path work) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(work)) {
      for (Path path : paths.filter(path -> !path.equals(work)).toList()) {
        String name = work.relativize(path).toString();
        files.put(name, Files.isDirectory(path) ? "" : Sha256.of(path));
      }
    }
    return new FileState(files);
  }

  /** Names that another state lacks. */
  SortedSet<String> beyond(FileState other) {
    SortedSet<String> names = new TreeSet<>(files.keySet());
    names.removeAll(other.files.keySet());
    return names;
  }

  /** Whether all of another state is there as it was. */
  boolean keeps(FileState other) {
    return files.entrySet().containsAll(other.files.entrySet());
  }

  /** The names, whichever numbers versions have. */
  SortedSet<String> kinds() {
    return files.keySet().stream()
        .map(name -> name.replaceAll(VERSION, "out/N"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The weights and the vocabulary of the highest version, which a repeated run must give again to the bit. */
  static Map<String, String> learned(Path work) throws IOException {
    Path version = new ModelDirectory(FaultScenario.out(work)).highestVersion();
    Map<String, String> learned = new TreeMap<>();
    FileState.of(version)
        .files
        .forEach(
            (name, sum) -> {
              if (name.startsWith("variables/") || name.startsWith("assets/")) {
                learned.put(name, sum);
              }
            });
    return learned;
  }

  /** Makes sure that every version is whole and answers. */
  static void requireWhole(Path work) throws IOException {
    ModelDirectory models = new ModelDirectory(FaultScenario.out(work));
    if (Files.isDirectory(models.base()) && !models.versionNumbers().isEmpty()) {
      PublishedVersion.check(models);
    }
  }
}
