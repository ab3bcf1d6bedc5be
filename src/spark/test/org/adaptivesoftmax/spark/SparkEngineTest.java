package org.adaptivesoftmax.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.adaptivesoftmax.text.Corpus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark's counts are those of this process, byte for byte, and so are its errors. */
class SparkEngineTest {
  /**
   * Line ends, a mark, what Java and UTF-8 order differently: a letter beyond U+FFFF is a pair of surrogates, which Java has
   * below a full-width letter.
   */
  private static final List<String> HARD_LINES =
      List.of(
          "\uFEFFfirst line\r",
          "lone\rreturn",
          "",
          "\r",
          " \uFEFF inside",
          "next\u0085line \u2028 here",
          "\uD835\uDD1E \uFF41 \uF900 \uD83D\uDE00 z \u00E9 e\u0301",
          "d\u0130stanbul \u039F\u0394\u039F\u03A3 don't\u200B -- 1914\u20111918",
          "no end");

  private static final String HARD = String.join("\n", HARD_LINES);

  @TempDir private Path work;

  @Test
  void countsTheDefaultCorpus() throws IOException {
    assertSame(
        CountRun.local(work.resolve("local")),
        CountRun.spark(work.resolve("spark")),
        "the command");
    List<String> lines = new ArrayList<>();
    Corpus.wordNet().forEachLine(lines::add);
    assertSameOf(Files.write(work.resolve("wordnet.txt"), lines));
  }

  @Test
  void countsHardText() throws IOException {
    CountRun spark = assertSameOf(Files.writeString(work.resolve("hard text %41.txt"), HARD));
    assertThat(spark.counts().lines().map(line -> line.split("\t", -1)[0]))
        .containsSubsequence("z", "\u00E9", "\uF900", "\uFF41", "\uD835\uDD1E", "\uD83D\uDE00");
  }

  @Test
  void countsAFileInPieces() throws IOException {
    assertSameOf(large());
  }

  @Test
  void countsCompressedTextAndSeveralFiles() throws IOException {
    Path plain = Files.writeString(work.resolve("plain.txt"), HARD);
    Path gzip = work.resolve("text.without-suffix");
    Path zstd = work.resolve("text.zst");
    byte[] text = Files.readAllBytes(large());
    write(text, new GZIPOutputStream(Files.newOutputStream(gzip)));
    write(text, new ZstdOutputStream(Files.newOutputStream(zstd)));
    assertSameOf(gzip, plain, zstd, plain);
  }

  @Test
  void leavesOutRareTokens() throws IOException {
    String corpus = large().toString();
    CountRun local = CountRun.local(work.resolve("local"), "--min-count", "3", "--corpus", corpus);
    CountRun spark = CountRun.spark(work.resolve("spark"), "--min-count", "3", "--corpus", corpus);
    assertSame(local, spark, "rare tokens");
    assertThat(spark.about()).containsPattern("\"max_error\" ?: ?2");
  }

  @Test
  void countsParquetAsItsText() throws IOException {
    List<String> lines = Files.readAllLines(large());
    Path text = Files.write(work.resolve("lines.txt"), lines);
    Path parquet =
        parquet(spark -> spark.createDataset(lines, Encoders.STRING()).toDF("a `column`"));
    CountRun local = CountRun.local(work.resolve("local"), "--corpus", text.toString());
    CountRun spark =
        CountRun.spark(
            work.resolve("spark"), "--column", "a `column`", "--corpus", parquet.toString());
    assertThat(spark.err()).isEmpty();
    assertThat(spark.counts()).isEqualTo(local.counts());
    assertThat(documents(spark)).isEqualTo(documents(local));
    assertThat(spark.about()).contains(parquet.getFileName().toString());
  }

  @Test
  void needsTheColumnToBeText() throws IOException {
    Path parquet = parquet(spark -> spark.sql("select 'a' as text, 1 as number, null as nothing"));
    assertFails("column must be one of text", "--column", "none", "--corpus", parquet.toString());
    assertFails("number is not in", "--column", "number", "--corpus", parquet.toString());
    Path nulls = parquet(spark -> spark.sql("select cast(null as string) as text"));
    assertFails(nulls + ": no words", "--corpus", nulls.toString());
  }

