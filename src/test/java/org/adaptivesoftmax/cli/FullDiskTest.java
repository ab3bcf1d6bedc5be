package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Commands in a process of their own that cannot write all that they want to, or are killed. A limit of the size of files stands for
 * the disk that is full: a write beyond it fails in the middle of a file, in Java and in TensorFlow, and needs no rights.
 */
@Tag("slow")
@DisabledOnOs(OS.WINDOWS)
class FullDiskTest {
  private static final String COUNT = "count --corpus today.txt --out counts";
  private static final String REBUCKET =
      "rebucket --model moved --counts given --corpus today.txt --out moved --steps 2";
  private static final String TRAIN =
      "train --corpus today.txt --out moved --cutoffs 10,30 --hidden 16 --embedding 16 --epochs 1"
          + " --batch 2 --keep-moments";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @BeforeEach
  void write() throws IOException {
    TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
    List<String> lines =
        IntStream.range(0, 3_000)
            .mapToObj(i -> "a zebra %d and the quick fox of %d".formatted(i % 7, i % 1_009))
            .toList();
    Files.write(directory.resolve("today.txt"), lines);
    CommandRun given =
        CommandRun.of(
            "count",
            "--corpus",
            directory.resolve("today.txt").toString(),
            "--out",
            directory.resolve("given").toString());
    assertThat(given.code()).as(given.err()).isZero();
  }

  /** Limits in KiB: the first file that a command writes, or a later one, is larger. */
  @ParameterizedTest
  @CsvSource({"4," + COUNT, "4," + REBUCKET, "64," + REBUCKET, "16," + TRAIN, "64," + TRAIN})
  @Timeout(300)
  void aDiskThatFillsUpLeavesEverythingAsItWas(int limit, String arguments) throws Exception {
    Map<String, String> before = files();
    Process process =
        start(List.of("bash", "-c", "ulimit -f " + limit + " && exec \"$@\"", "bash"), arguments);
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String err = Files.readString(directory.resolve("err"));
    assertThat(process.exitValue()).as(err).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("out"))).isEmpty();
    assertThat(err.lines().filter(line -> line.startsWith("adaptive-softmax: ")))
        .as(err)
        .singleElement()
        .asString()
        .containsIgnoringCase("file too large");
    assertThat(err).doesNotContain("\tat ");
    assertThat(files()).isEqualTo(before);
  }

  /** The later the kill, the further it has come; versions are there whole or not at all, and the next run cleans up. */
  @Test
  @Timeout(600)
  void aKillAtAnyMomentLeavesWholeVersions() throws Exception {
    Map<String, String> before = files();
    for (String arguments : List.of(COUNT, REBUCKET)) {
      long start = System.nanoTime();
      assertThat(start(List.of(), arguments).waitFor()).isZero();
      long whole = (System.nanoTime() - start) / 1_000_000;
      for (int moment = 1; moment <= 4; moment++) {
        Process process = start(List.of(), arguments);
        process.waitFor(whole * (2 * moment + 1) / 10, TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
        Map<String, String> after = files();
        after.keySet().removeIf(name -> name.contains(".unfinished-"));
        assertThat(after).containsAllEntriesOf(before);
        requireWhole(arguments);
      }
      assertThat(start(List.of(), arguments).waitFor()).isZero();
      assertThat(files().keySet()).noneMatch(name -> name.contains(".unfinished-"));
      before = files();
    }
  }

  private void requireWhole(String arguments) throws IOException {
    if (arguments.equals(COUNT)) {
      assertThat(directory.resolve("counts/counts.tsv"))
          .hasSameTextualContentAs(directory.resolve("given/counts.tsv"));
    } else {
      PublishedVersion.check(new ModelDirectory(directory.resolve("moved")));
    }
  }

  private Process start(List<String> before, String arguments) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(Arrays.asList(arguments.split(" ")));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3");
    return builder.start();
  }

  /** The content of every file by name, but for what the process says. */
  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String name = directory.relativize(path).toString();
        if (!name.equals("out") && !name.equals("err")) {
          files.put(name, Arrays.hashCode(Files.readAllBytes(path)) + "");
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return files;
  }
}
