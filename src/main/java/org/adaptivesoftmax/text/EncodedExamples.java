package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.adaptivesoftmax.internal.io.Sha256;

/**
 * Labelled texts as the classes of their labels and the ranks of their n-grams or the ids of their pieces, in the order of
 * their corpus.
 */
public final class EncodedExamples {
  private final int[] classes;
  private final int[] starts;
  private final int[] ranks;

  private EncodedExamples(int[] classes, int[] starts, int[] ranks) {
    this.classes = classes;
    this.starts = starts;
    this.ranks = ranks;
  }

  /**
   * Reads a corpus once and encodes it.
   *
   * @param corpus what to encode
   * @param vocabulary of the training texts
   * @param labels of the training texts
   * @return its examples
   * @throws TextFileException if the corpus is missing or malformed, or has a label that is not among the labels
   * @throws IOException if it cannot be read
   */
  public static EncodedExamples of(LabelledCorpus corpus, NGramVocabulary vocabulary, Labels labels)
      throws IOException {
    return of(corpus, labels, vocabulary::appendRanks);
  }

  /**
   * Reads a corpus once and encodes it for an encoder.
   *
   * @param corpus what to encode
   * @param tokenizer of the encoder
   * @param longest how many ids a text has at most
   * @param labels of the training texts
   * @return its examples
   * @throws TextFileException if the corpus is missing or malformed, or has a label that is not among the labels
   * @throws IOException if it cannot be read
   */
  public static EncodedExamples of(
      LabelledCorpus corpus, WordPieceTokenizer tokenizer, int longest, Labels labels)
      throws IOException {
    return of(
        corpus,
        labels,
        (ids, text) -> Arrays.stream(tokenizer.encode(text, longest)).forEach(ids::add));
  }

  private static EncodedExamples of(
      LabelledCorpus corpus, Labels labels, BiConsumer<RankList, String> encoding)
      throws IOException {
    RankList classes = new RankList();
    RankList starts = new RankList();
    RankList ranks = new RankList();
    corpus.forEachExample(
        example -> {
          classes.add(labels.classOf(example));
          starts.add(ranks.size());
          encoding.accept(ranks, example.text());
        });
    starts.add(ranks.size());
    return new EncodedExamples(classes.toArray(), starts.toArray(), ranks.toArray());
  }

  /** {@return the number of examples} */
  public int size() {
    return classes.length;
  }

  /**
   * The class of an example.
   *
   * @param example in 0..size − 1
   * @return its label's class
   */
  public int classOf(int example) {
    return classes[example];
  }

  /** {@return a hash of all of them, to tell other examples apart} */
  public String fingerprint() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Integer.BYTES * (classes.length + starts.length + ranks.length));
    bytes.asIntBuffer().put(classes).put(starts).put(ranks);
    return Sha256.of(bytes.array());
  }

  /**
   * How many n-grams or pieces an example's text has.
   *
   * @param example in 0..size − 1
   * @return the number of its {@link #ranks}
   */
  public int length(int example) {
    return starts[example + 1] - starts[example];
  }

  /**
   * The known n-grams of an example's text, or its pieces.
   *
   * @param example in 0..size − 1
   * @return their ranks, in the order of {@link NGrams#of}, or their ids
   */
  public int[] ranks(int example) {
    return Arrays.copyOfRange(ranks, starts[example], starts[example + 1]);
  }
}
