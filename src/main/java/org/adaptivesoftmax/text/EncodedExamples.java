package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.Arrays;

/** Labelled texts as the classes of their labels and the ranks of their n-grams, in the order of their corpus. */
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
    RankList classes = new RankList();
    RankList starts = new RankList();
    RankList ranks = new RankList();
    corpus.forEachExample(
        example -> {
          classes.add(labels.classOf(example));
          starts.add(ranks.size());
          vocabulary.appendRanks(ranks, example.text());
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

  /**
   * The known n-grams of an example's text.
   *
   * @param example in 0..size − 1
   * @return their ranks, in the order of {@link NGrams#of}
   */
  public int[] ranks(int example) {
    return Arrays.copyOfRange(ranks, starts[example], starts[example + 1]);
  }
}
