package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.Locale;

/** The examples of a corpus whose texts belong to one split. */
record LabelledPart(LabelledCorpus whole, Split split) implements LabelledCorpus {
  @Override
  public String name() {
    return whole.name() + ", " + split.name().toLowerCase(Locale.ROOT) + " split";
  }

  @Override
  public void forEachExample(Action action) throws IOException {
    boolean[] none = {true};
    whole.forEachExample(
        example -> {
          if (Split.of(example.text()) == split) {
            none[0] = false;
            action.accept(example);
          }
        });
    if (none[0]) {
      throw new TextFileException(name() + ": no example");
    }
  }
}
