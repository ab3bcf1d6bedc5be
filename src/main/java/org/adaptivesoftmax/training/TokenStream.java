package org.adaptivesoftmax.training;

import java.util.Arrays;
import org.adaptivesoftmax.internal.io.Require;

/**
 * A text as one stream of word ids, cut into {@code batch} parallel streams and those into windows of up to {@code
 * steps} time steps, for truncated backpropagation: window w + 1 goes on where window w ended, in every row of the batch.
 *
 * <p>At each time step the input is a word and the target the word after it. The arrays of a {@link Window} are
 * time-major: element t · batch + b is time step t of stream b.
 */
final class TokenStream {
  /** The target where a window has no word left; to be left out of every sum. */
  static final int NO_TARGET = -1;

  private final int[] words;
  private final int boundary;
  private final int batch;
  private final int steps;
  private final int firstOwn;
  private final int own;

  /**
   * One step's batch.
   *
   * @param inputs time · batch word ids
   * @param targets the word after each
   * @param time number of time steps
   */
  @SuppressWarnings("ArrayRecordComponent") // A view for one training step, never compared.
  record Window(int[] inputs, int[] targets, int time) {}

  /**
   * @param words the text; not copied
   * @param boundary the word that precedes the first one, the sentence boundary
   * @throws IllegalArgumentException if an argument is out of its range
   */
  TokenStream(int[] words, int boundary, int batch, int steps) {
    Require.argument(batch >= 1, "batch must be at least 1: %s", batch);
    Require.argument(steps >= 1, "steps must be at least 1: %s", steps);
    this.words = words;
    this.boundary = boundary;
    this.batch = batch;
    this.steps = steps;
    this.firstOwn = 0;
    this.own = batch;
  }

  private TokenStream(TokenStream whole, int firstOwn, int own) {
    this.words = whole.words;
    this.boundary = whole.boundary;
    this.batch = whole.batch;
    this.steps = whole.steps;
    this.firstOwn = firstOwn;
    this.own = own;
  }

  /**
   * A replica's part: with N replicas of b streams each, the text is cut into N · b, and each replica has b of them. So that
   * all together learn what one with N · b streams would.
   */
  static TokenStream ofReplica(int[] words, int boundary, int batch, int steps, Replica replica) {
    int all = Math.multiplyExact(batch, replica.count());
    return new TokenStream(
        new TokenStream(words, boundary, all, steps), batch * replica.index(), batch);
  }

  /** Number of words. */
  int size() {
    return words.length;
  }

  /**
   * Number of windows of full length. What remains at the end of each stream, less than a window, is left out.
   *
   * @throws IllegalArgumentException if the text is too short for one window
   */
  int trainingWindows() {
    int windows = words.length / batch / steps;
    Require.argument(
        windows >= 1,
        "the text has %d words, one window needs %d (batch %d × steps %d)",
        words.length,
        (long) batch * steps,
        batch,
        steps);
    return windows;
  }

  /** A window of full length, counted from 0. */
  Window trainingWindow(int index) {
    return window(words.length / batch, index);
  }

  /** Number of windows that hold every word as a target just once. */
  int evaluationWindows() {
    return (longestStream() + steps - 1) / steps;
  }

  /** One of {@link #evaluationWindows}, counted from 0; the last may be shorter. */
  Window evaluationWindow(int index) {
    return window(longestStream(), index);
  }

  private int longestStream() {
    return (words.length + batch - 1) / batch;
  }

  private Window window(int streamLength, int index) {
    int first = index * steps;
    int time = Math.min(steps, streamLength - first);
    int[] inputs = new int[time * own];
    int[] targets = new int[time * own];
    Arrays.fill(inputs, boundary);
    Arrays.fill(targets, NO_TARGET);
    for (int stream = 0; stream < own; stream++) {
      for (int t = 0; t < time; t++) {
        long position = (long) (firstOwn + stream) * streamLength + first + t;
        if (position < words.length) {
          int at = t * own + stream;
          targets[at] = words[(int) position];
          inputs[at] = position == 0 ? boundary : words[(int) position - 1];
        }
      }
    }
    return new Window(inputs, targets, time);
  }
}
