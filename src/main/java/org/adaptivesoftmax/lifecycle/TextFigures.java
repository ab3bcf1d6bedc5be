package org.adaptivesoftmax.lifecycle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How varied texts are. Empty texts are left out.
 *
 * @param texts how many have a word
 * @param words in all of them
 * @param distinct for n = 1, 2, 3: distinct n-grams of all texts / n-grams of all texts (Li, Galley, Brockett, Gao and Dolan, "A
 *     Diversity-Promoting Objective Function for Neural Conversation Models", NAACL 2016, who divide by the tokens for every n);
 *     null where no text has n words
 * @param repetition share of the words that are among the {@value #WINDOW} words before them in the same text (Welleck et al.,
 *     "Neural Text Generation with Unlikelihood Training", ICLR 2020: rep/16)
 * @param selfBleu mean BLEU-4 of each text with all others as its references (Zhu et al., "Texygen", SIGIR 2018; Papineni et al.,
 *     ACL 2002): high for texts that are alike. A text shorter than four words has as many orders as words; an order without a
 *     match counts 0.1 matches (Chen and Cherry 2014, method 1). Null for fewer than two texts
 * @param tail share of the words known to the model that are in one of its tail clusters
 * @param unknown share of the words that the model does not know
 */
public record TextFigures(
    int texts,
    long words,
    List<@Nullable Double> distinct,
    double repetition,
    @Nullable Double selfBleu,
    double tail,
    double unknown) {
  /** How far back a repeated word is looked for. */
  static final int WINDOW = 16;

  private static final int ORDERS = 4;
  private static final double SMOOTHING = 0.1;

  /**
   * Measures texts.
   *
   * @param texts each as its words
   * @param cluster of a word in the model, 0 for the shortlist; empty if the model does not know it
   * @return the figures
   * @throws IllegalArgumentException if no text has a word
   */
  static TextFigures of(List<List<String>> texts, Function<String, OptionalInt> cluster) {
    List<List<String>> some = texts.stream().filter(text -> !text.isEmpty()).toList();
    long words = some.stream().mapToLong(List::size).sum();
    if (words == 0) {
      throw new IllegalArgumentException("no text has a word: %s texts".formatted(texts.size()));
    }
    List<@Nullable Double> distinct = new ArrayList<>();
    for (int n = 1; n < ORDERS; n++) {
      distinct.add(distinct(some, n));
    }
    List<OptionalInt> clusters = some.stream().flatMap(List::stream).map(cluster).toList();
    long known = clusters.stream().filter(OptionalInt::isPresent).count();
    long tail = clusters.stream().filter(place -> place.orElse(0) > 0).count();
    return new TextFigures(
        some.size(),
        words,
        Collections.unmodifiableList(distinct),
        repetition(some, words),
        some.size() < 2 ? null : selfBleu(some),
        known == 0 ? 0 : (double) tail / known,
        1 - (double) known / words);
  }

  private static List<List<String>> grams(List<String> text, int n) {
    return IntStream.rangeClosed(0, text.size() - n)
        .mapToObj(start -> text.subList(start, start + n))
        .toList();
  }

  static @Nullable Double distinct(List<List<String>> texts, int n) {
    Set<List<String>> seen = new HashSet<>();
    long all = 0;
    for (List<String> text : texts) {
      List<List<String>> grams = grams(text, n);
      all += grams.size();
      seen.addAll(grams);
    }
    return all == 0 ? null : (double) seen.size() / all;
  }

  private static double repetition(List<List<String>> texts, long words) {
    long repeated = 0;
    for (List<String> text : texts) {
      for (int i = 0; i < text.size(); i++) {
        repeated += text.subList(Math.max(0, i - WINDOW), i).contains(text.get(i)) ? 1 : 0;
      }
    }
    return (double) repeated / words;
  }

  /** The most that one text has of an n-gram, and the most that another one has. */
  private static final class Most {
    private int text = -1;
    private int count;
    private int second;

    void add(int ofText, int times) {
      if (times > count) {
        second = count;
        count = times;
        text = ofText;
      } else {
        second = Math.max(second, times);
      }
    }

    int without(int ofText) {
      return ofText == text ? second : count;
    }
  }

  /** By Papineni et al.: the geometric mean of the clipped precisions, times a penalty for texts shorter than their references. */
  static double selfBleu(List<List<String>> texts) {
    double[] logBleu = new double[texts.size()];
    for (int text = 0; text < texts.size(); text++) {
      logBleu[text] = logBrevity(texts, text);
    }
    for (int n = 1; n <= ORDERS; n++) {
      addPrecisions(texts, n, logBleu);
    }
    return Arrays.stream(logBleu).map(Math::exp).average().orElseThrow();
  }

  private static void addPrecisions(List<List<String>> texts, int n, double[] logBleu) {
    List<Map<List<String>, Integer>> counts = new ArrayList<>();
    Map<List<String>, Most> most = new HashMap<>();
    for (int text = 0; text < texts.size(); text++) {
      Map<List<String>, Integer> own = new HashMap<>();
      grams(texts.get(text), n).forEach(gram -> own.merge(gram, 1, Integer::sum));
      int place = text;
      own.forEach((gram, times) -> most.computeIfAbsent(gram, g -> new Most()).add(place, times));
      counts.add(own);
    }
    for (int text = 0; text < texts.size(); text++) {
      int words = texts.get(text).size();
      if (words >= n) {
        long matched = 0;
        for (Map.Entry<List<String>, Integer> gram : counts.get(text).entrySet()) {
          Most others = Objects.requireNonNull(most.get(gram.getKey()));
          matched += Math.min(gram.getValue(), others.without(text));
        }
        double precision = (matched == 0 ? SMOOTHING : matched) / (words - n + 1);
        logBleu[text] += Math.log(precision) / Math.min(ORDERS, words);
      }
    }
  }

  /** min(0, 1 − reference length / length), by the reference whose length is nearest, of two the shorter. */
  private static double logBrevity(List<List<String>> texts, int of) {
    int length = texts.get(of).size();
    int nearest = -1;
    for (int text = 0; text < texts.size(); text++) {
      int other = texts.get(text).size();
      int off = Math.abs(other - length);
      int best = Math.abs(nearest - length);
      if (text != of && (nearest < 0 || off < best || (off == best && other < nearest))) {
        nearest = other;
      }
    }
    return Math.min(0, 1 - (double) nearest / length);
  }
}
