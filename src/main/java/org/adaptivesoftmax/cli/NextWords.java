package org.adaptivesoftmax.cli;

import java.util.List;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * The next words that are offered to a reader.
 *
 * @param model what knows them
 * @param all whether the unknown word and the end of a sentence are among them, which stand in no text
 */
record NextWords(SavedLanguageModel model, boolean all) {
  private static final List<String> NOT_OFFERED = List.of(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY);

  /** How many there are. */
  int count() {
    return model.vocabulary().size() - (all ? 0 : NOT_OFFERED.size());
  }

  /**
   * The most probable, best first, with the model's own probabilities.
   *
   * @param texts any number of texts
   * @param k in 1..{@link #count()}
   */
  List<List<NextWord>> of(List<String> texts, int k) {
    if (all) {
      return model.next(texts, k);
    }
    return model.next(texts, k + NOT_OFFERED.size()).stream()
        .map(
            words ->
                words.stream().filter(next -> !NOT_OFFERED.contains(next.word())).limit(k).toList())
        .toList();
  }
}
