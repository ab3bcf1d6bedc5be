package org.adaptivesoftmax.training;

import java.io.IOException;
import org.adaptivesoftmax.text.EncodedExamples;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Labels;
import org.adaptivesoftmax.text.NGramVocabulary;

/**
 * What a text classifier is trained on and judged by.
 *
 * @param vocabulary the n-grams of the training texts
 * @param labels of the training texts
 * @param train what it learns from
 * @param validation what the best epoch is chosen by
 * @param test what it is judged by in the end
 */
public record ClassifierData(
    NGramVocabulary vocabulary,
    Labels labels,
    EncodedExamples train,
    EncodedExamples validation,
    EncodedExamples test) {
  /**
   * Reads and encodes three corpora.
   *
   * @param maxVocabulary how many n-grams are kept at most
   * @throws org.adaptivesoftmax.text.TextFileException if one of them is missing, empty or malformed, has a label
   *     that the training texts lack, or the training texts have one label only; the message names the place
   * @throws IllegalArgumentException if {@code maxVocabulary} is below 1
   * @throws IOException if they cannot be read
   */
  public static ClassifierData read(
      LabelledCorpus train, LabelledCorpus validation, LabelledCorpus test, int maxVocabulary)
      throws IOException {
    NGramVocabulary.Builder settings = NGramVocabulary.builder().maxSize(maxVocabulary);
    Labels labels = Labels.of(train);
    NGramVocabulary vocabulary = settings.build(train);
    return new ClassifierData(
        vocabulary,
        labels,
        EncodedExamples.of(train, vocabulary, labels),
        EncodedExamples.of(validation, vocabulary, labels),
        EncodedExamples.of(test, vocabulary, labels));
  }
}
