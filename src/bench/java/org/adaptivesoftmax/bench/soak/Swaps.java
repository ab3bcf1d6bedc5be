package org.adaptivesoftmax.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.FileTree;

/**
 * Publishes versions in turn: by a rename, as a link to elsewhere, and as a copy in place, file by file, which pauses in the
 * middle of one. Old versions are deleted.
 */
final class Swaps implements Activity {
  private static final int KEPT = 3;
  private static final int PAUSE_MS = 700;

  private final Path base;
  private final Path elsewhere;
  private final Path odd;
  private final Path even;
  private final int everyMs;
  private volatile int published;

  /**
   * @param base where versions are served from
   * @param elsewhere on the same file system
   */
  Swaps(Path base, Path elsewhere, Path odd, Path even, int everyMs) throws IOException {
    this.base = Files.createDirectories(base);
    this.elsewhere = Files.createDirectories(elsewhere);
    this.odd = odd;
    this.even = even;
    this.everyMs = everyMs;
    rename(1);
    published = 1;
  }

  /** How many versions there were. */
  int published() {
    return published;
  }

  @Override
  public void once(Random random) throws IOException, InterruptedException {
    Thread.sleep(everyMs);
    int number = published + 1;
    switch (random.nextInt(3)) {
      case 0 -> rename(number);
      case 1 -> {
        copy(original(number), elsewhere.resolve(Integer.toString(number)));
        Files.createSymbolicLink(
            version(number), elsewhere.resolve(Integer.toString(number)).toAbsolutePath());
      }
      default -> copyHalting(original(number), version(number), random);
    }
    published = number;
    delete(number - KEPT);
  }

  private Path version(int number) {
    return base.resolve(Integer.toString(number));
  }

  private Path original(int number) {
    return number % 2 == 1 ? odd : even;
  }

  private void rename(int number) throws IOException {
    Path unfinished = elsewhere.resolve("unfinished");
    copy(original(number), unfinished);
    Files.move(unfinished, version(number));
  }

  private void delete(int number) throws IOException {
    if (Files.isSymbolicLink(version(number))) {
      Files.delete(version(number));
      FileTree.delete(elsewhere.resolve(Integer.toString(number)));
    } else if (number > 0) {
      FileTree.delete(version(number));
    }
  }

  private static List<Path> tree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths.toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path path : tree(from)) {
      Path target = to.resolve(from.relativize(path).toString());
      if (Files.isDirectory(path)) {
        Files.createDirectories(target);
      } else {
        Files.copy(path, target);
      }
    }
  }

  /** In any order of the files, with a pause in the middle of any of them. */
  private static void copyHalting(Path from, Path to, Random random)
      throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    for (Path path : tree(from)) {
      if (Files.isDirectory(path)) {
        Files.createDirectories(to.resolve(from.relativize(path).toString()));
      } else {
        files.add(path);
      }
    }
    Collections.shuffle(files, random);
    Path halted = files.get(random.nextInt(files.size()));
    for (Path file : files) {
      Path target = to.resolve(from.relativize(file).toString());
      if (file.equals(halted)) {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(target, Arrays.copyOf(bytes, bytes.length / 2));
        Thread.sleep(PAUSE_MS);
        Files.write(
            target,
            Arrays.copyOfRange(bytes, bytes.length / 2, bytes.length),
            StandardOpenOption.APPEND);
      } else {
        Files.copy(file, target);
      }
    }
  }
}
