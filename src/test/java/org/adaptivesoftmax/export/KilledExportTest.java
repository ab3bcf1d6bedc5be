package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exports of several processes at once, killed at any moment. */
@Tag("slow")
class KilledExportTest {
  private static final int ROUNDS = 4;
  private static final int PROCESSES = 3;
  private static final String ENDLESS = "1000000";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private Process export(Path model, String versions, Path go) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            EndlessExports.class.getName(),
            model.toString(),
            versions,
            go.toString());
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "2");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
        .start();
  }

  @Test
  @Timeout(600)
  void eachVersionIsWholeAndTheNextExportCleansUp() throws Exception {
    Path model = directory.resolve("model");
    Random random = new Random(1);
    int leftovers = 0;
    // Until one was killed in the middle of an export, as nearly all are.
    for (int round = 0; round < ROUNDS || leftovers == 0; round++) {
      List<Process> exporters = new ArrayList<>();
      Path go = directory.resolve("go-" + round);
      try {
        for (int i = 0; i < PROCESSES; i++) {
          exporters.add(export(model, ENDLESS, go));
        }
        awaitVersionOfEach(model, exporters);
        Files.createFile(go);
        for (Process exporter : exporters) {
          Thread.sleep(random.nextInt(150));
          exporter.destroyForcibly().waitFor();
        }
      } finally {
        exporters.forEach(Process::destroyForcibly);
      }
      leftovers += requireWhole(model);
    }
    assertThat(export(model, "1", directory).waitFor()).isZero();
    assertThat(entries(model)).as("nothing but versions").allMatch(name -> name.matches("[0-9]+"));
  }

  private void awaitVersionOfEach(Path model, List<Process> exporters) throws Exception {
    while (!Files.exists(model)
        || new ModelDirectory(model).versionNumbers().size() < exporters.size()) {
      Thread.sleep(20);
      assertThat(exporters).as(log()).allMatch(Process::isAlive);
    }
  }

  /** Checks and deletes the versions, and gives the number of other entries. */
  private static int requireWhole(Path model) throws IOException {
    int leftovers = 0;
    for (String name : entries(model)) {
      if (name.matches("[0-9]+")) {
        Path alone = Files.createDirectory(model.resolveSibling("alone"));
        Path version = Files.move(model.resolve(name), alone.resolve(name));
        assertThat(PublishedVersion.check(new ModelDirectory(alone)).model())
            .isEqualTo(version.toString());
        FileTree.delete(alone);
      } else {
        assertThat(name).startsWith(".unfinished-");
        leftovers++;
      }
    }
    return leftovers;
  }

  private static List<String> entries(Path model) throws IOException {
    try (Stream<Path> paths = Files.list(model)) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  @Test
  @Timeout(600)
  void twoProcessesAndThisOneGetVersionsOfTheirOwn() throws Exception {
    Path model = directory.resolve("model");
    int each = 15;
    Process first = export(model, Integer.toString(each), directory);
    Process second = export(model, Integer.toString(each), directory);
    EndlessExports.main(
        new String[] {model.toString(), Integer.toString(each), directory.toString()});
    assertThat(first.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(second.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(List.of(first.exitValue(), second.exitValue())).as(log()).containsOnly(0);
    assertThat(new ModelDirectory(model).versionNumbers())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 3L * each).boxed().toList());
    List<String> processes = new ArrayList<>();
    for (int version = 1; version <= 3 * each; version++) {
      processes.add(
          String.valueOf(
              Provenance.read(model.resolve(Integer.toString(version))).text("process")));
    }
    assertThat(processes)
        .filteredOn(process -> process.equals(Long.toString(first.pid())))
        .hasSize(each);
    assertThat(processes)
        .filteredOn(process -> process.equals(Long.toString(second.pid())))
        .hasSize(each);
  }
}
