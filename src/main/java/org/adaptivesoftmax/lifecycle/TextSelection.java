package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * The part of a text that a short training learns from. Most of it is what is newest to the old model, by the mean over the words of
 * log(p<sub>more</sub>(word) / p<sub>old</sub>(word)), the difference of two unigram models' cross-entropies (Moore and Lewis,
 * "Intelligent selection of language model training data", ACL 2010), where p<sub>more</sub> is of the counts by which today's are
 * above the old ones; the rest is chosen by chance, so that what the model knew is
 * not forgotten. Blocks of consecutive lines are chosen and stay in their order: a model that reads line after line has learned that
 * one line has to do with the next, and single lines, shuffled, make it forget that.
 */
final class TextSelection {
  /** The share of the words that is chosen by novelty. */
  private static final double NEWEST = 0.6;

  /** Lines of a block: enough for what the recurrent part learns from line to line, few enough to be of one kind. */
  private static final int LINES = 8;

  /** Added to each count, so that no logarithm is of 0. */
  private static final double UNSEEN = 0.5;

  private final Vocabulary older;
  private final Vocabulary newer;

  /** How many of the older counts are expected among the newer ones: all, if these are as many or more. */
  private final double kept;

  TextSelection(Vocabulary older, Vocabulary newer) {
    this.older = older;
    this.newer = newer;
    double before = Arrays.stream(older.counts()).sum();
    double now = Arrays.stream(newer.counts()).sum();
    kept = older.hasCounts() ? Math.min(1, now / before) : 0;
  }

  /** Consecutive lines of the text, by the number of the block. */
  private static final class Block {
    private final int number;
    private int words;
    private double novelty;

    Block(int number) {
      this.number = number;
    }
  }

  /**
   * Chooses lines.
   *
   * @param corpus text to choose from
   * @param words how many to choose, about; all of them if the corpus has no more
   * @return the chosen lines in ranks of the newer vocabulary, each followed by the boundary, in their order
   */
  int[] choose(Corpus corpus, long words, long seed) throws IOException {
    List<Block> blocks = blocks(corpus);
    boolean[] chosen = new boolean[blocks.get(blocks.size() - 1).number + 1];
    blocks.sort((a, b) -> Double.compare(b.novelty / b.words, a.novelty / a.words));
    long taken = take(blocks, chosen, (long) (NEWEST * words));
    Collections.shuffle(blocks, new Random(seed));
    take(blocks, chosen, words - taken);
    List<int[]> encoded = new ArrayList<>();
    Encoder encoder = Encoder.forTraining(newer);
    int[] line = new int[1];
    corpus.forEachLine(
        text -> {
          if (chosen[line[0]++ / LINES]) {
            encoded.add(encoder.encode(text));
          }
        });
    return encoded.stream().flatMapToInt(Arrays::stream).toArray();
  }

  private List<Block> blocks(Corpus corpus) throws IOException {
    List<Block> blocks = new ArrayList<>();
    int[] line = new int[1];
    corpus.forEachLine(
        text -> {
          if (line[0]++ % LINES == 0) {
            blocks.add(new Block(blocks.size()));
          }
          Block block = blocks.get(blocks.size() - 1);
          for (String word : Tokenizer.words(text)) {
            block.novelty += novelty(word);
            block.words++;
          }
        });
    blocks.removeIf(block -> block.words == 0);
    return blocks;
  }

  private static long take(List<Block> blocks, boolean[] chosen, long words) {
    long taken = 0;
    for (Block block : blocks) {
      if (taken < words && !chosen[block.number]) {
        chosen[block.number] = true;
        taken += block.words;
      }
    }
    return taken;
  }

  private double novelty(String word) {
    double before = older.contains(word) ? older.count(older.rank(word)) : 0;
    double now = newer.contains(word) ? newer.count(newer.rank(word)) : 0;
    double more = Math.max(0, now - kept * before);
    return Math.log(more + UNSEEN) - Math.log(before + UNSEEN);
  }
}
