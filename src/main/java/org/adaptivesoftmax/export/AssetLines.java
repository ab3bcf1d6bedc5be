package org.adaptivesoftmax.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.InitializeTableFromTextFile;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * The lines of an asset inside a graph: a table from lines to their numbers, counted from 0, and one back, both read from
 * the same file.
 *
 * @param fileName the asset's name
 * @param content the lines
 * @param path the constant that loaders feed the asset's path
 * @param toNumber the table from lines to numbers
 * @param toLine the table from numbers to lines
 * @param init fills both tables
 */
record AssetLines(
    String fileName,
    List<String> content,
    Operand<TString> path,
    HashTable toNumber,
    HashTable toLine,
    Op init) {
  private static final long LINE_NUMBER = -1;
  private static final long WHOLE_LINE = -2;

  /**
   * Adds both tables to the graph.
   *
   * @param name scope of their operations
   * @param lines distinct
   */
  static AssetLines create(Ops tf, String name, String fileName, List<String> lines) {
    Ops scope = tf.withSubScope(name);
    Operand<TString> path = scope.withName("path").constant(fileName);
    HashTable toNumber = scope.withName("to_number").hashTable(TString.class, TInt64.class);
    HashTable toLine = scope.withName("to_line").hashTable(TInt64.class, TString.class);
    long size = lines.size();
    Op init =
        scope
            .withControlDependencies(
                List.of(
                    fill(scope, toNumber, path, WHOLE_LINE, LINE_NUMBER, size),
                    fill(scope, toLine, path, LINE_NUMBER, WHOLE_LINE, size)))
            .withName("init")
            .noOp();
    return new AssetLines(fileName, lines, path, toNumber, toLine, init);
  }

  private static Op fill(
      Ops tf, HashTable table, Operand<TString> path, long key, long value, long size) {
    return tf.initializeTableFromTextFile(
        table, path, key, value, InitializeTableFromTextFile.vocabSize(size));
  }

  /** The numbers of lines, {@code otherwise} for what is no line. */
  Operand<TInt64> numbers(Ops tf, Operand<TString> of, long otherwise) {
    return tf.lookupTableFind(toNumber, of, tf.constant(otherwise));
  }

  /** The lines of numbers, {@code otherwise} for a number that is no line's. */
  Operand<TString> lines(Ops tf, Operand<TInt64> at, String otherwise) {
    return tf.lookupTableFind(toLine, at, tf.constant(otherwise));
  }

  /** Declares the asset; {@link #init} is to be declared beside it. */
  void addTo(SavedModelPublisher.Builder publisher) {
    publisher.asset(path, fileName, this::writeTo);
  }

  void writeTo(OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    for (String line : content) {
      writer.write(line);
      writer.write('\n');
    }
    writer.flush();
  }
}
