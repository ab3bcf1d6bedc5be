package org.adaptivesoftmax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.adaptivesoftmax.client.VersionStatus;
import org.adaptivesoftmax.client.VersionStatus.State;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.error.Code;

/** Versions that are missing, cut, or half copied. */
class BrokenVersionTest {
  private static final List<String> TEXTS = List.of("the quick", "a fox is");
  private static final String DATA = "variables/variables.data-00000-of-00001";

  @TempDir Path directory;
  private ModelDirectory exported;

  @BeforeEach
  void export() throws IOException {
    exported = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
  }

  private LocalModelBuilder local() {
    return LocalModel.builder(exported).poll(Duration.ZERO);
  }

  private void cut(Path file, double share) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength((long) (bytes.length() * share));
    }
  }

  private Path copy(String file, int version) throws IOException {
    Path copy = exported.base().resolve(Integer.toString(version)).resolve(file);
    Files.createDirectories(copy.getParent());
    return Files.copy(exported.base().resolve("1").resolve(file), copy);
  }

  @Test
  void directoriesWithoutAVersion() throws IOException {
    Path none = directory.resolve("none");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path file = Files.writeString(directory.resolve("file"), "");
    Path unfinished =
        Files.createDirectories(directory.resolve("unfinished/.unfinished-1")).getParent();
    Path hollow = Files.createDirectories(directory.resolve("hollow/3")).getParent();
    assertFails(none, "no such model directory: " + none);
    assertFails(file, "no such model directory: " + file);
    for (Path base : List.of(empty, unfinished)) {
      assertFails(
          base, "model directory has no version, a subdirectory with an integer name: " + base);
    }
    assertFails(hollow, "model version has no saved_model.pb: " + hollow.resolve("3"));
    assertFails(
        exported.base().resolve("1"),
        "model directory must be the one above the version: " + exported.base().resolve("1"));
  }

  private static void assertFails(Path base, String message) {
    ModelDirectory model = new ModelDirectory(base);
    assertThatThrownBy(() -> LocalModel.builder(model).load())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> SavedLanguageModel.load(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "saved_model.pb, 0",
    "saved_model.pb, 0.1",
    "saved_model.pb, 0.5",
    "saved_model.pb, 0.999",
    "variables/variables.index, 0",
    "variables/variables.index, 0.5",
    "variables/variables.index, 0.99",
    DATA + ", 0",
    DATA + ", 0.5",
    DATA + ", 0.999",
    "assets/vocabulary.txt, 0",
    "assets/vocabulary.txt, 0.5",
  })
  void aCutFile(String file, double share) throws IOException {
    Path version = exported.highestVersion();
    cut(version.resolve(file), share);
    String message = "model version cannot be loaded, is it complete? " + version + ": ";
    assertThatThrownBy(() -> local().load())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
    assertThatThrownBy(() -> SavedLanguageModel.load(exported))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({"saved_model.pb", "variables/variables.index", DATA, "assets/vocabulary.txt"})
  void aMissingFile(String file) throws IOException {
    Path version = exported.highestVersion();
    Files.delete(version.resolve(file));
    assertThatThrownBy(() -> local().load())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model version ")
        .hasMessageContaining(version.toString());
  }

  /** As a copy without a rename goes: each state but the last is refused, and tried again once it has changed. */
  @Test
  void aHalfCopiedVersionIsServedOnceItIsWhole() throws IOException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (LocalModel model = local().metrics(registry).load()) {
      List<List<NextWord>> expected = model.languageModel().complete(TEXTS);
      Files.createDirectory(exported.base().resolve("2"));
      assertRejected(model, "model version has no saved_model.pb: ");
      copy("assets.extra/provenance.json", 2);
      cut(copy("saved_model.pb", 2), 0.5);
      assertRejected(model, "model version has no weights, is it complete? ");
      cut(copy("variables/variables.index", 2), 0.5);
      assertRejected(model, "model version cannot be loaded, is it complete? ");
      for (String file : List.of("saved_model.pb", "variables/variables.index")) {
        Files.delete(exported.base().resolve("2").resolve(file));
        copy(file, 2);
      }
      assertRejected(model, "model version cannot be loaded, is it complete? ");
      cut(copy(DATA, 2), 0.5);
      assertRejected(model, "model version cannot be loaded, is it complete? ");
      Files.delete(exported.base().resolve("2").resolve(DATA));
      copy(DATA, 2);
      assertRejected(model, "model version cannot be loaded, is it complete? ");
      assertThat(model.languageModel().complete(TEXTS)).isEqualTo(expected);
      copy("assets/vocabulary.txt", 2);
      assertThat(model.refresh()).isTrue();
      assertThat(model.version()).isEqualTo(2);
      assertThat(model.status())
          .containsExactly(new VersionStatus(2, State.AVAILABLE, Code.OK, ""));
      assertThat(model.languageModel().complete(TEXTS)).isEqualTo(expected);
    }
    assertThat(versions(registry, "rejected")).isEqualTo(6);
    assertThat(versions(registry, "served")).isEqualTo(1);
  }

  private static double versions(SimpleMeterRegistry registry, String result) {
    return registry.get("adaptive.softmax.versions").tag("result", result).counter().count();
  }

  /** Twice: what is known to be broken is not loaded again. */
  private void assertRejected(LocalModel model, String start) {
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(model::refresh)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(start + exported.base().resolve("2"));
    }
    assertThat(model.version()).isEqualTo(1);
    assertThat(model.status().get(0)).isEqualTo(new VersionStatus(1, State.AVAILABLE, Code.OK, ""));
    VersionStatus rejected = model.status().get(1);
    assertThat(rejected.version()).isEqualTo(2);
    assertThat(rejected.state()).isEqualTo(State.END);
    assertThat(rejected.message()).startsWith(start);
  }

  @Test
  void pollingOutlivesBrokenVersions() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (LocalModel model = LocalModel.builder(exported).poll(Duration.ofMillis(10)).load()) {
      List<List<NextWord>> expected = model.languageModel().complete(TEXTS);
      AtomicBoolean stop = new AtomicBoolean();
      Future<?> asking =
          pool.submit(
              () -> {
                do {
                  assertThat(model.languageModel().complete(TEXTS)).isEqualTo(expected);
                } while (!stop.get());
              });
      copy("saved_model.pb", 2);
      await(() -> model.status().size() == 2);
      for (String file : List.of("variables/variables.index", DATA, "assets/vocabulary.txt")) {
        copy(file, 2);
      }
      await(() -> model.version() == 2);
      stop.set(true);
      asking.get();
      assertThat(model.status()).hasSize(1);
    } finally {
      pool.shutdown();
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    for (int i = 0; i < 2400 && !condition.holds(); i++) {
      Thread.sleep(50);
    }
    assertThat(condition.holds()).isTrue();
  }

  /** A roll-back: the highest version that is left is served. */
  @Test
  void aVersionThatIsTakenAway() throws IOException {
    for (String file :
        Arrays.asList(
            "saved_model.pb", "variables/variables.index", DATA, "assets/vocabulary.txt")) {
      copy(file, 2);
    }
    try (LocalModel model = local().load()) {
      assertThat(model.version()).isEqualTo(2);
      Files.move(exported.base().resolve("2"), directory.resolve("gone"));
      assertThat(model.languageModel().complete(TEXTS)).hasSize(2);
      assertThat(model.refresh()).isTrue();
      assertThat(model.version()).isEqualTo(1);
      Files.move(exported.base(), directory.resolve("all gone"));
      assertThatThrownBy(model::refresh).hasMessageStartingWith("no such model directory: ");
      assertThat(model.languageModel().complete(TEXTS)).hasSize(2);
    }
  }
}
