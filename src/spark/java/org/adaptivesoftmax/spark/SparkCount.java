package org.adaptivesoftmax.spark;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.adaptivesoftmax.text.TextFileException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Counts on a cluster: what {@code spark-submit} runs.
 *
 * <pre>{@code
 * spark-submit --master spark://host:7077 --class org.adaptivesoftmax.spark.SparkCount
 *     --jars tensorflow-adaptive-softmax.jar tensorflow-adaptive-softmax-spark.jar
 *     --corpus hdfs:///text/2026-q3 --out counts/2026-q3
 * }</pre>
 *
 * <p>{@code --corpus} takes files, patterns and directories of any file system that Hadoop knows, all of them plain, compressed
 * or Parquet; {@code --column}, {@code --min-count} and {@code --date} are those of the command {@code count}. The counts go
 * to a directory of the machine that the driver runs on.
 */
public final class SparkCount {
  private static final int BAD_INPUT = 2;

  private SparkCount() {}

  /** What the arguments say. */
  private static final class Arguments {
    private final List<String> corpus = new ArrayList<>();
    private @Nullable String out;
    private String column = "text";
    private long minCount = 1;
    private @Nullable LocalDate date;

    Arguments(String... args) {
      Iterator<String> left = Arrays.asList(args).iterator();
      while (left.hasNext()) {
        String option = left.next();
        Require.argument(left.hasNext(), "an option needs a value: %s", option);
        set(option, left.next());
      }
      Require.argument(!corpus.isEmpty(), "--corpus must be given: %s", String.join(" ", args));
    }

    private void set(String option, String value) {
      switch (option) {
        case "--corpus" -> corpus.add(value);
        case "--out" -> out = value;
        case "--column" -> column = value;
        case "--min-count" -> minCount = number(value);
        case "--date" -> date = day(value);
        default -> throw new IllegalArgumentException("no such option: " + option);
      }
    }

    Path place() {
      if (out == null) {
        throw new IllegalArgumentException("--out must be given");
      }
      return Path.of(out);
    }

    private static long number(String value) {
      Require.argument(
          value.matches("[1-9][0-9]{0,17}"), "--min-count must be at least 1: %s", value);
      return Long.parseLong(value);
    }

    private static LocalDate day(String value) {
      try {
        return LocalDate.parse(value);
      } catch (DateTimeParseException e) {
        throw new IllegalArgumentException("--date must be a day as YYYY-MM-DD: " + value, e);
      }
    }
  }

  /**
   * Counts, and ends the process with 2 after bad arguments or bad input.
   *
   * @param args the options, each with its value; {@code --corpus} as often as wanted
   * @throws IOException if a text cannot be read, or the counts not written
   */
  public static void main(String[] args) throws IOException {
    try {
      System.out.println(count(args));
    } catch (IllegalArgumentException | TextFileException e) {
      System.err.println("adaptive-softmax: " + e.getMessage());
      System.exit(BAD_INPUT);
    }
  }

  private static String count(String... args) throws IOException {
    Arguments given = new Arguments(args);
    Path place = given.place();
    // The master and all else come from spark-submit.
    try (SparkSession spark =
        SparkSession.builder().appName("adaptive-softmax count").getOrCreate()) {
      List<SourceText> texts = texts(given.corpus, spark.sparkContext().hadoopConfiguration());
      Totals totals =
          new SparkCounting(spark, texts, given.column, given.minCount, given.date)
              .write(place)
              .about()
              .totals();
      return "tokens %d, distinct %d, documents %d, counts %s"
          .formatted(totals.tokens(), totals.distinct(), totals.documents(), place);
    }
  }

  private static List<SourceText> texts(List<String> corpus, Configuration hadoop)
      throws IOException {
    List<SourceText> texts = new ArrayList<>();
    for (String named : corpus) {
      org.apache.hadoop.fs.Path pattern = new org.apache.hadoop.fs.Path(named);
      FileSystem files = pattern.getFileSystem(hadoop);
      FileStatus @Nullable [] found = files.globStatus(pattern);
      if (found == null || found.length == 0) {
        throw new TextFileException(named + ": no such file");
      }
      int before = texts.size();
      for (FileStatus status : found) {
        addFiles(status, files, hadoop, texts);
      }
      if (texts.size() == before) {
        throw new TextFileException(named + ": an empty directory");
      }
    }
    return texts;
  }

  /** A file, or those of a directory that Spark would read, in the order of their names. */
  private static void addFiles(
      FileStatus status, FileSystem files, Configuration hadoop, List<SourceText> texts)
      throws IOException {
    if (!status.isDirectory()) {
      URI uri = status.getPath().toUri();
      texts.add(SourceText.of(uri.toString(), uri, hadoop));
      return;
    }
    FileStatus[] inside = files.listStatus(status.getPath());
    Arrays.sort(inside);
    for (FileStatus file : inside) {
      String name = file.getPath().getName();
      if (file.isFile() && !name.startsWith("_") && !name.startsWith(".")) {
        addFiles(file, files, hadoop, texts);
      }
    }
  }
}
