package org.adaptivesoftmax.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.spark.SourceText.Form;
import org.adaptivesoftmax.text.CountsAbout;
import org.adaptivesoftmax.text.CountsAbout.Totals;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.TextFileException;
import org.adaptivesoftmax.text.TextSource;
import org.adaptivesoftmax.text.TokenCount;
import org.adaptivesoftmax.text.Tokenizer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * One count by a Spark session.
 *
 * @param spark the session
 * @param texts at least one
 * @param column of text, in Parquet
 * @param minCount tokens seen less often are left out
 * @param date of the counts; null for today
 */
record SparkCounting(
    SparkSession spark,
    List<SourceText> texts,
    String column,
    long minCount,
    @Nullable LocalDate date) {
  private static final String TOKEN = "value";
  private static final String COUNT = "count";

  /**
   * Counts.
   *
   * @param place of the counts directory on this machine
   */
  CountsDirectory write(Path place) throws IOException {
    CountsDirectory.requireReplaceable(place);
    Dataset<Row> all =
        new TokenRows(spark, column)
            .of(texts)
            .groupBy(TOKEN)
            .count()
            // Every action below needs it, and the text is to be read once.
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      return write(all, place);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (Exception e) { // Spark does not declare what it throws.
      throw reason(e);
    } finally {
      all.unpersist();
    }
  }

  private CountsDirectory write(Dataset<Row> all, Path place) throws IOException {
    Column isMark = col(TOKEN).startsWith(LineTokens.MARK);
    long documents = documents(all.filter(isMark));
    Dataset<Row> tokens = all.filter(not(isMark));
    Column kept = col(COUNT).geq(minCount);
    Row totals =
        tokens.agg(sum(COUNT), count(when(kept, lit(1))), max(when(not(kept), col(COUNT)))).first();
    if (totals.isNullAt(0)) {
      throw new TextFileException(
          texts.stream().map(SourceText::name).collect(Collectors.joining(", ")) + ": no words");
    }
    Require.argument(totals.getLong(1) > 0, "minCount leaves no token: %s", minCount);
    CountsAbout about =
        new CountsAbout(
            new Totals(totals.getLong(0), totals.getLong(1), documents),
            totals.isNullAt(2) ? 0 : totals.getLong(2),
            Tokenizer.ID,
            sources(),
            date == null ? LocalDate.now(ZoneOffset.UTC) : date,
            List.of());
    // Spark compares strings by their UTF-8 bytes, which is the order of code points.
    Dataset<Row> ranked = tokens.filter(kept).orderBy(col(COUNT).desc(), col(TOKEN).asc());
    return CountsDirectory.write(place, about, () -> new Ranked(ranked.toLocalIterator()));
  }

  /** Lines with a token. A file without one may be no text at all. */
  private long documents(Dataset<Row> marks) throws IOException {
    long[] byFile = new long[texts.size()];
    for (Row mark : marks.collectAsList()) {
      byFile[LineTokens.file(mark.getString(0))] = mark.getLong(1);
    }
    long documents = 0;
    for (int file = 0; file < byFile.length; file++) {
      if (byFile[file] == 0) {
        requireText(texts.get(file));
      }
      documents = Math.addExact(documents, byFile[file]);
    }
    return documents;
  }

  private void requireText(SourceText text) throws IOException {
    if (text.form() == Form.PARQUET) {
      throw text.failure("no words");
    }
    text.requireText(spark.sparkContext().hadoopConfiguration());
  }

  private List<TextSource> sources() {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    SerializableConfiguration hadoop = new SerializableConfiguration(context.hadoopConfiguration());
    List<SourceText.Content> contents =
        context
            .parallelize(texts, texts.size())
            .map(text -> text.content(hadoop.value()))
            .collect();
    List<TextSource> sources = new ArrayList<>();
    for (int file = 0; file < texts.size(); file++) {
      sources.add(texts.get(file).source(contents.get(file)));
    }
    return sources;
  }

  /** What a failure is, as counting on one machine would report it. */
  private IOException reason(Exception failure) throws IOException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof TextFileException malformed) {
        for (SourceText text : texts) {
          if (text.form() != Form.PARQUET) {
            requireText(text); // Names the line, which the task does not know.
          }
        }
        return malformed;
      }
    }
    String problem = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    return new IOException("Spark failed: " + problem, failure);
  }

  /** Rows of tokens and counts. */
  private record Ranked(Iterator<Row> rows) implements Iterator<TokenCount> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public TokenCount next() {
      Row row = rows.next();
      return new TokenCount(row.getString(0), row.getLong(1));
    }
  }
}
