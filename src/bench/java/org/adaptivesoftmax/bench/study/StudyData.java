package org.adaptivesoftmax.bench.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.training.ClassifierData;

/**
 * A data set of the study.
 *
 * @param name of the data set, which may be part of a file's name
 * @param train what is learned from
 * @param validation what the best epoch is chosen by
 * @param test what the classifier is judged by
 */
public record StudyData(
    String name, LabelledCorpus train, LabelledCorpus validation, LabelledCorpus test) {
  /** WordNet's definitions, to be told apart by their lexicographer files. */
  public static StudyData wordNet() {
    LabelledCorpus corpus = LabelledCorpus.wordNet();
    return new StudyData(
        "wordnet",
        corpus.part(Split.TRAIN),
        corpus.part(Split.VALIDATION),
        corpus.part(Split.TEST));
  }

  /**
   * A data set of files.
   *
   * @param description {@code NAME=TRAIN,VALIDATION,TEST}
   * @throws IllegalArgumentException if it is something else
   * @throws IOException if one is no readable file
   */
  public static StudyData parse(String description) throws IOException {
    int equals = description.indexOf('=');
    List<String> files = List.of(description.substring(equals + 1).split(",", -1));
    if (equals < 1 || !description.substring(0, equals).matches("[\\w.-]+") || files.size() != 3) {
      throw new IllegalArgumentException(
          "--data must be NAME=TRAIN,VALIDATION,TEST: " + description);
    }
    return new StudyData(
        description.substring(0, equals),
        LabelledCorpus.ofFile(Path.of(files.get(0))),
        LabelledCorpus.ofFile(Path.of(files.get(1))),
        LabelledCorpus.ofFile(Path.of(files.get(2))));
  }

  ClassifierData read() throws IOException {
    return ClassifierData.read(train, validation, test, NGramVocabulary.DEFAULT_MAX_SIZE);
  }
}
