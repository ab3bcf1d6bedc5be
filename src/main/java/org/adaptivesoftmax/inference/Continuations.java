package org.adaptivesoftmax.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.adaptivesoftmax.text.Vocabulary;

/** Continues a text word by word, by chance. */
final class Continuations {
  /** Continuations drawn together: what bounds the memory, [together, vocabulary]. */
  private static final int TOGETHER = 16;

  private final Vocabulary vocabulary;
  private final Function<List<String>, List<float[]>> nextLogProbs;
  private final Sampling sampling;

  /** One continuation with a random sequence of its own, so that it does not depend on the others. */
  private static final class Drawn {
    private final StringBuilder words = new StringBuilder();
    private final SplittableRandom random;
    private boolean ended;

    Drawn(SplittableRandom random) {
      this.random = random;
    }
  }

  /**
   * @param nextLogProbs gives the log-probability of every next word, by rank, for each text
   */
  Continuations(
      Vocabulary vocabulary,
      Function<List<String>, List<float[]>> nextLogProbs,
      Sampling sampling) {
    this.vocabulary = vocabulary;
    this.nextLogProbs = nextLogProbs;
    this.sampling = sampling;
  }

  List<String> of(String text) {
    SplittableRandom seeds = new SplittableRandom(sampling.seed());
    List<String> continuations = new ArrayList<>();
    while (continuations.size() < sampling.count()) {
      List<Drawn> group = new ArrayList<>();
      int size = Math.min(TOGETHER, sampling.count() - continuations.size());
      for (int i = 0; i < size; i++) {
        group.add(new Drawn(seeds.split()));
      }
      continueAll(text, group);
      group.forEach(done -> continuations.add(done.words.toString()));
    }
    return continuations;
  }

  private void continueAll(String text, List<Drawn> group) {
    List<Drawn> open = group;
    for (int length = 0; length < sampling.maxWords() && !open.isEmpty(); length++) {
      List<float[]> logProbs =
          nextLogProbs.apply(open.stream().map(some -> text + " " + some.words).toList());
      for (int i = 0; i < open.size(); i++) {
        append(open.get(i), logProbs.get(i));
      }
      open = open.stream().filter(some -> !some.ended).toList();
    }
  }

  private void append(Drawn drawn, float[] logProbs) {
    int rank = sampling.draw(logProbs, vocabulary.unknownRank(), drawn.random);
    if (rank == vocabulary.boundaryRank()) {
      drawn.ended = true;
    } else {
      drawn.words.append(drawn.words.isEmpty() ? "" : " ").append(vocabulary.word(rank));
    }
  }
}
