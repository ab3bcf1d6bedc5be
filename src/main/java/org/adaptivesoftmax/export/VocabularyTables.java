package org.adaptivesoftmax.export;

import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.text.Vocabulary;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * A vocabulary inside a graph: a table from words to ranks and one back, both read from one asset of a word a line, whose
 * line number is the rank.
 */
final class VocabularyTables {
  /** The asset's name. */
  private static final String FILE = ModelDirectory.VOCABULARY.getFileName().toString();

  private final Vocabulary vocabulary;
  private final AssetLines lines;

  /** Adds both tables to the graph. */
  VocabularyTables(Ops tf, Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    lines = AssetLines.create(tf, "vocabulary", FILE, vocabulary.words());
  }

  /** The ranks of words, that of {@link Vocabulary#UNKNOWN} for a word that has none. */
  Operand<TInt32> ranks(Ops tf, Operand<TString> of) {
    return tf.dtypes.cast(lines.numbers(tf, of, vocabulary.unknownRank()), TInt32.class);
  }

  /** The words at ranks. */
  Operand<TString> words(Ops tf, Operand<TInt64> at) {
    return lines.lines(tf, at, Vocabulary.UNKNOWN);
  }

  /** The rank of the entry that ends each text and precedes its first word. */
  Operand<TInt32> boundary(Ops tf) {
    return tf.constant(vocabulary.boundaryRank());
  }

  /** Declares the asset and the initialization of the tables. */
  void addTo(SavedModelPublisher.Builder publisher) {
    lines.addTo(publisher);
    publisher.initOp(lines.init());
  }
}
