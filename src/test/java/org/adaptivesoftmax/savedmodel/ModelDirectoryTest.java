package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static void writeModel(Path path) throws IOException {
    Files.writeString(path.resolve("saved_model.pb"), "a model");
  }

  @Test
  void publishesTheNextVersionAndFindsIt() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("new/model"));
    assertThat(model.publish(ModelDirectoryTest::writeModel)).endsWithRaw(Path.of("1"));
    Files.createDirectory(model.base().resolve("9"));
    Files.createDirectory(model.base().resolve("12-old"));
    Files.writeString(model.base().resolve("10"), "a file takes its number, too");
    Path version = model.publish(ModelDirectoryTest::writeModel);
    assertThat(version).isEqualTo(model.base().resolve("11"));
    assertThat(model.highestVersion()).isEqualTo(version);
    assertThat(version.resolve("saved_model.pb")).hasContent("a model");
  }

  @Test
  void anotherUserMayReadAVersion() throws IOException {
    Path made = Files.createDirectory(directory.resolve("made"));
    Path version =
        new ModelDirectory(directory.resolve("m")).publish(ModelDirectoryTest::writeModel);
    assertThat(Files.getPosixFilePermissions(version))
        .isEqualTo(Files.getPosixFilePermissions(made));
  }

  @Test
  void concurrentPublishersGetVersionsOfTheirOwn() throws Exception {
    int threads = 8;
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    CyclicBarrier written = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Path>> tasks = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        String content = "model " + thread;
        tasks.add(
            () ->
                model.publish(
                    path -> {
                      Files.writeString(path.resolve("saved_model.pb"), content);
                      await(written);
                    }));
      }
      List<Path> versions = new ArrayList<>();
      for (Future<Path> future : pool.invokeAll(tasks)) {
        versions.add(future.get());
      }
      assertThat(versions).doesNotHaveDuplicates();
      for (int thread = 0; thread < threads; thread++) {
        assertThat(versions.get(thread).resolve("saved_model.pb")).hasContent("model " + thread);
      }
    } finally {
      pool.shutdown();
    }
    try (Stream<Path> entries = Files.list(model.base())) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7", "8");
    }
  }

  @Test
  void deletesWhatAKilledProcessLeftButNotWhatIsBeingWritten() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    Files.createDirectories(model.base().resolve(".unfinished-old/variables"));
    Files.createFile(model.base().resolve(".unfinished-old.lock"));
    Path second =
        model.publish(
            path -> {
              writeModel(path);
              model.publish(ModelDirectoryTest::writeModel);
            });
    assertThat(second.resolve("saved_model.pb")).hasContent("a model");
    try (Stream<Path> entries = Files.list(model.base())) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("1", "2");
    }
  }

  private static void await(CyclicBarrier barrier) throws IOException {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("a/b/model"));
    assertThatThrownBy(
            () ->
                model.publish(
                    path -> {
                      Files.createDirectories(path.resolve("variables/deep"));
                      Files.writeString(path.resolve("variables/deep/file"), "x");
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full")
        .hasNoSuppressedExceptions();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFailureLeavesEarlierVersions() throws IOException {
    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    Path first = model.publish(ModelDirectoryTest::writeModel);
    assertThatThrownBy(
            () ->
                model.publish(
                    path -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    try (Stream<Path> entries = Files.list(model.base())) {
      assertThat(entries).containsExactly(first);
    }
  }

  @Test
  void saysWhyThereIsNoVersion() throws IOException {
    Path missing = directory.resolve("missing");
    assertFails(missing, "no such model directory: " + missing);

    Path empty = directory.resolve("empty");
    Files.createDirectories(empty.resolve("export-1"));
    assertFails(
        empty, "model directory has no version, a subdirectory with an integer name: " + empty);

    Path hollow = directory.resolve("hollow");
    Files.createDirectories(hollow.resolve("3"));
    assertFails(hollow, "model version has no saved_model.pb: " + hollow.resolve("3"));

    ModelDirectory model = new ModelDirectory(directory.resolve("model"));
    Path version = model.publish(ModelDirectoryTest::writeModel);
    assertFails(version, "model directory must be the one above the version: " + version);
  }

  private static void assertFails(Path base, String message) {
    assertThatThrownBy(() -> new ModelDirectory(base).highestVersion())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesAFileAsBase() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    assertThatThrownBy(() -> new ModelDirectory(file).publish(path -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("model directory is a file: " + file);
    assertThat(file).hasContent("x");
  }

  @Test
  void noVersionIsAboveTheHighestThereCanBe() throws IOException {
    ModelDirectory model = new ModelDirectory(directory);
    Files.createDirectory(directory.resolve(Long.toString(Long.MAX_VALUE)));
    assertThatThrownBy(() -> model.publish(ModelDirectoryTest::writeModel))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no version can be above 9223372036854775807: " + directory);
    assertThat(directory).isDirectoryNotContaining("glob:**/.unfinished-*");
  }
}
