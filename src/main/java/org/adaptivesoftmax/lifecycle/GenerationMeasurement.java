package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.inference.Sampling;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;

/**
 * Generates texts by a model, each from its beginning, and measures them beside as many real ones.
 *
 * @param temperatures at which texts are drawn; none measures nothing
 * @param samples how many texts at each
 * @param seed of what is drawn
 */
record GenerationMeasurement(List<Double> temperatures, int samples, long seed) {
  /** Where a generated text stops that did not end before, and a real one is cut off. */
  static final int MOST_WORDS = 30;

  /**
   * Measures a model.
   *
   * @param corpus that real texts are chosen from
   * @return first of real texts, then of each temperature's
   */
  List<GenerationFigures> of(PublishedLanguageModel model, Corpus corpus) throws IOException {
    List<GenerationFigures> all = new ArrayList<>();
    if (temperatures.isEmpty()) {
      return all;
    }
    ClusteredVocabulary words = ClusteredVocabulary.of(model);
    all.add(new GenerationFigures(null, TextFigures.of(real(corpus), words::cluster)));
    try (SavedLanguageModel saved = SavedLanguageModel.load(model.version())) {
      for (double temperature : temperatures) {
        Sampling sampling =
            Sampling.builder()
                .count(samples)
                .temperature(temperature)
                .seed(seed)
                .maxWords(MOST_WORDS)
                .build();
        List<List<String>> texts =
            saved.sample("", sampling).stream().map(Tokenizer::words).toList();
        boolean silent = texts.stream().allMatch(List::isEmpty);
        all.add(
            new GenerationFigures(
                temperature, silent ? null : TextFigures.of(texts, words::cluster)));
      }
    }
    return all;
  }

  /** Lines of the corpus, each with the same chance (Vitter's algorithm R), cut off as generated texts are. */
  List<List<String>> real(Corpus corpus) throws IOException {
    List<List<String>> chosen = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    long[] met = new long[1];
    corpus.forEachLine(
        line -> {
          List<String> words = Tokenizer.words(line);
          if (!words.isEmpty()) {
            long place = random.nextLong(++met[0]);
            List<String> kept = List.copyOf(words.subList(0, Math.min(MOST_WORDS, words.size())));
            if (chosen.size() < samples) {
              chosen.add(kept);
            } else if (place < samples) {
              chosen.set((int) place, kept);
            }
          }
        });
    return chosen;
  }
}
