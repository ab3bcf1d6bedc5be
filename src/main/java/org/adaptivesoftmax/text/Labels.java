package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The labels of a training corpus in their natural order; a class is a label's place in it. Immutable. */
public final class Labels {
  private final List<String> labels;
  private final Map<String, Integer> classes;

  private Labels(SortedSet<String> sorted) {
    labels = List.copyOf(sorted);
    classes = new HashMap<>(2 * labels.size());
    for (String label : labels) {
      classes.put(label, classes.size());
    }
  }

  /**
   * Finds the labels of a corpus.
   *
   * @param training the corpus
   * @return its labels, at least two
   * @throws TextFileException if the corpus is missing, malformed, or has one label only
   * @throws IOException if it cannot be read
   */
  public static Labels of(LabelledCorpus training) throws IOException {
    SortedSet<String> found = new TreeSet<>();
    training.forEachExample(example -> found.add(example.label()));
    if (found.size() < 2) {
      throw new TextFileException(
          "%s: one class only, '%s': a classifier needs at least two"
              .formatted(training.name(), found.first()));
    }
    return new Labels(found);
  }

  /** {@return the labels by class} */
  public List<String> names() {
    return labels;
  }

  /** {@return the number of classes} */
  public int size() {
    return labels.size();
  }

  /**
   * The class of an example.
   *
   * @param example any example
   * @return its label's class
   * @throws TextFileException if no training text has its label; the message names the example's place
   */
  int classOf(Example example) throws TextFileException {
    Integer found = classes.get(example.label());
    if (found == null) {
      throw example.wrong("label '" + example.label() + "' is not in the training data");
    }
    return found;
  }
}
