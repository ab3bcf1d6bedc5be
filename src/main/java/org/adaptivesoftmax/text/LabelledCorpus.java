package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Path;

/** Texts with labels, as a source that can be read any number of times and never lies in memory. */
public interface LabelledCorpus {
  /** {@return what the texts are called in messages} */
  String name();

  /**
   * Passes every example to an action, in order.
   *
   * @param action takes each example
   * @throws TextFileException if the texts are missing, empty or malformed; the message names file and line
   * @throws IOException if they cannot be read, or the action throws it
   */
  void forEachExample(Action action) throws IOException;

  /** Takes an example. */
  @FunctionalInterface
  interface Action {
    /**
     * Takes one example.
     *
     * @param example the example
     * @throws IOException if it cannot be used
     */
    void accept(Example example) throws IOException;
  }

  /**
   * A UTF-8 file of one {@code label<TAB>text} a line; lines end in LF or CRLF. The label ends at the first tab.
   *
   * @param file the file
   * @return its examples
   * @throws TextFileException if it is no readable file
   */
  static LabelledCorpus ofFile(Path file) throws TextFileException {
    FileCorpus.requireReadable(file);
    return new LabelledFile(file);
  }

  /**
   * WordNet's definitions, each labelled with its lexicographer file, one of 45. It needs the optional dependency that
   * {@link WordNet} names.
   *
   * @return the examples
   */
  static LabelledCorpus wordNet() {
    return new LabelledWordNet(new WordNet());
  }

  /**
   * One part of this corpus, by {@link Split#of} of the text: texts that are equal are in the same part, whatever their
   * labels.
   *
   * @param split which part
   * @return its examples; reading them fails if there is none
   */
  default LabelledCorpus part(Split split) {
    return new LabelledPart(this, split);
  }
}
