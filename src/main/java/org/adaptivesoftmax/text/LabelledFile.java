package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of one {@code label<TAB>text} a line. */
record LabelledFile(Path file) implements LabelledCorpus {
  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public void forEachExample(Action action) throws IOException {
    boolean[] none = {true};
    try (InputStream in = Files.newInputStream(file)) {
      TextLines.forEach(
          in,
          name(),
          (number, line) -> {
            none[0] = false;
            action.accept(example(number, line));
          });
    }
    if (none[0]) {
      throw new TextFileException(file + ": empty, it needs at least one line label<TAB>text");
    }
  }

  private Example example(long number, String line) throws TextFileException {
    int tab = line.indexOf('\t');
    if (tab < 0) {
      throw TextFileException.at(name(), number, "no tab between label and text");
    }
    Example example = new Example(line.substring(0, tab), line.substring(tab + 1), name(), number);
    if (example.label().isBlank()) {
      throw example.wrong("no label before the tab");
    }
    // A model's list of labels is a file of lines.
    if (example.label().chars().anyMatch(Character::isISOControl)) {
      throw example.wrong("label has a control character");
    }
    if (example.text().isBlank()) {
      throw example.wrong("no text after the tab");
    }
    return example;
  }
}
