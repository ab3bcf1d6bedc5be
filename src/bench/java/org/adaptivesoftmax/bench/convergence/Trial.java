package org.adaptivesoftmax.bench.convergence;

import java.util.Locale;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;

/**
 * What a training is given.
 *
 * @param words of the vocabulary, the most frequent; 0 for all
 * @param softmax the output layer
 * @param rate learning rate of the first step; that of the last is a tenth
 * @param epochs passes over the text
 * @param seed of every random choice
 */
public record Trial(int words, Softmax softmax, double rate, int epochs, long seed) {
  Trial withRate(double value) {
    return new Trial(words, softmax, value, epochs, seed);
  }

  Trial withEpochs(int count) {
    return new Trial(words, softmax, rate, count, seed);
  }

  Trial withSeed(long value) {
    return new Trial(words, softmax, rate, epochs, value);
  }

  /** A name for files. */
  String key() {
    return "%s-%s-%s-%s-%s".formatted(words, layer(), rate, epochs, seed);
  }

  String layer() {
    return softmax.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "%s, %s softmax, rate %s, %s epochs, seed %s"
        .formatted(words == 0 ? "all words" : words + " words", layer(), rate, epochs, seed);
  }
}
