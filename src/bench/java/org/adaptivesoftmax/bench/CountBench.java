package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.adaptivesoftmax.bench.CountReport.Run;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;

/**
 * The engines of the command {@code count} on the same text, each on more and more cores.
 *
 * @param text to count
 * @param cores numbers of them
 */
record CountBench(ZipfText text, List<Integer> cores) {
  private static final Pattern SPARK = Pattern.compile("spark-sql_[0-9.]+-([0-9.]+)\\.jar");

  /**
   * Counts.
   *
   * @throws IllegalArgumentException if Spark's engine is not built, or this is not Linux
   * @throws IOException if an engine fails, or two counts differ
   */
  CountReport run() throws IOException, InterruptedException {
    Path classpath = BenchFiles.inProject("target/spark.classpath");
    Require.argument(
        Files.exists(classpath),
        "Spark's engine is not built (mvn -Pspark package): %s",
        classpath);
    Path scratch = Files.createTempDirectory("adaptive-softmax-");
    try {
      Path corpus = scratch.resolve("zipf.txt");
      text.write(corpus);
      return run(corpus, environment(Files.readString(classpath)));
    } finally {
      FileTree.delete(scratch);
    }
  }

  private static List<String> environment(String classpath) {
    List<String> environment = new ArrayList<>();
    environment.add("Java " + System.getProperty("java.version"));
    Matcher spark = SPARK.matcher(classpath);
    if (spark.find()) {
      environment.add("Spark " + spark.group(1));
    }
    return environment;
  }

  private CountReport run(Path corpus, List<String> environment)
      throws IOException, InterruptedException {
    List<Run> results = new ArrayList<>();
    Path first = corpus.resolveSibling("local-%d".formatted(cores.get(0)));
    List<JsonNode> counted = new ArrayList<>();
    for (String engine : List.of("local", "spark")) {
      for (int threads : cores) {
        Path out = corpus.resolveSibling("%s-%d".formatted(engine, threads));
        JsonNode count = count(engine, threads, corpus, out);
        requireSame(first, out);
        counted.add(count);
        results.add(
            new Run(
                engine,
                threads,
                count.get("seconds").asDouble(),
                count.get("tokens_per_second").asDouble()));
      }
    }
    return new CountReport(
        Files.size(corpus) / 1e6,
        counted.get(0).get("tokens").asLong(),
        counted.get(0).get("distinct").asLong(),
        environment,
        results);
  }

  private static JsonNode count(String engine, int threads, Path corpus, Path out)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "0-" + (threads - 1)));
    command.addAll(List.of(BenchFiles.inProject("tools/adaptive-softmax").toString(), "count"));
    command.addAll(List.of("--engine", engine, "--corpus", corpus.toString()));
    command.addAll(List.of("--out", out.toString(), "--date", "2026-01-01", "--json"));
    command.addAll(
        engine.equals("spark")
            ? List.of("--master", "local[%d]".formatted(threads))
            : List.of("--threads", Integer.toString(threads)));
    Path json = corpus.resolveSibling("result.json");
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(json.toFile())
            .start();
    EndingWithThis ending = new EndingWithThis(process);
    try (ending) {
      if (process.waitFor() != 0) {
        throw new IOException("counting failed: " + String.join(" ", command));
      }
    }
    return WorkerReply.JSON.readTree(json.toFile());
  }

  private static void requireSame(Path first, Path other) throws IOException {
    for (String file : List.of("counts.tsv", "about.json")) {
      if (Files.mismatch(first.resolve(file), other.resolve(file)) >= 0) {
        throw new IOException(
            "%s of %s differs from that of %s"
                .formatted(file, other.getFileName(), first.getFileName()));
      }
    }
  }
}
