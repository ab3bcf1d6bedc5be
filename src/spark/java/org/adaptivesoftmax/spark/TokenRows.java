package org.adaptivesoftmax.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.adaptivesoftmax.spark.SourceText.Form;
import org.adaptivesoftmax.text.TextLines;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The tokens of files, a row each, with {@link LineTokens}' marks among them. Lines are this library's own: Spark's would end
 * at a lone CR as well, and hold a replacement character for each malformed byte.
 */
final class TokenRows {
  private static final int PIECES_PER_THREAD = 4;
  private static final long LEAST_PIECE = 1 << 20;

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final String column;

  /**
   * @param column of text, in Parquet
   */
  TokenRows(SparkSession spark, String column) {
    this.spark = spark;
    this.column = column;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    hadoop = context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
  }

  /** A piece of a file, and the file's number. */
  private record NumberedPiece(SourceText.Piece piece, int file) implements java.io.Serializable {}

  /**
   * All tokens.
   *
   * @throws IllegalArgumentException if a table has no such column of text
   */
  Dataset<String> of(List<SourceText> texts) {
    Dataset<String> rows = ofLines(texts);
    for (int file = 0; file < texts.size(); file++) {
      if (texts.get(file).form() == Form.PARQUET) {
        rows = rows.union(ofTable(texts.get(file), file));
      }
    }
    return rows;
  }

  private Dataset<String> ofLines(List<SourceText> texts) {
    long about = bytesOfPiece(texts);
    List<NumberedPiece> pieces = new ArrayList<>();
    for (int file = 0; file < texts.size(); file++) {
      if (texts.get(file).form() != Form.PARQUET) {
        int number = file;
        texts.get(file).pieces(about).forEach(p -> pieces.add(new NumberedPiece(p, number)));
      }
    }
    if (pieces.isEmpty()) {
      return spark.emptyDataset(Encoders.STRING());
    }
    JavaRDD<String> tokens = context.parallelize(pieces, pieces.size()).flatMap(tokens(hadoop));
    return spark.createDataset(tokens.rdd(), Encoders.STRING());
  }

  /** Several pieces a thread, so that none waits long for the last; never more than Spark gives a task of its own tables. */
  private long bytesOfPiece(List<SourceText> texts) {
    long bytes = texts.stream().mapToLong(SourceText::bytes).sum();
    long most = spark.sessionState().conf().filesMaxPartitionBytes();
    long wanted = bytes / ((long) PIECES_PER_THREAD * context.defaultParallelism());
    return Math.min(most, Math.max(LEAST_PIECE, wanted));
  }

  private static FlatMapFunction<NumberedPiece, String> tokens(
      Broadcast<SerializableConfiguration> hadoop) {
    return piece -> {
      TextLines lines = piece.piece().open(hadoop.value().value());
      TaskContext.get()
          .addTaskCompletionListener((TaskCompletionListener) ended -> closeQuietly(lines));
      return new LineTokens(lines, piece.file());
    };
  }

  private static void closeQuietly(TextLines lines) {
    try {
      lines.close();
    } catch (IOException alreadyClosed) {
      // All that was wanted of it was read, or the task has failed for another reason.
    }
  }

  private Dataset<String> ofTable(SourceText text, int file) {
    Dataset<Row> table = spark.read().parquet(text.uri().toString());
    requireTextColumn(table, text);
    return table
        .select(functions.col("`" + column.replace("`", "``") + "`").cast(DataTypes.BinaryType))
        .as(Encoders.BINARY())
        .flatMap(tokens(text, column, file), Encoders.STRING());
  }

  private void requireTextColumn(Dataset<Row> table, SourceText text) {
    for (StructField field : table.schema().fields()) {
      if (field.name().equals(column) && field.dataType().equals(DataTypes.StringType)) {
        return;
      }
    }
    throw new IllegalArgumentException(
        "column must be one of text in %s: %s is not in %s"
            .formatted(text.name(), column, table.schema().simpleString()));
  }

  private static FlatMapFunction<byte[], String> tokens(SourceText text, String column, int file) {
    return bytes -> bytes == null ? Collections.emptyIterator() : tokens(bytes, text, column, file);
  }

  private static Iterator<String> tokens(byte[] bytes, SourceText text, String column, int file)
      throws IOException {
    try {
      // Not through a Spark string, which takes malformed bytes for a replacement character.
      String line = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return LineTokens.of(line, file);
    } catch (CharacterCodingException e) {
      throw text.failure("not valid UTF-8 in column " + column);
    }
  }
}
