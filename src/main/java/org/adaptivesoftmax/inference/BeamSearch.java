package org.adaptivesoftmax.inference;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * Searches the continuations of highest score, breadth first: of all continuations by one word more, as many as the beam is
 * wide are pursued. One call of the model per word serves them all.
 */
final class BeamSearch {
  private static final Comparator<Continuation> BEST_FIRST =
      Comparator.comparingDouble(Continuation::score).reversed();

  private final NextWords model;
  private final int vocabulary;
  private final BeamOptions options;

  /** The most probable next words. */
  @FunctionalInterface
  interface NextWords {
    /** The k most probable next words of each text, best first. */
    List<List<NextWord>> next(List<String> texts, int k);
  }

  /** A continuation that did not end yet. */
  private record Open(String words, double logProb) {
    Open followedBy(NextWord next) {
      String longer = words.isEmpty() ? next.word() : words + " " + next.word();
      return new Open(longer, logProb + next.logProb());
    }
  }

  /**
   * @param vocabulary number of words
   */
  BeamSearch(NextWords model, int vocabulary, BeamOptions options) {
    this.model = model;
    this.vocabulary = vocabulary;
    this.options = options;
  }

  /** The best continuations, best first. */
  List<Continuation> of(String text) {
    List<Continuation> done = new ArrayList<>();
    List<Open> open = List.of(new Open("", 0));
    for (int length = 1; length <= options.maxWords() && !open.isEmpty(); length++) {
      open = extended(text, open, length, done);
      keepBest(done);
      open = withHope(open, done);
    }
    for (Open longest : open) {
      done.add(finished(longest, options.maxWords(), false));
    }
    keepBest(done);
    return List.copyOf(done);
  }

  /** The best continuations by one word more. Those that end here are added to the finished ones. */
  private List<Open> extended(String text, List<Open> open, int length, List<Continuation> done) {
    List<String> texts = open.stream().map(some -> text + " " + some.words).toList();
    // Beside the words that may be pursued, the two entries that are none.
    int k = Math.min(options.width() + 2, vocabulary);
    List<List<NextWord>> next = model.next(texts, k);
    List<Open> longer = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      for (NextWord word : next.get(i)) {
        Open followed = open.get(i).followedBy(word);
        if (word.word().equals(Vocabulary.BOUNDARY)) {
          Open ended = new Open(open.get(i).words, followed.logProb);
          done.add(finished(ended, length, true));
        } else if (!word.word().equals(Vocabulary.UNKNOWN)) {
          longer.add(followed);
        }
      }
    }
    longer.sort(Comparator.comparingDouble(Open::logProb).reversed());
    return longer.stream().limit(options.width()).toList();
  }

  private Continuation finished(Open continuation, int length, boolean ended) {
    double logProb = continuation.logProb;
    return new Continuation(continuation.words, logProb, options.score(logProb, length), ended);
  }

  private void keepBest(List<Continuation> done) {
    done.sort(BEST_FIRST);
    done.subList(Math.min(done.size(), options.width()), done.size()).clear();
  }

  /** Those that may still beat a finished one: a longer continuation is less probable, and weighs least at full length. */
  private List<Open> withHope(List<Open> open, List<Continuation> done) {
    if (done.size() < options.width()) {
      return open;
    }
    double worst = done.get(done.size() - 1).score();
    return open.stream()
        .filter(some -> options.score(some.logProb, options.maxWords()) > worst)
        .toList();
  }
}
