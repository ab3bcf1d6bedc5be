package org.adaptivesoftmax.serving;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.adaptivesoftmax.vocabulary.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.InitializeTableFromTextFile;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * A vocabulary inside a graph: a table from words to ranks and one back, both read from one asset of a word a line, whose
 * line number is the rank.
 */
final class VocabularyTables {
  /** The asset's name. */
  static final String FILE = "vocabulary.txt";

  private static final long LINE_NUMBER = -1;
  private static final long WHOLE_LINE = -2;

  private final Vocabulary vocabulary;
  private final Operand<TString> path;
  private final HashTable ranks;
  private final HashTable words;
  private final Op initOp;

  /** Adds both tables to the graph. */
  VocabularyTables(Ops tf, Vocabulary vocabulary) {
    Ops scope = tf.withSubScope("vocabulary");
    this.vocabulary = vocabulary;
    path = scope.withName("path").constant(FILE);
    ranks = scope.withName("ranks").hashTable(TString.class, TInt64.class);
    words = scope.withName("words").hashTable(TInt64.class, TString.class);
    initOp =
        scope
            .withControlDependencies(
                List.of(
                    fill(scope, ranks, WHOLE_LINE, LINE_NUMBER),
                    fill(scope, words, LINE_NUMBER, WHOLE_LINE)))
            .withName("init")
            .noOp();
  }

  private Op fill(Ops tf, HashTable table, long key, long value) {
    return tf.initializeTableFromTextFile(
        table, path, key, value, InitializeTableFromTextFile.vocabSize((long) vocabulary.size()));
  }

  /** The ranks of words, that of {@link Vocabulary#UNKNOWN} for a word that has none. */
  Operand<TInt32> ranks(Ops tf, Operand<TString> of) {
    Operand<TInt64> unknown = tf.constant((long) vocabulary.unknownRank());
    return tf.dtypes.cast(tf.lookupTableFind(ranks, of, unknown), TInt32.class);
  }

  /** The words at ranks. */
  Operand<TString> words(Ops tf, Operand<TInt64> at) {
    return tf.lookupTableFind(words, at, tf.constant(Vocabulary.UNKNOWN));
  }

  /** The rank of the entry that ends each text and precedes its first word. */
  Operand<TInt32> boundary(Ops tf) {
    return tf.constant(vocabulary.boundaryRank());
  }

  /** Declares the asset and the initialization of the tables. */
  void addTo(SavedModelPublisher.Builder publisher) {
    publisher.asset(path, FILE, this::writeTo).initOp(initOp);
  }

  private void writeTo(OutputStream out) throws IOException {
    for (String word : vocabulary.words()) {
      out.write((word + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
