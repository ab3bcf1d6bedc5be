package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.List;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;

/** Whether a text can tell anything of models: known before it is scored. */
final class KnownText {
  private KnownText() {}

  /**
   * Checks a text.
   *
   * @throws IllegalArgumentException if fewer than two of its lines have a word, or a model knows none of its words
   */
  static void require(Corpus corpus, List<PublishedLanguageModel> models) throws IOException {
    long[] lines = new long[1];
    boolean[] known = new boolean[models.size()];
    corpus.forEachLine(
        line -> {
          List<String> words = Tokenizer.words(line);
          lines[0] += words.isEmpty() ? 0 : 1;
          for (int i = 0; i < known.length; i++) {
            known[i] = known[i] || words.stream().anyMatch(models.get(i).vocabulary()::contains);
          }
        });
    Require.argument(
        lines[0] >= 2,
        "%s: at least 2 lines must have a word, as intervals are found by resampling lines: %s",
        corpus.name(),
        lines[0]);
    for (int i = 0; i < known.length; i++) {
      Require.argument(
          known[i], "%s: no word is known to the model %s", corpus.name(), models.get(i).version());
    }
  }
}
