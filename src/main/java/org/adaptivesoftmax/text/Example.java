package org.adaptivesoftmax.text;

/**
 * A text with the label that it belongs to.
 *
 * @param label what a classifier is to answer, such as {@code translate}
 * @param text what it is to answer it for
 * @param file where the example comes from, for messages
 * @param line its number there, counted from 1
 */
public record Example(String label, String text, String file, long line) {
  /** What is wrong with this example, as an error that names its place. */
  TextFileException wrong(String problem) {
    return TextFileException.at(file, line, problem);
  }
}