  @Test
  void namesMalformedText() throws IOException {
    Path text = large();
    byte[] malformed = Files.readAllBytes(text);
    malformed[malformed.length - 2] = (byte) 0xff;
    Files.write(text, malformed);
    assertFailsAlike(text);
    Path parquet = parquet(spark -> spark.sql("select cast(X'61ff' as string) as text"));
    assertFails(parquet + ": not valid UTF-8 in column text", "--corpus", parquet.toString());
  }

  @Test
  void namesFilesThatCannotBeCounted() throws IOException {
    assertFailsAlike(work.resolve("missing.txt"));
    assertFailsAlike(Files.writeString(work.resolve("empty.txt"), ""));
    assertFailsAlike(Files.writeString(work.resolve("blank.txt"), " \r\n\n"));
    assertFailsAlike(Files.writeString(work.resolve("no-words.txt"), "\u200B\n"));
    Path cut = work.resolve("cut.gz");
    write(Files.readAllBytes(large()), new GZIPOutputStream(Files.newOutputStream(cut)));
    byte[] whole = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertFailsAlike(cut);
  }

  @Test
  void refusesOptionsThatHaveNoEffect() throws IOException {
    String text = Files.writeString(work.resolve("text.txt"), "one two").toString();
    assertFails("minCount leaves no token: 2", "--min-count", "2", "--corpus", text);
    assertFails("minCount must be at least 1: 0", "--min-count", "0", "--corpus", text);
    assertFails("--merge needs --engine local", "--merge", "a", "b");
    assertFails("--memory and --threads are of --engine local", "--memory", "1", "--corpus", text);
    assertFails("master must be local", "--corpus", text, "--master", "spark://host:7077");
    CountRun local = CountRun.local(work.resolve("out"), "--column", "a", "--corpus", text);
    assertThat(local.err()).contains("--master and --column need --engine spark");
    assertThat(local.code()).isEqualTo(2);
  }

  /** Of 5 MB, more than one piece; its words by Zipf's law, its line ends of both kinds. */
  private Path large() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < 5_000_000) {
      int words = random.nextInt(20);
      for (int word = 0; word < words; word++) {
        text.append('w').append((long) Math.pow(200_000, random.nextDouble())).append(' ');
      }
      text.append(random.nextInt(3) == 0 ? "\r\n" : "\n");
    }
    return Files.writeString(work.resolve("large.txt"), text + "the end");
  }

  private static void write(byte[] text, OutputStream compressed) throws IOException {
    try (compressed) {
      compressed.write(text);
    }
  }

  /** Makes a table. */
  private interface Table {
    Dataset<Row> of(SparkSession spark);
  }

  private Path parquet(Table table) throws IOException {
    Path directory = Files.createTempDirectory(work, "parquet").resolve("table");
    try (SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate()) {
      table.of(spark).coalesce(1).write().parquet(directory.toString());
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private CountRun assertSameOf(Path... files) throws IOException {
    List<String> options = new ArrayList<>(List.of("--corpus"));
    Stream.of(files).map(Path::toString).forEach(options::add);
    String[] corpus = options.toArray(String[]::new);
    CountRun spark = CountRun.spark(work.resolve("spark-of-files"), corpus);
    assertSame(CountRun.local(work.resolve("local-of-files"), corpus), spark, options.toString());
    return spark;
  }

  private static void assertSame(CountRun local, CountRun spark, String what) throws IOException {
    assertThat(spark.err()).as(what).isEmpty();
    assertThat(spark.code()).as(what).isZero();
    assertThat(spark.counts().equals(local.counts())).as("counts of " + what).isTrue();
    assertThat(spark.about()).as(what).isEqualTo(local.about());
  }

  private static String documents(CountRun run) throws IOException {
    return run.about().replaceAll("(?s).*\"documents\"\\s*:\\s*(\\d+).*", "$1");
  }

  private void assertFailsAlike(Path file) throws IOException {
    CountRun local = CountRun.local(work.resolve("none"), "--corpus", file.toString());
    assertThat(local.err()).contains(file.toString());
    assertFails(local.err(), "--corpus", file.toString());
  }

  private void assertFails(String message, String... options) throws IOException {
    Path out = work.resolve("failed/counts");
    Files.createDirectories(out.getParent());
    CountRun spark = CountRun.spark(out, options);
    assertThat(spark.err()).contains(message).hasLineCount(1);
    assertThat(spark.code()).isEqualTo(2);
    assertThat(out.getParent()).isEmptyDirectory();
  }
}
