package org.adaptivesoftmax.training;

import java.io.IOException;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Labels;
import org.adaptivesoftmax.text.WordPieceTokenizer;

/**
 * What a text classifier with an encoder is trained on and judged by.
 *
 * @param labels of the training texts
 * @param train what it learns from
 * @param validation what the best epoch is chosen by
 * @param test what it is judged by in the end
 */
public record EncoderData(
    Labels labels, EncodedExamples train, EncodedExamples validation, EncodedExamples test) {
  /** Where the examples of a data set come from. */
  public record Corpora(LabelledCorpus train, LabelledCorpus validation, LabelledCorpus test) {}

  /**
   * Reads and encodes three corpora.
   *
   * @param tokenizer of the encoder
   * @param longest the most tokens of a text
   * @throws org.adaptivesoftmax.text.TextFileException if one of them is missing, empty or malformed, has a label
   *     that the training texts lack, or the training texts have one label only; the message names the place
   * @throws IOException if they cannot be read
   */
  public static EncoderData read(Corpora corpora, WordPieceTokenizer tokenizer, int longest)
      throws IOException {
    Labels labels = Labels.of(corpora.train);
    return new EncoderData(
        labels,
        EncodedExamples.of(corpora.train, tokenizer, longest, labels),
        EncodedExamples.of(corpora.validation, tokenizer, longest, labels),
        EncodedExamples.of(corpora.test, tokenizer, longest, labels));
  }
}
