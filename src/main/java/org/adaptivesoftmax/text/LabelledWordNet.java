package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.UncheckedIOException;

/** WordNet's definitions, each with its lexicographer file. */
record LabelledWordNet(WordNet wordNet) implements LabelledCorpus {
  @Override
  public String name() {
    return wordNet.name();
  }

  @Override
  public void forEachExample(Action action) throws IOException {
    long[] number = {0};
    try {
      wordNet.forEachSynset(
          synset ->
              accept(
                  action,
                  new Example(synset.lexicographerName(), synset.gloss(), name(), ++number[0])));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void accept(Action action, Example example) {
    try {
      action.accept(example);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
