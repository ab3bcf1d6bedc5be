package org.adaptivesoftmax.text;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/** The lines of a corpus that belong to one part. */
record CorpusPart(Corpus whole, Split split) implements Corpus {
  @Override
  public String name() {
    return whole.name() + ", " + split.name().toLowerCase(Locale.ROOT) + " part";
  }

  @Override
  public void forEachLine(Consumer<String> action) throws IOException {
    whole.forEachLine(
        line -> {
          if (Split.of(line) == split) {
            action.accept(line);
          }
        });
  }
}
