package org.adaptivesoftmax.text;

import java.util.List;
import java.util.function.Consumer;

/** A corpus of given lines. */
record LinesCorpus(List<String> lines) implements Corpus {
  static LinesCorpus of(String... lines) {
    return new LinesCorpus(List.of(lines));
  }

  @Override
  public String name() {
    return "lines";
  }

  @Override
  public void forEachLine(Consumer<String> action) {
    lines.forEach(action);
  }
}
