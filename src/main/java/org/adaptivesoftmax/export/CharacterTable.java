package org.adaptivesoftmax.export;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.text.BertCharacters;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.HashTable;
import org.tensorflow.op.core.InitializeTableFromTextFile;
import org.tensorflow.op.strings.UnicodeDecode;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * {@link BertCharacters} in a graph: an asset with a line {@code code point<TAB>replacement} for each character that becomes
 * other ones, and constants for the {@link CharacterRuns} that stay, stand alone or vanish.
 *
 * @param runs of characters that have no line
 * @param path the constant that loaders feed the asset's path
 * @param table from code points to replacements
 * @param init fills the table
 */
record CharacterTable(CharacterRuns runs, Operand<TString> path, HashTable table, Op init) {
  private static final String FILE = "characters.tsv";
  private static final long CODE_POINT = 0;
  private static final long REPLACEMENT = 1;

  /** What no replacement is: a tab divides the asset's columns. */
  private static final String NONE = "\t";

  static CharacterTable create(Ops tf, BertCharacters characters) {
    Ops scope = tf.withSubScope("characters");
    CharacterRuns runs = CharacterRuns.of(characters);
    Operand<TString> path = scope.withName("path").constant(FILE);
    HashTable table = scope.withName("replacements").hashTable(TInt64.class, TString.class);
    Op init =
        scope
            .withName("init")
            .initializeTableFromTextFile(
                table,
                path,
                CODE_POINT,
                REPLACEMENT,
                InitializeTableFromTextFile.vocabSize((long) runs.changed().size()));
    return new CharacterTable(runs, path, table, init);
  }

  /** Texts with each of their characters replaced, [batch]; what is no UTF-8 vanishes. */
  Operand<TString> replace(Ops tf, Operand<TString> texts) {
    UnicodeDecode<TInt64> decoded = tf.strings.unicodeDecode(texts, "UTF-8", TInt64.class);
    Operand<TInt32> codePoints = decoded.charValues();
    Operand<TInt64> count = tf.size(codePoints, TInt64.class);
    Operand<TInt64> places = tf.range(tf.constant(0L), count, tf.constant(1L));
    Operand<TString> own =
        tf.strings.unicodeEncode(
            codePoints,
            tf.range(tf.constant(0L), tf.math.add(count, tf.constant(1L)), tf.constant(1L)),
            "UTF-8");
    Operand<TInt32> kinds = kinds(tf, codePoints);
    Operand<TString> space = tf.constant(" ");
    Operand<TString> plain =
        tf.select(
            tf.math.equal(kinds, tf.constant(CharacterRuns.APART)),
            tf.strings.join(List.of(space, own, space)),
            tf.select(tf.math.equal(kinds, tf.constant(CharacterRuns.GONE)), tf.constant(""), own));
    Operand<TString> replacements =
        tf.lookupTableFind(table, tf.dtypes.cast(codePoints, TInt64.class), tf.constant(NONE));
    Operand<TString> parts =
        tf.select(tf.math.equal(replacements, tf.constant(NONE)), plain, replacements);
    return tf.strings.unsortedSegmentJoin(
        parts, Segments.containing(tf, decoded.rowSplits(), places), tf.size(texts));
  }

  private Operand<TInt32> kinds(Ops tf, Operand<TInt32> codePoints) {
    Operand<TInt32> run = Segments.containing(tf, tf.constant(runs.starts()), codePoints);
    return tf.gather(tf.constant(runs.kinds()), run, tf.constant(0));
  }

  /** Declares the asset; {@link #init} is to be declared beside it. */
  void addTo(SavedModelPublisher.Builder publisher) {
    publisher.asset(path, FILE, this::writeTo);
  }

  void writeTo(OutputStream out) throws IOException {
    Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    for (Map.Entry<Integer, String> line : runs.changed().entrySet()) {
      writer.write(line.getKey() + "\t" + line.getValue() + "\n");
    }
    writer.flush();
  }
}
